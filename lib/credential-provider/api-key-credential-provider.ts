import {
  CfnOutput,
  type CfnResource,
  CrossStackReferences,
  CustomResource,
  Duration,
  Fn,
  type ITaggableV2,
  Lazy,
  Names,
  ReferenceStrength,
  RemovalPolicy,
  Stack,
  TagManager,
  TagType,
  Token,
} from 'aws-cdk-lib';
import type { GatewayApiKeyIdentityBinding } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { serviceTimeout } from '../custom-resource/timeouts.ts';
import { SettingsError } from '../settings-error.ts';
import { ApiKeyCredentialProviderBase, type IApiKeyCredentialProvider } from './credential-provider-base.ts';
import type { OwnedCredentialProvider } from './credential-provider-in-use.ts';
import type { CredentialSource } from './credential-source.ts';
import { createHandler } from './handler-function.ts';
import { type ApiKeyCredentialProviderAttributes, ImportedCredentialProvider } from './imported-credential-provider.ts';
import { isOfOtherAccount, outputPoliciesOfOtherAccount, readerRoleTag } from './other-account.ts';
import { createRefreshRule } from './refresh-rule.ts';
import {
  type CredentialProviderAttributes,
  type CredentialProviderProperties,
  tags as ownerTags,
  resourceTypes,
} from './resource-properties.ts';
import { waysToName } from './secret-id.ts';

