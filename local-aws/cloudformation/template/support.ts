import { AwsError, notSupported } from '../../errors.ts';
import type { ResourceProvider } from '../resource-provider.ts';
import { type Template, validationError } from './template.ts';

/** Finds the provider of a resource type. */
export type ProviderLookup = (type: string) => ResourceProvider | undefined;

/** A lookup by the exact type first, then by a prefix that ends in `::`. */
export function providerLookup(providers: readonly ResourceProvider[]): ProviderLookup {
  const byType = new Map(providers.map((provider) => [provider.type, provider]));
  const prefixes = providers.filter(({ type }) => type.endsWith('::'));
  return (type) => byType.get(type) ?? prefixes.find((provider) => type.startsWith(provider.type));
}

/**
 * Checks that every resource type and property of a template is known here.
 *
 * @param isActive whether a resource is made at all: what its condition leaves out needs to be known to AWS only
 * @throws AwsError NotSupportedByLocalAws naming the type or property and the resource
 */
export function checkSupport(
  template: Template,
  lookup: ProviderLookup,
  isActive: (logicalId: string) => boolean,
): void {
  for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
    const provider = lookup(Type);
    if (Type.startsWith('AWS::') && !isActive(logicalId)) continue;
    if (!provider) {
      throw /^(AWS|Alexa|Custom)::/.test(Type)
        ? notSupported(`the resource type ${Type} (resource ${logicalId})`)
        : validationError(`Template format error: Unrecognized resource types: [${Type}]`);
    }
    const unknown = Object.keys(Properties ?? {}).find((name) => provider.properties?.includes(name) === false);
    if (unknown !== undefined) throw notSupported(`the property ${unknown} of ${Type} (resource ${logicalId})`);
  }
}

/** The types that need a capability, each with the property that gives it a name of the customer's choice. */
const iamTypes: Readonly<Record<string, string | undefined>> = {
  'AWS::IAM::AccessKey': undefined,
  'AWS::IAM::Group': 'GroupName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Policy': undefined,
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
  'AWS::IAM::UserToGroupAddition': undefined,
};

/**
 * Checks that the caller acknowledges what the template does to IAM.
 *
 * @throws AwsError InsufficientCapabilitiesException
 */
export function checkCapabilities(template: Template, given: readonly string[]): void {
  const iam = Object.values(template.Resources).filter(({ Type }) => Object.hasOwn(iamTypes, Type));
  const named = iam.some(({ Type, Properties }) => Properties?.[iamTypes[Type] ?? ''] !== undefined);
  const needed = named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
  if (iam.length === 0 || given.includes('CAPABILITY_NAMED_IAM') || given.includes(needed)) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}
