import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentRuntime } from './agent-runtime/agent-runtime.ts';
import { invokerPolicy } from './agent-runtime/invoker-policy.ts';
import { CredentialProviderInUse } from './credential-provider/credential-provider-in-use.ts';
import type { Environment } from './environments/index.ts';
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
    const agent = new AgentRuntime(this, 'Agent', props);
    // Last of all: a provider that the runtime of before uses must stay until there is another runtime.
    for (const { idPrefix, provider: credentialProvider } of credentials) {
      const inUse = new CredentialProviderInUse(this, `${idPrefix}CredentialProviderInUse`, { credentialProvider });
      inUse.node.addDependency(agent);
    }
    const { runtimeArn, logGroupName } = agent;
    new CfnOutput(this, agentOutputs.runtimeArn, { value: runtimeArn });
    new CfnOutput(this, agentOutputs.logGroup, { value: logGroupName });
    new CfnOutput(this, agentOutputs.region, { value: this.region });
    new CfnOutput(this, agentOutputs.invokerPolicy, {
      description: 'Policy that whoever asks the agent needs, as npm run invoke does',
      value: this.toJsonString(invokerPolicy(this, runtimeArn)),
    });
  }
}
