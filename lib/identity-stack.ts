import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ApiKeyCredentialProvider } from './credential-provider/api-key-credential-provider.ts';
import { CredentialSource } from './credential-provider/credential-source.ts';
import type { Environment } from './environments.ts';
import { identityOutputs } from './outputs.ts';
import { runOneAtATime } from './safeguards/production.ts';
import { stackName } from './stack-name.ts';

/** The credential provider of an environment: its secret exists already, and it outlives every release. */
export class IdentityStack extends Stack {
  readonly credentialProvider: ApiKeyCredentialProvider;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id, {
      stackName: stackName(environment, 'identity'),
      description: `Outbound authentication of ${environment.name}: the AgentCore credential provider of an API key in Secrets Manager.`,
      terminationProtection: environment.production,
    });
    const source = credentialSource(environment);
    const removal = environment.removalPolicy ?? (environment.production ? 'retain' : undefined);
    this.credentialProvider = new ApiKeyCredentialProvider(this, 'CredentialProvider', {
      credentialProviderName:
        environment.credentialProviderName ?? `outbound-auth-${environment.name}-openai-${source.suffix(this)}`,
      source,
      ...(environment.adoptExisting && { adoptExisting: true }),
      ...(removal && { removalPolicy: removalPolicies[removal] }),
    });
    if (environment.production) runOneAtATime(this.credentialProvider);
    if (environment.alarmTopicArn) {
      const topic = Topic.fromTopicArn(this, 'AlarmTopic', environment.alarmTopicArn);
      this.credentialProvider.alarm.addAlarmAction(new SnsAction(topic));
    }
    new CfnOutput(this, identityOutputs.credentialProviderName, {
      value: this.credentialProvider.credentialProviderName,
    });
    new CfnOutput(this, identityOutputs.credentialProviderArn, {
      value: this.credentialProvider.credentialProviderArn,
    });
    new CfnOutput(this, identityOutputs.secretArn, { value: this.credentialProvider.secretArn });
    new CfnOutput(this, identityOutputs.region, { value: this.region });
  }
}

const removalPolicies = { destroy: RemovalPolicy.DESTROY, retain: RemovalPolicy.RETAIN } as const;

function credentialSource({ source, secret, secretJsonKey, encryptionKeyArn }: Environment): CredentialSource {
  return CredentialSource[source](secret, {
    ...(secretJsonKey !== undefined && { jsonKey: secretJsonKey }),
    ...(encryptionKeyArn !== undefined && { encryptionKeyArn }),
  });
}