export interface ApiKeyCredentialProviderProps {
  /**
   * The secret, and whether the provider refers to it or keeps a copy. Between these two a change needs another name too;
   * for a change of the secret it is better: then the agent gets its key all the while.
   */
  readonly source: CredentialSource;
  /**
   * 1 to 128 letters, digits and hyphens; unique in account and Region. A change replaces the credential provider.
   *
   * @default a name made of the construct's path and the source, so that another source replaces the provider
   */
  readonly credentialProviderName?: string;
  /**
   * Take over a credential provider of this name that somebody else made. It is left when the resource is deleted, unless
   * `removalPolicy` says otherwise.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;
  /**
   * What becomes of the credential provider when the resource is deleted or replaced: DESTROY or RETAIN.
   *
   * @default what we made is deleted, what was adopted is left
   */
  readonly removalPolicy?: RemovalPolicy;
  /** Tags of the credential provider, beside those that mark its owner and those of `Tags.of(…)`. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** AWS allows fifty, and the handler sets some itself. */
const mostTags = 50 - Object.keys(ownerTags).length;

/**
 * An AgentCore credential provider of an API key in Secrets Manager, with a lifecycle that needs no repairs: it is checked
 * before anything is made, owned by tags, refreshed when its secret changes, and replaced without a gap.
 */
export class ApiKeyCredentialProvider
  extends ApiKeyCredentialProviderBase
  implements OwnedCredentialProvider, ITaggableV2
{
  readonly credentialProviderName: string;
  readonly credentialProviderArn: string;
  /** Complete ARN of the secret that the key comes from. */
  readonly secretArn: string;
  /** Complete ARN of the secret that AgentCore reads: the source, or AgentCore's own copy. */
  readonly apiKeySecretArn: string;
  readonly formerCredentialProviderName: string;
  readonly formerApiKeySecretArn: string;
  readonly apiKeyEncryptionKeyArn: string | undefined;
  readonly description: string;
  readonly serviceToken: string;
  readonly ownerStackId: string;
  readonly ownerLogicalId: string;
  readonly roleTag: Readonly<Record<string, string>>;
  /** Events that the handler gave up, for two weeks. */
  readonly deadLetterQueue: Queue;
  /** In alarm for five minutes after each of them. It has no actions: add those that fit. */
  readonly alarm: Alarm;
  /** For `Tags.of(…)`. */
  readonly cdkTagManager: TagManager;
  protected readonly sourceSuffix: string;
  /** The L2 of the Gateway grants exactly this secret where it can read its ARN, and far more where it cannot. */
  readonly #literalApiKeySecretArn: string | undefined;
  #removalPolicy: RemovalPolicy | undefined;

  /** A credential provider that another app has made with this construct. */
  static fromApiKeyCredentialProviderAttributes(
    scope: Construct,
    id: string,
    attributes: ApiKeyCredentialProviderAttributes,
  ): IApiKeyCredentialProvider {
    return new ImportedCredentialProvider(scope, id, attributes);
  }

  /** @throws SettingsError for a secret or a setting that no credential provider could have */
  constructor(scope: Construct, id: string, props: ApiKeyCredentialProviderProps) {
    super(scope, id);
    const { source } = props;
    const otherAccount = isOfOtherAccount(this, source);
    const name = props.credentialProviderName ?? this.#defaultName(source);
    if (!Token.isUnresolved(name) && !/^[a-zA-Z0-9-]{1,128}$/.test(name)) {
      throw new SettingsError(`credentialProviderName: "${name}" must be 1 to 128 letters, digits and hyphens.`);
    }
    const [wrongTag] = problemsOfTags(props.tags ?? {});
    if (wrongTag !== undefined) throw new SettingsError(wrongTag);
    this.applyRemovalPolicy(props.removalPolicy);
    this.sourceSuffix = source.suffix(this);
    // AgentCore's own copy is encrypted with a key of AgentCore's.
    this.apiKeyEncryptionKeyArn = source.secretSource === 'EXTERNAL' ? source.encryptionKeyArn : undefined;
    const isKnownArn = source.isCompleteArn && !Token.isUnresolved(source.secretId);
    this.#literalApiKeySecretArn = isKnownArn && source.secretSource === 'EXTERNAL' ? source.secretId : undefined;
    this.roleTag = otherAccount === 'no' ? {} : readerRoleTag(this);

    const handler = createHandler(this, { credentialProviderName: name, source, roleTag: this.roleTag });
    this.serviceToken = handler.arn;
    this.deadLetterQueue = handler.deadLetterQueue;
    this.alarm = handler.alarm;
    const properties = {
      CredentialProviderName: name,
      SecretSource: source.secretSource,
      SecretId: source.secretId,
      ...(source.jsonKey !== undefined && { JsonKey: source.jsonKey }),
    } satisfies CredentialProviderProperties;
    const resource = new CustomResource(this, 'Resource', {
      resourceType: resourceTypes.credentialProvider,
      serviceToken: handler.lambda.functionArn,
      serviceTimeout: Duration.seconds(serviceTimeout),
      properties: {
        ...properties,
        ...(props.adoptExisting && { AdoptExisting: 'true' }),
        OnDelete: Lazy.string({ produce: () => onDelete[this.#removalPolicy ?? ''] }),
        Tags: Lazy.string({
          produce: () => {
            const tags = this.cdkTagManager.tagValues();
            return Object.keys(tags).length > 0 ? this.stack.toJsonString(tags) : undefined;
          },
        }),
      },
    });
    resource.node.addDependency(handler.role);
    // What an export says cannot change while another stack imports it, and all of it changes with the source.
    CrossStackReferences.of(resource).produce(ReferenceStrength.WEAK);
    // Where the name is `openai-${Aws.STACK_NAME}` or so, it has another value in other stacks: the id is that name.
    const isKnown = !Token.isUnresolved(name);
    this.credentialProviderName = isKnown ? name : resource.ref;
    this.description = `credential provider ${isKnown ? name : this.node.path}, ${source.description}`;
    const attribute = (attributeName: keyof CredentialProviderAttributes) => resource.getAttString(attributeName);
    this.credentialProviderArn = attribute('CredentialProviderArn');
    this.secretArn = attribute('SecretArn');
    this.apiKeySecretArn = attribute('ApiKeySecretArn');
    this.formerCredentialProviderName = attribute('FormerCredentialProviderName');
    this.formerApiKeySecretArn = attribute('FormerApiKeySecretArn');
    this.ownerStackId = weakStackId(this);
    this.ownerLogicalId = this.stack.getLogicalId(resource.node.defaultChild as CfnResource);

    const rule = createRefreshRule(this, 'SecretChanged', {
      handler,
      refresh: { ...properties, OwnerLogicalId: this.ownerLogicalId },
      secretArn: this.secretArn,
      secretIds: waysToName(this, source.secretId, source.secretName),
    });
    rule.node.addDependency(resource);
    this.cdkTagManager = new TagManager(TagType.MAP, resourceTypes.credentialProvider, { ...props.tags });
    this.node.addValidation({ validate: () => problemsOfTags(this.cdkTagManager.tagValues()) });
    if (otherAccount !== 'no') outputPoliciesOfOtherAccount(this, source, this.roleTag);
  }

  /**
   * What becomes of the credential provider when the resource is deleted or replaced.
   *
   * @throws SettingsError for anything but DESTROY and RETAIN
   */
  override applyRemovalPolicy(policy: RemovalPolicy | undefined): void {
    if (policy !== undefined && !Object.hasOwn(onDelete, policy)) {
      throw new SettingsError(`removalPolicy: "${policy}" is not allowed; allowed: destroy, retain.`);
    }
    this.#removalPolicy = policy;
  }

  override bindForGatewayApiKeyTarget(): GatewayApiKeyIdentityBinding {
    const { providerArn, secretArn } = super.bindForGatewayApiKeyTarget();
    return { providerArn, secretArn: this.#literalApiKeySecretArn ?? secretArn };
  }

  #defaultName(source: CredentialSource): string {
    const suffix = `-${source.suffix(this)}`;
    return Names.uniqueResourceName(this, { separator: '-', maxLength: 128 - suffix.length }) + suffix;
  }
}

const onDelete: Readonly<Record<string, CredentialProviderProperties['OnDelete']>> = {
  [RemovalPolicy.DESTROY]: 'Delete',
  [RemovalPolicy.RETAIN]: 'Retain',
};

/** A sentence for each tag that AWS or the handler would refuse. */
function problemsOfTags(tags: Readonly<Record<string, string>>): string[] {
  const known = Object.entries(tags).filter(([name, value]) => !Token.isUnresolved(name) && !Token.isUnresolved(value));
  const problems = known.flatMap(([name, value]) => {
    if (/^(aws|outbound-auth):/i.test(name)) {
      return [`tags: "${name}" is not allowed: names with aws: and outbound-auth: are reserved.`];
    }
    if (name.length < 1 || name.length > 128) return [`tags: "${name}" must have 1 to 128 characters.`];
    return value.length > 256 ? [`tags: the value of "${name}" must have at most 256 characters.`] : [];
  });
  const count = Object.keys(tags).length;
  if (count > mostTags) {
    problems.push(`tags: ${count} are too many; allowed: ${mostTags}, beside those of the owner.`);
  }
  return problems;
}

/** The id of the stack, which other stacks read from an output: only a resource can say that it is referred to weakly. */
function weakStackId(scope: Construct): string {
  const stack = Stack.of(scope);
  // The name of a nested stack is known to CloudFormation only.
  if (Token.isUnresolved(stack.stackName)) return stack.stackId;
  const output = new CfnOutput(scope, 'OwnerStackId', { value: stack.stackId });
  return Lazy.uncachedString({
    produce: ({ scope: user }) =>
      Stack.of(user) === stack ? stack.stackId : Fn.getStackOutput(stack.stackName, stack.getLogicalId(output)),
  });
}
