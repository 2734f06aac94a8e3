import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { AgentRuntimes } from '../../../local-aws/agentcore/agent-runtimes.ts';
import { CredentialProviders } from '../../../local-aws/agentcore/credential-providers.ts';
import { agentCoreService } from '../../../local-aws/agentcore/service.ts';
import { WorkloadIdentities } from '../../../local-aws/agentcore/workload-identities.ts';
import type { Aws } from '../../../local-aws/aws.ts';
import type { ResourceContext } from '../../../local-aws/cloudformation/resource-provider.ts';
import { dispatcher } from '../../../local-aws/dispatch.ts';
import { ImageStore } from '../../../local-aws/ecr/image-store.ts';
import { EventBus } from '../../../local-aws/events/event-bus.ts';
import { FaultInjection } from '../../../local-aws/fault-injection.ts';
import { listen, type RunningServer } from '../../../local-aws/http/server.ts';
import { Iam } from '../../../local-aws/iam/iam.ts';
import type { Statement } from '../../../local-aws/iam/policy.ts';
import { LambdaFunctions } from '../../../local-aws/lambda/functions.ts';
import { LogStore } from '../../../local-aws/logs/log-store.ts';
import { ObjectStore } from '../../../local-aws/s3/object-store.ts';
import { SecretStore } from '../../../local-aws/secretsmanager/secret-store.ts';
import { Queues } from '../../../local-aws/sqs/queue-store.ts';

export const region = 'eu-west-1';
export const account = '111122223333';

/** The part of local-aws that Lambda and AgentCore need, on a port of its own. */
export async function openAccount(runtimeEnvironment: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
  let server: RunningServer | undefined;
  const aws = {
    account,
    partition: 'aws',
    directory,
    runtimeEnvironment,
    iam: new Iam(account),
    journal: [],
    faults: [],
    faultInjection: new FaultInjection(),
    internalRoutes: new Map(),
    logs: new LogStore(),
    objects: new ObjectStore(),
    get endpoint() {
      return `http://127.0.0.1:${server?.port}`;
    },
  } as unknown as { -readonly [Part in keyof Aws]: Aws[Part] };
  aws.images = new ImageStore(aws);
  aws.secrets = new SecretStore(aws);
  aws.queues = new Queues(aws);
  aws.functions = new LambdaFunctions(aws);
  aws.events = new EventBus(aws);
  aws.credentialProviders = new CredentialProviders(aws);
  aws.workloadIdentities = new WorkloadIdentities(aws);
  aws.runtimes = new AgentRuntimes(aws);
  aws.objects.createBucket('code', region);
  server = await listen(0, dispatcher(aws, [agentCoreService(aws)]));
  return {
    aws: aws as Aws,
    async close() {
      await Promise.all([aws.runtimes.close(), aws.functions.close(), server?.close()]);
      await rm(directory, { recursive: true, force: true });
      if (aws.faults.length > 0) throw new AggregateError(aws.faults, 'local-aws had faults of its own');
    },
  };
}

/** A role that a service may take, with one inline policy. */
export function putRole(aws: Aws, name: string, service: string, statements: readonly Statement[], condition?: object) {
  return aws.iam.putRole({
    name,
    trustPolicy: {
      Statement: {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: service },
        ...(condition ? { Condition: condition as NonNullable<Statement['Condition']> } : {}),
      },
    },
    inlinePolicies: { Own: { Statement: statements } },
  });
}

/** What CloudFormation hands to a resource provider, working as the administrator unless told otherwise. */
export function contextFor(aws: Aws, logicalId: string, resourceType: string, roleArn?: string): ResourceContext {
  const principal = roleArn
    ? aws.iam.assumeRoleAsService(roleArn, 'cloudformation.amazonaws.com', 'AWSCloudFormation').principal
    : aws.iam.administrator;
  return {
    aws,
    region,
    stackName: 'Stack',
    stackId: `arn:aws:cloudformation:${region}:${account}:stack/Stack/1`,
    logicalId,
    resourceType,
    stackTags: {},
    authorize: (action, resources, context) => aws.iam.authorize(principal, action, resources, context),
    generateName: (maxLength) => `Stack-${logicalId}-RANDOM`.slice(0, maxLength),
  };
}

/** Uploads a function's code and gives its place. */
export function upload(aws: Aws, files: Record<string, string>, key = `${Math.random()}.zip`) {
  const zip = zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
  aws.objects.put('code', key, Buffer.from(zip));
  return { s3Bucket: 'code', s3Key: key };
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for something that happens in another process, for at most five seconds. */
export async function eventually(check: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 5000; Date.now() < end; ) {
    if (check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
