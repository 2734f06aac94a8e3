import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentRuntime } from './agent-runtime/agent-runtime.ts';
import { invokerPolicy } from './agent-runtime/invoker-policy.ts';
import { LiveEndpoint } from './agent-runtime/live-endpoint.ts';
import { ReleasedVersion } from './agent-runtime/released-version.ts';
import { CredentialProviderInUse } from './credential-provider/credential-provider-in-use.ts';
import type { Environment } from './environments/index.ts';
import { alarmTopicArn } from './operations/alarm-topic.ts';
import { Operations } from './operations/operations.ts';
import type { DeployedCredential } from './outbound-credentials.ts';
import { agentOutputs } from './outputs.ts';
import { stackName } from './stack-name.ts';

export interface AgentStackProps {
  readonly environment: Environment;
  readonly credentials: readonly DeployedCredential[];
}

/** The agent of an environment: its image, role and runtime, new with every release. */
export class AgentStack extends Stack {
  constructor(scope: Construct, id: string, props: AgentStackProps) {
    const { environment, credentials } = props;
    super(scope, id, {
      stackName: stackName(environment, 'agent'),
      description: `Agent of ${environment.name}: image, execution role and Amazon Bedrock AgentCore Runtime.`,
      // Another runtime would have another ARN, and its callers know this one.
      terminationProtection: environment.production,
    });
    const live = new ReleasedVersion(this, 'Live', environment.runtimeName, credentials);
    const formerLive = new ReleasedVersion(this, 'FormerLive', environment.runtimeName, credentials);
    const agent = new AgentRuntime(this, 'Agent', { ...props, live, formerLive });
    const { runtimeId, runtimeArn, logGroupName } = agent;
    const endpoint = new LiveEndpoint(this, 'Live', { environmentName: environment.name, runtimeId, live });
    // Last of all: a provider that the runtime of before uses must stay until there is another runtime, and as long as
    // the endpoint serves that version.
    for (const credential of credentials) {
      const inUse = new CredentialProviderInUse(this, `${credential.idPrefix}CredentialProviderInUse`, {
        credentialProvider: credential.provider,
        pinned: { credentialProviderName: live.credentialProviderName(credential), by: endpoint.arn },
      });
      inUse.node.addDependency(agent);
    }
    const topicArn = alarmTopicArn(this, environment);
    if (environment.alarms && topicArn) {
      const { latencySeconds } = environment.alarms;
      const operations = new Operations(this, 'Operations', {
        environment,
        agent,
        credentials,
        topicArn,
        latencySeconds,
      });
      new CfnOutput(this, agentOutputs.dashboard, {
        description: 'Is it up, is it slow, is the key fine, what does it cost',
        value: operations.dashboardUrl,
      });
    }
    new CfnOutput(this, agentOutputs.runtimeArn, { value: runtimeArn });
    new CfnOutput(this, agentOutputs.runtimeVersion, { value: agent.version });
    new CfnOutput(this, agentOutputs.liveVersion, { value: live.version, condition: live.exists });
    new CfnOutput(this, agentOutputs.formerLiveVersion, { value: formerLive.version, condition: formerLive.exists });
    new CfnOutput(this, agentOutputs.logGroup, { value: logGroupName });
    new CfnOutput(this, agentOutputs.region, { value: this.region });
    new CfnOutput(this, agentOutputs.invokerPolicy, {
      description: 'Policy that whoever asks the agent needs, as npm run invoke does',
      value: this.toJsonString(invokerPolicy(this, runtimeArn)),
    });
  }
}
