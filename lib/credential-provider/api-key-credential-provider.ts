import { type CfnResource, CustomResource, Duration, Lazy, Names, RemovalPolicy, Resource, Token } from 'aws-cdk-lib';
import type {
  GatewayApiKeyIdentityBinding,
  IApiKeyCredentialProvider as IAwsApiKeyCredentialProvider,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant, type IGrantable, type IPrincipal, type PolicyStatement, UnknownPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { agentCoreArns } from '../agentcore-arns.ts';
import { SettingsError } from '../settings-error.ts';
import type { CredentialSource } from './credential-source.ts';
import { createHandler } from './handler-function.ts';
import { isOfOtherAccount, outputPoliciesOfOtherAccount, readerRoleTag } from './other-account.ts';
import { createRefreshRule } from './refresh-rule.ts';
import {
  type CredentialProviderAttributes,
  type CredentialProviderProperties,
  tags as ownerTags,
  resourceTypes,
  serviceTimeout,
} from './resource-properties.ts';
import { waysToName } from './secret-id.ts';
import { type OutboundCredential, useStatements } from './use-statements.ts';

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
  /** Tags of the credential provider, beside those that mark its owner. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** How {@link ApiKeyCredentialProvider.grantUse} may be narrowed. */
export interface GrantUseOptions {
  /**
   * ARNs, or patterns, of the workload identities whose tokens the grantee gets the key with.
   *
   * @default every workload identity of the account and Region
   */
  readonly workloadIdentityArns?: readonly string[];
}

/** AWS allows fifty, and the handler sets some itself. */
const mostTags = 50 - Object.keys(ownerTags).length;

/**
 * An AgentCore credential provider of an API key in Secrets Manager, with a lifecycle that needs no repairs: it is checked
 * before anything is made, owned by tags, refreshed when its secret changes, and replaced without a gap.
 */
export class ApiKeyCredentialProvider extends Resource implements IAwsApiKeyCredentialProvider, OutboundCredential {
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
  readonly grantPrincipal: IPrincipal;
  /** ServiceToken for resources that the same handler serves. */
  readonly serviceToken: string;
  /** Logical id of the custom resource, by which the handler knows the owner. */
  readonly ownerLogicalId: string;
  /** Tags of the roles that another account's policies let read the secret; empty where the secret is of this account. */
  readonly roleTag: Readonly<Record<string, string>>;
  /** Refreshes that failed for good, for two weeks. */
  readonly deadLetterQueue: Queue;
  /** In alarm while there is one. It has no actions: add those that fit. */
  readonly alarm: Alarm;
  #removalPolicy: RemovalPolicy | undefined;

  /** @throws SettingsError for a secret or a setting that no credential provider could have */
  constructor(scope: Construct, id: string, props: ApiKeyCredentialProviderProps) {
    super(scope, id);
    const { source } = props;
    const name = props.credentialProviderName ?? this.#defaultName(source);
    if (!Token.isUnresolved(name) && !/^[a-zA-Z0-9-]{1,128}$/.test(name)) {
      throw new SettingsError(`credentialProviderName: "${name}" must be 1 to 128 letters, digits and hyphens.`);
    }
    this.applyRemovalPolicy(props.removalPolicy);
    this.credentialProviderName = name;
    this.description = `credential provider ${name}, ${source.description}`;
    this.grantPrincipal = new UnknownPrincipal({ resource: this });
    // AgentCore's own copy is encrypted with a key of AgentCore's.
    this.apiKeyEncryptionKeyArn = source.secretSource === 'EXTERNAL' ? source.encryptionKeyArn : undefined;
    const otherAccount = isOfOtherAccount(this, source);
    this.roleTag = otherAccount === 'no' ? {} : readerRoleTag(name);

    const handler = createHandler(this, { credentialProviderName: name, source, roleTag: this.roleTag });
    this.serviceToken = handler.lambda.functionArn;
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
        ...(props.tags && { Tags: tagsProperty(props.tags) }),
      },
    });
    resource.node.addDependency(handler.role);
    const attribute = (attributeName: keyof CredentialProviderAttributes) => resource.getAttString(attributeName);
    this.credentialProviderArn = attribute('CredentialProviderArn');
    this.secretArn = attribute('SecretArn');
    this.apiKeySecretArn = attribute('ApiKeySecretArn');
    this.formerCredentialProviderName = attribute('FormerCredentialProviderName');
    this.formerApiKeySecretArn = attribute('FormerApiKeySecretArn');
    this.ownerLogicalId = this.stack.getLogicalId(resource.node.defaultChild as CfnResource);

    const rule = createRefreshRule(this, 'SecretChanged', {
      handler,
      refresh: { ...properties, OwnerLogicalId: this.ownerLogicalId },
      secretArn: this.secretArn,
      secretIds: waysToName(this, source.secretId, source.secretName),
    });
    rule.node.addDependency(resource);
    if (otherAccount !== 'no') outputPoliciesOfOtherAccount(this, name, source);
  }

  get apiKeyCredentialProviderRef() {
    return { credentialProviderArn: this.credentialProviderArn };
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

  /** Grants actions on this provider and the token vault, against which AWS authorizes them too. */
  grant(grantee: IGrantable, ...actions: string[]): Grant {
    const resourceArns = [agentCoreArns(this).tokenVault, this.#arnForPolicies];
    return Grant.addToPrincipal({ grantee, actions, resourceArns });
  }

  /** Grants reading what the provider is, which shows no key, and listing the providers of the account and Region. */
  grantRead(grantee: IGrantable): Grant {
    const arns = agentCoreArns(this);
    const list = Grant.addToPrincipal({
      grantee,
      actions: ['bedrock-agentcore:ListApiKeyCredentialProviders'],
      resourceArns: [arns.tokenVault, arns.credentialProvider('*')],
    });
    return this.grant(grantee, 'bedrock-agentcore:GetApiKeyCredentialProvider').combine(list);
  }

  /** Grants changing and deleting the provider. What it does to the secret is granted to nobody but the handler. */
  grantAdmin(grantee: IGrantable): Grant {
    return this.grant(
      grantee,
      ...['Create', 'Get', 'Update', 'Delete'].map((verb) => `bedrock-agentcore:${verb}ApiKeyCredentialProvider`),
    );
  }

  /**
   * Grants getting the key: `GetResourceApiKey`, and reading the one secret that AgentCore reads for it; after a
   * replacement also of the provider before, which open sessions still use.
   */
  grantUse(grantee: IGrantable, options: GrantUseOptions = {}): Grant {
    const workloadIdentityArns = options.workloadIdentityArns ?? [agentCoreArns(this).workloadIdentity('*')];
    const grants = useStatements(this, this, workloadIdentityArns).map((statement) =>
      grantStatement(grantee, statement),
    );
    return grants.reduce((all, grant) => all.combine(grant));
  }

  grantFullAccess(grantee: IGrantable): Grant {
    return this.grantRead(grantee).combine(this.grantAdmin(grantee)).combine(this.grantUse(grantee));
  }

  /**
   * For `GatewayCredentialProvider.fromApiKeyIdentity`. The L2 of the Gateway cannot know the secret's ARN before the
   * deployment and grants its role secrets of AgentCore's only: call {@link grantUse} with that role.
   */
  bindForGatewayApiKeyTarget(): GatewayApiKeyIdentityBinding {
    return { providerArn: this.credentialProviderArn, secretArn: this.apiKeySecretArn };
  }

  /** The ARN that IAM authorizes against: the one that the API answers may name the service otherwise. */
  get #arnForPolicies(): string {
    return agentCoreArns(this).credentialProvider(this.credentialProviderName);
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

function tagsProperty(tags: Readonly<Record<string, string>>): string {
  const names = Object.keys(tags);
  const reserved = names.find((name) => /^(aws|outbound-auth):/i.test(name));
  if (reserved !== undefined) {
    throw new SettingsError(`tags: "${reserved}" is not allowed: names with aws: and outbound-auth: are reserved.`);
  }
  if (names.length > mostTags) {
    throw new SettingsError(`tags: ${names.length} are too many; allowed: ${mostTags}, beside those of the owner.`);
  }
  return JSON.stringify(tags);
}

function grantStatement(grantee: IGrantable, { actions, resources, conditions }: PolicyStatement): Grant {
  return Grant.addToPrincipal({ grantee, actions, resourceArns: resources, conditions });
}
