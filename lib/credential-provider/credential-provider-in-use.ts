import { createHash } from 'node:crypto';
import { CustomResource, Duration, RemovalPolicy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { serviceTimeout } from '../custom-resource/timeouts.ts';
import { SettingsError } from '../settings-error.ts';
import { type CredentialProviderInUseProperties, resourceTypes } from './resource-properties.ts';

/**
 * What there is to know of an `ApiKeyCredentialProvider` in order to tell its handler what is in use: the construct
 * itself, or, in another app, its four properties.
 */
export interface OwnedCredentialProvider {
  readonly credentialProviderName: string;
  /**
   * ARN of the handler. Where it comes from another app, give it as text and not as a reference: CloudFormation cannot
   * change it in place, and a text that changes makes another resource.
   */
  readonly serviceToken: string;
  /** Id (ARN) of the stack that has made the provider. */
  readonly ownerStackId: string;
  /** Logical id of its `Custom::ApiKeyCredentialProvider` there: as text, too. */
  readonly ownerLogicalId: string;
}

/** A credential provider that an endpoint keeps in use. */
export interface PinnedCredentialProvider {
  readonly credentialProviderName: string;
  /** ARN of the endpoint, after which this is told. */
  readonly by: string;
}

export interface CredentialProviderInUseProps {
  readonly credentialProvider: OwnedCredentialProvider;
  /**
   * A former one that new sessions are given as well: those of an endpoint that stays on an older version of the agent. The
   * agent's role has to be allowed to use it, which `grantUse` sees to for the one before only.
   *
   * @default there is none
   */
  readonly pinned?: PinnedCredentialProvider;
}

/**
 * Tells the handler which credential provider is in use by now, so that those that a replacement left behind are removed
 * when their last session has ended.
 * Make it depend on all that uses the provider.
 */
export class CredentialProviderInUse extends Construct {
  /** @throws SettingsError where the provider is of another account or Region, from where no agent can use it */
  constructor(scope: Construct, id: string, props: CredentialProviderInUseProps) {
    const { credentialProvider, pinned } = props;
    super(scope, id);
    const { credentialProviderName, serviceToken, ownerStackId, ownerLogicalId } = credentialProvider;
    const properties: CredentialProviderInUseProperties = {
      CredentialProviderName: credentialProviderName,
      OwnerStackId: ownerStackId,
      OwnerLogicalId: ownerLogicalId,
      ...(pinned && { PinnedCredentialProviderName: pinned.credentialProviderName, PinnedBy: pinned.by }),
    };
    // CloudFormation refuses to change a ServiceToken, even in a rollback. So another handler is another resource; the
    // one before is only forgotten.
    const handler: unknown = Stack.of(this).resolve([serviceToken, ownerLogicalId]);
    const hash = createHash('sha256').update(JSON.stringify(handler)).digest('hex').slice(0, 8);
    const resource = new CustomResource(this, `For-${hash}`, {
      resourceType: resourceTypes.inUse,
      serviceToken,
      serviceTimeout: Duration.seconds(serviceTimeout),
      // There is nothing to delete. Asking for it would keep this stack from going once the handler is gone.
      removalPolicy: RemovalPolicy.RETAIN,
      properties: { ...properties },
    });
    if (Construct.isConstruct(credentialProvider)) {
      refuseOtherEnvironment(this, credentialProvider);
      // The ServiceToken is a text, which brings no order with it.
      resource.node.addDependency(credentialProvider);
    }
  }
}

function refuseOtherEnvironment(user: Construct, provider: Construct): void {
  const [here, there] = [Stack.of(user), Stack.of(provider)];
  for (const part of ['account', 'region'] as const) {
    if (Token.compareStrings(here[part], there[part]) === TokenComparison.DIFFERENT) {
      throw new SettingsError(
        `CredentialProviderInUse ${user.node.path}: its ${part} is ${here[part]}, and the credential provider's ${there[part]}; an agent uses providers of its own account and Region only.`,
      );
    }
  }
}
