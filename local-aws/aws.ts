import type { AgentRuntimes } from './agentcore/agent-runtimes.ts';
import type { CredentialProviders } from './agentcore/credential-providers.ts';
import type { WorkloadIdentities } from './agentcore/workload-identities.ts';
import type { Stacks } from './cloudformation/stacks.ts';
import type { Alarms } from './cloudwatch/alarm-store.ts';
import type { Dashboards } from './cloudwatch/dashboard-store.ts';
import type { Metrics } from './cloudwatch/metric-store.ts';
import type { Networks } from './ec2/networks.ts';
import type { ImageStore } from './ecr/image-store.ts';
import type { EventBus } from './events/event-bus.ts';
import type { FaultInjection } from './fault-injection.ts';
import type { HttpRequest, HttpResponse } from './http/message.ts';
import type { Iam } from './iam/iam.ts';
import type { JournalEntry } from './journal.ts';
import type { LambdaFunctions } from './lambda/functions.ts';
import type { LogStore } from './logs/log-store.ts';
import type { Observe } from './observation.ts';
import type { ObjectStore } from './s3/object-store.ts';
import type { SecretStore } from './secretsmanager/secret-store.ts';
import type { Topics } from './sns/topic-store.ts';
import type { Queues } from './sqs/queue-store.ts';
import type { ParameterStore } from './ssm/parameter-store.ts';
import type { Span } from './xray/otlp.ts';

/** One AWS account on this machine: its state, by service. Every part reaches its neighbours through this. */
export interface Aws {
  readonly account: string;
  readonly partition: 'aws';
  /** `http://127.0.0.1:PORT`, once the server listens. */
  readonly endpoint: string;
  /** A folder of this run alone, mode 0700, removed at the end. */
  readonly directory: string;
  /** Added to the environment of every agent runtime: what the network outside would decide, such as where OpenAI is. */
  readonly runtimeEnvironment: Readonly<Record<string, string>>;

  readonly iam: Iam;
  readonly objects: ObjectStore;
  readonly images: ImageStore;
  readonly secrets: SecretStore;
  readonly parameters: ParameterStore;
  readonly logs: LogStore;
  readonly functions: LambdaFunctions;
  readonly credentialProviders: CredentialProviders;
  readonly workloadIdentities: WorkloadIdentities;
  readonly runtimes: AgentRuntimes;
  readonly stacks: Stacks;
  readonly queues: Queues;
  readonly events: EventBus;
  readonly alarms: Alarms;
  readonly dashboards: Dashboards;
  readonly metrics: Metrics;
  readonly topics: Topics;
  readonly networks: Networks;
  /** What X-Ray was sent, in order. */
  readonly spans: Span[];

  /** Every call answered since the start, in order. */
  readonly journal: JournalEntry[];
  /** Faults of local-aws itself: always empty, or there is a bug to mend. */
  readonly faults: Error[];
  /** Told of what passes through, secrets included; undefined unless somebody asked for it. */
  readonly observe: Observe | undefined;
  /** Makes calls fail, for tests. */
  readonly faultInjection: FaultInjection;
  /** Answers requests below `/_local-aws/NAME/`, which no AWS client signs (a custom resource's ResponseURL, an image). */
  readonly internalRoutes: Map<string, (request: HttpRequest) => Promise<HttpResponse>>;
}
