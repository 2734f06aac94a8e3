import { Aws, Fn } from 'aws-cdk-lib';
import { CfnRuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { liveEndpoint } from './live-endpoint-name.ts';
import type { ReleasedVersion } from './released-version.ts';

export interface LiveEndpointProps {
  readonly environmentName: string;
  readonly runtimeId: string;
  readonly live: ReleasedVersion;
}

/** The endpoint that callers ask, from the first release on: it stays on the version that was released. */
export class LiveEndpoint extends Construct {
  /** `AWS::NoValue` before the first release. Whoever names it is made after it. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { environmentName, runtimeId, live }: LiveEndpointProps) {
    super(scope, id);
    const { logicalId } = live.exists;
    const endpoint = new CfnRuntimeEndpoint(this, 'Resource', {
      agentRuntimeId: runtimeId,
      name: liveEndpoint,
      agentRuntimeVersion: live.version,
      description: `What the callers of ${environmentName} ask: npm run release moves it, and no deployment does`,
    });
    endpoint.cfnOptions.condition = live.exists;
    this.arn = Fn.conditionIf(logicalId, endpoint.ref, Aws.NO_VALUE).toString();
  }
}
