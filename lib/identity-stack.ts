import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiKeyCredentialProvider } from './credential-provider/api-key-credential-provider.ts';
import type { Environment } from './environments.ts';
import { identityOutputs } from './outputs.ts';
import { stackName } from './stack-name.ts';

/** The credential provider of an environment: it refers to a secret that exists already, and outlives every release. */
export class IdentityStack extends Stack {
  readonly credentialProvider: ApiKeyCredentialProvider;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id, {
      stackName: stackName(environment, 'identity'),
      description: `Outbound authentication of ${environment.name}: the AgentCore credential provider of an API key in Secrets Manager.`,
    });
    this.credentialProvider = new ApiKeyCredentialProvider(this, 'CredentialProvider', {
      credentialProviderName: environment.credentialProviderName,
      secret: environment.secret,
      jsonKey: environment.secretJsonKey,
    });
    new CfnOutput(this, identityOutputs.credentialProviderName, {
      value: this.credentialProvider.credentialProviderName,
    });
    new CfnOutput(this, identityOutputs.credentialProviderArn, {
      value: this.credentialProvider.credentialProviderArn,
    });
    new CfnOutput(this, identityOutputs.secretArn, { value: this.credentialProvider.apiKeySecretArn });
    new CfnOutput(this, identityOutputs.region, { value: this.region });
  }
}
