import { Construct } from 'constructs';
import type { AgentRuntime } from '../agent-runtime/agent-runtime.ts';
import { stableName } from '../custom-resource/stable-name.ts';
import type { Environment } from '../environments/index.ts';
import type { DeployedCredential } from '../outbound-credentials.ts';
import { AgentMetrics } from './agent-metrics.ts';
import { AgentAlarms } from './alarms.ts';
import { AgentDashboard } from './dashboard.ts';
import { RuntimeMetrics } from './service-metrics.ts';

export interface OperationsProps {
  readonly environment: Environment;
  readonly agent: AgentRuntime;
  readonly credentials: readonly DeployedCredential[];
  /** Who hears of the alarms. */
  readonly topicArn: string;
  /** Longest time in seconds that nine of ten invocations may take. */
  readonly latencySeconds: number;
}

/** What whoever is on call for an environment has: metrics of the agent's own, alarms and a dashboard. */
export class Operations extends Construct {
  readonly dashboardUrl: string;

  constructor(scope: Construct, id: string, props: OperationsProps) {
    super(scope, id);
    const { environment, agent, credentials, topicArn, latencySeconds } = props;
    const parts = {
      environmentName: environment.name,
      runtime: new RuntimeMetrics(agent.runtime, agent.endpoints),
      agent: new AgentMetrics(this, 'Metrics', {
        environment,
        logGroupNames: agent.logGroupNames,
        logGroups: agent.logGroups,
      }),
      credentialProviders: credentials.map(({ provider }) => provider.credentialProviderName),
    };
    const { alarms } = new AgentAlarms(this, 'Alarms', {
      ...parts,
      latencySeconds,
      topicArn,
    });
    const { url } = new AgentDashboard(this, 'Dashboard', {
      ...parts,
      handlers: credentials.map(({ provider }) => stableName(provider)),
      alarms,
    });
    this.dashboardUrl = url;
  }
}
