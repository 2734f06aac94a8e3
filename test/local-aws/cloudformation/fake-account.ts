import type { Aws } from '../../../local-aws/aws.ts';
import type {
  Properties,
  ResourceContext,
  ResourceProvider,
} from '../../../local-aws/cloudformation/resource-provider.ts';
import { resourceProviders } from '../../../local-aws/cloudformation/resources/index.ts';
import { Stacks } from '../../../local-aws/cloudformation/stacks.ts';
import { FaultInjection } from '../../../local-aws/fault-injection.ts';
import { Iam } from '../../../local-aws/iam/iam.ts';
import { LogStore } from '../../../local-aws/logs/log-store.ts';
import { ObjectStore } from '../../../local-aws/s3/object-store.ts';
import { SecretStore } from '../../../local-aws/secretsmanager/secret-store.ts';
import { ParameterStore } from '../../../local-aws/ssm/parameter-store.ts';

export const region = 'eu-central-1';
export const account = '111122223333';

/** A resource type of the tests alone: it writes down every call and fails when it is told to. */
export class Things {
  /** `create A`, `update A`, `delete A-1`, in the order in which they began. */
  readonly calls: string[] = [];
  /** What exists: properties by physical id. */
  readonly existing = new Map<string, Properties>();
  /** A call that is named here fails: `create A`. */
  readonly failing = new Set<string>();
  /** As `failing`, for one time. */
  readonly failingOnce = new Set<string>();
  /** A call that is named here ends only after some turns of the event loop. */
  readonly slow = new Set<string>();
  /** A call that is named here ends when it no longer is. */
  readonly held = new Set<string>();
  #count = 0;

  readonly provider: ResourceProvider = {
    type: 'AWS::Test::Thing',
    replaceOn: ['Name'],
    properties: ['Name', 'Value', 'Needs', 'Tags'],
    create: async (context, properties) => {
      await this.#call(`create ${context.logicalId}`);
      this.#count += 1;
      const physicalId = `${context.logicalId}-${this.#count}`;
      this.existing.set(physicalId, properties);
      return made(context, physicalId, properties);
    },
    update: async (context, physicalId, properties) => {
      await this.#call(`update ${context.logicalId}`);
      this.existing.set(physicalId, properties);
      return made(context, physicalId, properties);
    },
    delete: async (_context, physicalId) => {
      await this.#call(`delete ${physicalId}`);
      this.existing.delete(physicalId);
    },
  };

  async #call(call: string): Promise<void> {
    this.calls.push(call);
    if (this.slow.has(call)) await new Promise((resolve) => setTimeout(resolve, 20));
    while (this.held.has(call)) await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.failingOnce.delete(call) || this.failing.has(call)) throw new Error(`${call} is told to fail`);
  }
}

function made({ aws }: ResourceContext, physicalId: string, { Value }: Properties) {
  return { physicalId, attributes: { Arn: `arn:aws:test:::${aws.account}/${physicalId}`, Value: Value ?? 'none' } };
}

/** An account with the real stores that stacks reach for, and no server. */
export function fakeAccount() {
  const things = new Things();
  const aws = {
    account,
    partition: 'aws',
    endpoint: 'http://127.0.0.1:1',
    iam: new Iam(account),
    objects: new ObjectStore(),
    parameters: new ParameterStore(),
    logs: new LogStore(),
    journal: [],
    faults: [],
    faultInjection: new FaultInjection(),
    internalRoutes: new Map(),
  } as unknown as { -readonly [Part in keyof Aws]: Aws[Part] };
  aws.secrets = new SecretStore(aws);
  aws.stacks = new Stacks(aws, [...resourceProviders, things.provider]);
  const deploy = (stackName: string, resources: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
    aws.stacks.deploy({ region, stackName, template: { Resources: resources, ...rest } });
  return { aws, things, deploy };
}

/** A resource of the tests' own type. */
export function thing(properties: Record<string, unknown> = {}, attributes: Record<string, unknown> = {}) {
  return { Type: 'AWS::Test::Thing', Properties: properties, ...attributes };
}

/** A stack's history as `LOGICAL-ID STATUS`, oldest first. */
export function historyOf(aws: Aws, stackName: string, from = 0): string[] {
  return aws.stacks
    .get(region, stackName)
    .events.slice(from)
    .map(({ logicalId, status }) => `${logicalId} ${status}`);
}
