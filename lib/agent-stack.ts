import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AgentRuntime, type AgentRuntimeProps } from './agent-runtime/agent-runtime.ts';
import { agentOutputs } from './outputs.ts';
import { stackName } from './stack-name.ts';

/** The agent of an environment: its image, role and runtime, new with every release. */
export class AgentStack extends Stack {
  constructor(scope: Construct, id: string, props: AgentRuntimeProps) {
    const { environment } = props;
    super(scope, id, {
      stackName: stackName(environment, 'agent'),
      description: `Agent of ${environment.name}: image, execution role and Amazon Bedrock AgentCore Runtime.`,
    });
    const { runtimeArn, logGroupName } = new AgentRuntime(this, 'Agent', props);
    new CfnOutput(this, agentOutputs.runtimeArn, { value: runtimeArn });
    new CfnOutput(this, agentOutputs.logGroup, { value: logGroupName });
    new CfnOutput(this, agentOutputs.region, { value: this.region });
  }
}
