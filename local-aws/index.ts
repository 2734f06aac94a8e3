import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentRuntimes } from './agentcore/agent-runtimes.ts';
import { CredentialProviders } from './agentcore/credential-providers.ts';
import { agentCoreService } from './agentcore/service.ts';
import { WorkloadIdentities } from './agentcore/workload-identities.ts';
import type { Aws } from './aws.ts';
import { bootstrap, bootstrapRegion } from './bootstrap.ts';
import { cloudFormationService } from './cloudformation/service.ts';
import { Stacks } from './cloudformation/stacks.ts';
import { cloudTrailService } from './cloudtrail/service.ts';
import { Alarms } from './cloudwatch/alarm-store.ts';
import { Dashboards } from './cloudwatch/dashboard-store.ts';
import { Metrics } from './cloudwatch/metric-store.ts';
import { cloudWatchService } from './cloudwatch/service.ts';
import { dispatcher } from './dispatch.ts';
import { Networks } from './ec2/networks.ts';
import { ec2Service } from './ec2/service.ts';
import { ImageStore } from './ecr/image-store.ts';
import { ecrService } from './ecr/service.ts';
import { EventBus } from './events/event-bus.ts';
import { FaultInjection } from './fault-injection.ts';
import { observed } from './http/observed.ts';
import { listen, type RunningServer } from './http/server.ts';
import { Iam } from './iam/iam.ts';
import { iamService } from './iam/service.ts';
import { LambdaFunctions } from './lambda/functions.ts';
import { LogStore } from './logs/log-store.ts';
import { logsService } from './logs/service.ts';
import type { Observe } from './observation.ts';
import { ObjectStore } from './s3/object-store.ts';
import { s3Service } from './s3/service.ts';
import { SecretStore } from './secretsmanager/secret-store.ts';
import { secretsManagerService } from './secretsmanager/service.ts';
import { Topics } from './sns/topic-store.ts';
import { Queues } from './sqs/queue-store.ts';
import { sqsService } from './sqs/service.ts';
import { ParameterStore } from './ssm/parameter-store.ts';
import { ssmService } from './ssm/service.ts';
import { stsService } from './sts/service.ts';
import { xrayService } from './xray/service.ts';

/** What `startLocalAws` may be told. */
export interface LocalAwsOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Twelve digits; the default is the account of AWS's own examples. */
  readonly account?: string;
  /** Whether the account is prepared for the CDK already, in every Region: the default. Else `cdk bootstrap` does it. */
  readonly bootstrapped?: boolean;
  /**
   * The access key id of the account's administrator. By default every key that local-aws did not issue is taken for it;
   * with a real key in Secrets Manager, other users of this machine must not read it.
   */
  readonly administratorKey?: string;
  /** Added to the environment of every agent runtime, for example `OPENAI_BASE_URL` of a model on this machine. */
  readonly runtimeEnvironment?: Readonly<Record<string, string>>;
  /** Told of everything that passes through, the values of secrets included. For tests: nothing is kept without it. */
  readonly observe?: Observe;
}

/** An AWS account that runs on this machine. */
export interface LocalAws extends Aws {
  /** Ends the server and every process it started, and removes its folder. */
  close(): Promise<void>;
}

/**
 * Starts an AWS account on this machine: one loopback port that the unmodified `cdk` command and every AWS SDK can be
 * pointed at with `AWS_ENDPOINT_URL`.
 *
 * @throws Error that names the port, when it cannot be used
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const directory = await mkdtemp(join(tmpdir(), 'local-aws-'));
  const account = options.account ?? '111122223333';
  let server: RunningServer | undefined;
  const aws = {
    account,
    partition: 'aws',
    directory,
    runtimeEnvironment: options.runtimeEnvironment ?? {},
    observe: options.observe,
    iam: new Iam(account, options.administratorKey),
    journal: [],
    faults: [],
    spans: [],
    faultInjection: new FaultInjection(),
    internalRoutes: new Map(),
    get endpoint() {
      return `http://127.0.0.1:${server?.port}`;
    },
    async close() {
      await Promise.all([aws.runtimes.close(), aws.functions.close(), server?.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  } as Partial<LocalAws> as { -readonly [Part in keyof LocalAws]: LocalAws[Part] };

  aws.metrics = new Metrics();
  aws.logs = new LogStore(aws.metrics);
  aws.objects = new ObjectStore();
  aws.images = new ImageStore(aws);
  aws.parameters = new ParameterStore();
  aws.secrets = new SecretStore(aws);
  aws.queues = new Queues(aws);
  aws.alarms = new Alarms(account);
  aws.networks = new Networks();
  aws.dashboards = new Dashboards(account);
  aws.topics = new Topics(account);
  aws.functions = new LambdaFunctions(aws);
  aws.events = new EventBus(aws);
  aws.credentialProviders = new CredentialProviders(aws);
  aws.workloadIdentities = new WorkloadIdentities(aws);
  aws.runtimes = new AgentRuntimes(aws);
  aws.stacks = new Stacks(aws);
  const { bootstrapped = true } = options;
  if (bootstrapped) bootstrap(aws);

  const services = [
    stsService,
    ssmService,
    s3Service,
    ecrService,
    cloudTrailService,
    logsService,
    secretsManagerService,
    cloudFormationService,
    agentCoreService,
    sqsService,
    cloudWatchService,
    xrayService,
    iamService,
    ec2Service,
  ];
  try {
    const handler = dispatcher(
      aws,
      services.map((service) => service(aws)),
      bootstrapped ? (region) => bootstrapRegion(aws, region) : undefined,
    );
    server = await listen(options.port ?? 0, options.observe ? observed(handler, options.observe) : handler);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return aws;
}
