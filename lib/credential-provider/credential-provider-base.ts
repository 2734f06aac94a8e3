import { createHash } from 'node:crypto';
import { Resource } from 'aws-cdk-lib';
import type {
  GatewayApiKeyIdentityBinding,
  IApiKeyCredentialProvider as IAwsApiKeyCredentialProvider,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { Grant, type IGrantable, type IPrincipal, type PolicyStatement, UnknownPrincipal } from 'aws-cdk-lib/aws-iam';
import { agentCoreArns } from '../agentcore-arns.ts';
import { tagReader } from './other-account.ts';
import { type OutboundCredential, useStatements } from './use-statements.ts';

/** How `grantUse` may be narrowed. */
export interface GrantUseOptions {
  /**
   * ARNs, or patterns, of the workload identities whose tokens the grantee gets the key with.
   *
   * @default every workload identity of the account and Region
   */
  readonly workloadIdentityArns?: readonly string[];
}

/** A credential provider of this library, made by this app or by another one. */
export interface IApiKeyCredentialProvider extends IAwsApiKeyCredentialProvider, OutboundCredential {
  readonly apiKeySecretArn: string;
  /**
   * Tag of the roles that another account's policies let read the secret; empty where the secret is of this account.
   * `grantUse` sets it on roles that this app makes.
   */
  readonly roleTag: Readonly<Record<string, string>>;
  grantUse(grantee: IGrantable, options?: GrantUseOptions): Grant;
}

/** What every credential provider grants, whichever app has made it. */
export abstract class ApiKeyCredentialProviderBase extends Resource implements IApiKeyCredentialProvider {
  abstract readonly credentialProviderName: string;
  abstract readonly credentialProviderArn: string;
  abstract readonly apiKeySecretArn: string;
  abstract readonly formerCredentialProviderName: string;
  abstract readonly formerApiKeySecretArn: string;
  abstract readonly apiKeyEncryptionKeyArn: string | undefined;
  abstract readonly description: string;
  abstract readonly roleTag: Readonly<Record<string, string>>;
  readonly grantPrincipal: IPrincipal = new UnknownPrincipal({ resource: this });

  /** Changes with the source of the key; empty where that is not known. */
  protected abstract readonly sourceSuffix: string;

  get apiKeyCredentialProviderRef() {
    return { credentialProviderArn: this.credentialProviderArn };
  }

  /** Grants actions on this provider and the token vault, against which AWS authorizes them too. */
  grant(grantee: IGrantable, ...actions: string[]): Grant {
    // The ARN that IAM authorizes against: the one that the API answers may name the service otherwise.
    const arns = agentCoreArns(this);
    const resourceArns = [arns.tokenVault, arns.credentialProvider(this.credentialProviderName)];
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

  /**
   * Grants creating, reading, changing and deleting a provider of this name. What that does to the secret is granted to
   * nobody but the handler.
   */
  grantAdmin(grantee: IGrantable): Grant {
    return this.grant(
      grantee,
      ...['Create', 'Get', 'Update', 'Delete'].map((verb) => `bedrock-agentcore:${verb}ApiKeyCredentialProvider`),
    );
  }

  /**
   * Grants getting the key: `GetResourceApiKey`, and reading the one secret that AgentCore reads for it; after a
   * replacement also of the provider before, which open sessions still use. Where the secret may be of another account, a
   * role that this app makes gets {@link roleTag}; for any other grantee there is a warning.
   */
  grantUse(grantee: IGrantable, options: GrantUseOptions = {}): Grant {
    tagReader(this, grantee, this.roleTag);
    const workloadIdentityArns = options.workloadIdentityArns ?? [agentCoreArns(this).workloadIdentity('*')];
    const [key, ...secret] = useStatements(this, [this], workloadIdentityArns);
    for (const statement of secret) grantee.grantPrincipal.addToPrincipalPolicy(this.#withOwnSid(statement));
    return Grant.addToPrincipal({
      grantee,
      actions: key.actions,
      resourceArns: key.resources,
      conditions: key.conditions,
    });
  }

  grantFullAccess(grantee: IGrantable): Grant {
    return this.grantRead(grantee).combine(this.grantAdmin(grantee)).combine(this.grantUse(grantee));
  }

  /**
   * For `GatewayCredentialProvider.fromApiKeyIdentity`. Given a secret whose ARN is not known before the deployment, the
   * L2 of the Gateway grants its role secrets of AgentCore's only: call {@link grantUse} with that role.
   */
  bindForGatewayApiKeyTarget(): GatewayApiKeyIdentityBinding {
    return { providerArn: this.credentialProviderArn, secretArn: this.apiKeySecretArn };
  }

  /**
   * The ARNs reach another stack through references that look the same when the secret changes, and neither cdk nor
   * CloudFormation updates what looks the same: so the Sid changes. It is another one for each provider, since IAM takes
   * no Sid twice.
   */
  #withOwnSid(statement: PolicyStatement): PolicyStatement {
    const hash = createHash('sha256').update(`${this.node.addr} ${this.sourceSuffix}`).digest('hex').slice(0, 8);
    return statement.copy({ sid: `${statement.sid}${hash}` });
  }
}
