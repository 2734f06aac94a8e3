import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ApiKeyCredentialProvider } from './api-key-credential-provider.ts';
import { type CredentialProviderInUseProperties, resourceTypes, serviceTimeout } from './resource-properties.ts';

export interface CredentialProviderInUseProps {
  readonly credentialProvider: ApiKeyCredentialProvider;
}

/**
 * Tells the handler which credential provider is in use by now, so that those that a replacement left behind are removed
 * when their last session has ended.
 * Make it depend on all that uses the provider.
 */
export class CredentialProviderInUse extends Construct {
  constructor(scope: Construct, id: string, { credentialProvider }: CredentialProviderInUseProps) {
    super(scope, id);
    const properties: CredentialProviderInUseProperties = {
      CredentialProviderName: credentialProvider.credentialProviderName,
      OwnerStackId: credentialProvider.stack.stackId,
      OwnerLogicalId: credentialProvider.ownerLogicalId,
    };
    new CustomResource(this, 'Resource', {
      resourceType: resourceTypes.inUse,
      serviceToken: credentialProvider.serviceToken,
      serviceTimeout: Duration.seconds(serviceTimeout),
      // There is nothing to delete. Asking for it would keep this stack from going once the handler is gone.
      removalPolicy: RemovalPolicy.RETAIN,
      properties: { ...properties },
    });
  }
}
