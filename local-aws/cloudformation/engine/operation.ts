import { randomBytes, randomUUID } from 'node:crypto';
import type { Aws } from '../../aws.ts';
import { AwsError } from '../../errors.ts';
import type { Principal } from '../../iam/principal.ts';
import type { Properties, ResourceContext, ResourceProvider } from '../resource-provider.ts';
import type { Configuration, EventOrigin, ResourceRecord, Stack } from '../stack.ts';
import { resolveSecrets, type SecretReference } from '../template/dynamic-references.ts';
import type { ProviderLookup } from '../template/support.ts';

/** One operation on one stack, under way. */
export class Operation implements EventOrigin {
  readonly id: string;
  readonly clientRequestToken?: string;
  readonly aws: Aws;
  readonly stack: Stack;
  /** Whose policies count for the resources. */
  readonly principal: Principal;
  readonly #lookup: ProviderLookup;

  constructor(start: {
    aws: Aws;
    stack: Stack;
    principal: Principal;
    lookup: ProviderLookup;
    clientRequestToken?: string;
  }) {
    this.id = randomUUID();
    this.aws = start.aws;
    this.stack = start.stack;
    this.principal = start.principal;
    this.#lookup = start.lookup;
    if (start.clientRequestToken !== undefined) this.clientRequestToken = start.clientRequestToken;
  }

  /** A rollback counts as an operation of its own, by the same caller. */
  successor(): Operation {
    return new Operation({
      aws: this.aws,
      stack: this.stack,
      principal: this.principal,
      lookup: this.#lookup,
      ...(this.clientRequestToken === undefined ? {} : { clientRequestToken: this.clientRequestToken }),
    });
  }

  provider(type: string): ResourceProvider {
    const provider = this.#lookup(type);
    if (!provider) throw new Error(`no provider for ${type}`);
    return provider;
  }

  /** What a provider is called with for one action on one resource. */
  context(
    { logicalId, type }: Pick<ResourceRecord, 'logicalId' | 'type'>,
    configuration: Configuration | undefined,
  ): ResourceContext {
    const { aws, stack, principal } = this;
    const random = randomName();
    return {
      aws,
      region: stack.region,
      stackName: stack.name,
      stackId: stack.id,
      logicalId,
      resourceType: type,
      stackTags: configuration?.tags ?? {},
      authorize: (action, resources, context) => aws.iam.authorize(principal, action, resources, context),
      generateName: (maxLength) =>
        `${stack.name}-${logicalId}`.slice(0, maxLength - random.length - 1).concat('-', random),
    };
  }

  /** Properties with the values of secrets in them: for the call of a provider, and kept nowhere. */
  withSecrets(properties: Properties): Properties {
    return resolveSecrets(properties, (reference) => this.#secretText(reference)) as Properties;
  }

  /** As `withSecrets`, where a secret that cannot be read any more must not stand in the way. */
  withSecretsIfReadable(properties: Properties): Properties {
    try {
      return this.withSecrets(properties);
    } catch {
      return properties;
    }
  }

  #secretText({ secretId, jsonKey, versionId, versionStage }: SecretReference): string {
    const { secretString } = this.aws.secrets.getValue(this.principal, this.stack.region, {
      secretId,
      ...(versionId === undefined ? {} : { versionId }),
      ...(versionStage === undefined ? {} : { versionStage }),
    });
    if (secretString === undefined) {
      throw new AwsError('ValidationError', `The secret ${secretId} has no SecretString to resolve.`);
    }
    if (jsonKey === undefined) return secretString;
    const value = jsonMember(secretString, jsonKey);
    if (value === undefined) {
      throw new AwsError(
        'ValidationError',
        `Could not find a value associated with JSONKey in SecretString (secret ${secretId}, key ${jsonKey})`,
      );
    }
    return value;
  }

  /** The reason that the stack's events give for an error of a provider. */
  reasonFor({ type }: Pick<ResourceRecord, 'type'>, error: unknown): string {
    if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) {
      this.aws.faults.push(error);
      return `local-aws has a bug: ${error.message}`;
    }
    const message = error instanceof Error ? error.message : String(error);
    const isCustom = type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
    if (isCustom || !(error instanceof AwsError) || error.code === 'ValidationError') return message;
    return `Resource handler returned message: "${message}" (RequestToken: ${randomUUID()}, HandlerErrorCode: ${handlerErrorCode(error)})`;
  }
}

/** The physical id that an error of a failed create carries, when something was made all the same. */
export function physicalIdOf(error: unknown): string | undefined {
  const physicalId = (error as { physicalId?: unknown } | undefined)?.physicalId;
  return typeof physicalId === 'string' ? physicalId : undefined;
}

function jsonMember(text: string, key: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(text) as Record<string, unknown>)[key];
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function handlerErrorCode({ code }: AwsError): string {
  if (code.startsWith('AccessDenied')) return 'AccessDenied';
  if (/AlreadyExists|Exists|Conflict/.test(code)) return 'AlreadyExists';
  if (/NotFound|NoSuchEntity/.test(code)) return 'NotFound';
  if (/Validation|Invalid|Malformed/.test(code)) return 'InvalidRequest';
  return code === 'NotSupportedByLocalAws' ? code : 'GeneralServiceException';
}

function randomName(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from(randomBytes(12), (byte) => letters[byte % letters.length]).join('');
}
