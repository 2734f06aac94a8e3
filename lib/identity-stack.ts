import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ApiKeyCredentialProvider } from './credential-provider/api-key-credential-provider.ts';
import type { Environment } from './environments/index.ts';
import { AlarmTopic, alarmTopicArn } from './operations/alarm-topic.ts';
import { withRunbook } from './operations/runbook.ts';
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
    this.#tellOfAlarms(environment);
    for (const { idPrefix, provider } of this.credentials) {
      const output = (id: string, value: string) => new CfnOutput(this, `${idPrefix}${id}`, { value });
      output(identityOutputs.credentialProviderName, provider.credentialProviderName);
      output(identityOutputs.credentialProviderArn, provider.credentialProviderArn);
      output(identityOutputs.secretArn, provider.secretArn);
    }
    new CfnOutput(this, identityOutputs.region, { value: this.region });
  }

  /** The alarms of the refreshes are there in any case; who hears of them is for the environment to say. */
  #tellOfAlarms(environment: Environment): void {
    const topic = this.#alarmTopic(environment);
    for (const { provider } of this.credentials) {
      const alarm = provider.alarm.node.defaultChild as CfnAlarm;
      alarm.alarmDescription = withRunbook(alarm.alarmDescription ?? '', 'refresh-given-up');
      if (topic) provider.alarm.addAlarmAction(new SnsAction(topic));
    }
  }

  #alarmTopic(environment: Environment): ITopic | undefined {
    const { email } = environment.alarms ?? {};
    if (email) return new AlarmTopic(this, 'AlarmTopic', environment, email);
    const topicArn = alarmTopicArn(this, environment);
    return topicArn === undefined ? undefined : Topic.fromTopicArn(this, 'AlarmTopic', topicArn);
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
