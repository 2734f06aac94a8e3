import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ApiKeyCredentialProvider } from './credential-provider/api-key-credential-provider.ts';
import type { Environment } from './environments.ts';
import {
  type CredentialOfAgent,
  credentialSource,
  credentialsOf,
  type DeployedCredential,
  providerName,
} from './outbound-credentials.ts';
import { identityOutputs } from './outputs.ts';
import { runOneAtATime } from './safeguards/production.ts';
import { stackName } from './stack-name.ts';

/** The credential providers of an environment: their secrets exist already, and they outlive every release. */
export class IdentityStack extends Stack {
  /** The model's first. */
  readonly credentials: readonly DeployedCredential[];

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id, {
      stackName: stackName(environment, 'identity'),
      description: `Outbound authentication of ${environment.name}: the AgentCore credential provider of an API key in Secrets Manager.`,
      terminationProtection: environment.production,
    });
    this.credentials = credentialsOf(environment).map((credential) => ({
      ...credential,
      provider: this.#addProvider(environment, credential),
    }));
    if (environment.alarms?.topicArn) {
      const action = new SnsAction(Topic.fromTopicArn(this, 'AlarmTopic', environment.alarms.topicArn));
      for (const { provider } of this.credentials) provider.alarm.addAlarmAction(action);
    }
    for (const { idPrefix, provider } of this.credentials) {
      const output = (id: string, value: string) => new CfnOutput(this, `${idPrefix}${id}`, { value });
      output(identityOutputs.credentialProviderName, provider.credentialProviderName);
      output(identityOutputs.credentialProviderArn, provider.credentialProviderArn);
      output(identityOutputs.secretArn, provider.secretArn);
    }
    new CfnOutput(this, identityOutputs.region, { value: this.region });
  }

  #addProvider(environment: Environment, credential: CredentialOfAgent): ApiKeyCredentialProvider {
    const source = credentialSource(credential);
    const removal = credential.removalPolicy ?? (environment.production ? 'retain' : undefined);
    const provider = new ApiKeyCredentialProvider(this, `${credential.idPrefix}CredentialProvider`, {
      credentialProviderName: providerName(environment, credential, source.suffix(this)),
      source,
      ...(credential.adoptExisting && { adoptExisting: true }),
      ...(removal && { removalPolicy: removalPolicies[removal] }),
    });
    if (environment.production) runOneAtATime(provider);
    return provider;
  }
}

const removalPolicies = { destroy: RemovalPolicy.DESTROY, retain: RemovalPolicy.RETAIN } as const;
