import type { Environment } from '../../lib/environments/index.ts';
import { credentialsOf } from '../../lib/outbound-credentials.ts';
import type { Item } from './item.ts';

/** Something that is still there. */
export interface Kept extends Item {
  readonly why: string;
  /** What AWS takes money for. */
  readonly costs?: string;
}

/** What became of an environment. */
export interface Report {
  readonly deleted: readonly Item[];
  readonly kept: readonly Kept[];
}

/**
 * Compares what was there with what is there.
 *
 * @param until the last day on which a secret that was just deleted can be had back, by its name
 */
export function reportOf(
  environment: Environment,
  before: readonly Item[],
  after: readonly Item[],
  until: ReadonlyMap<string, string>,
): Report {
  const left = new Set(after.map(keyOf));
  return {
    deleted: before.filter((item) => !left.has(keyOf(item))).map(({ kind, name }) => ({ kind, name })),
    kept: after.map((item) => keptOf(environment, item, until.get(item.name))),
  };
}

/** Why something stays where its environment is deleted, or has stayed. */
export function keptOf(environment: Environment, { kind, name, state }: Item, until?: string): Kept {
  const down = `npm run down -- --environment ${environment.name}`;
  const item = { kind, name, ...(state !== undefined && { state }) };
  switch (kind) {
    case 'stack':
      return { ...item, why: `it is ${state}`, costs: 'for what is in it' };
    case 'runtime':
      return { ...item, why: 'its stack is still there, or could not delete it', costs: 'by use' };
    case 'credential provider':
      return { ...item, why: whyProvider(environment) };
    case 'log group':
      return { ...item, why: whyLogGroup(environment), costs: storage };
    case 'log group of the agent':
      return {
        ...item,
        why: `${environment.production ? 'in production the logs outlive their stack' : 'AgentCore made it anew, or no stack has it'}: ${down} --delete-logs deletes it`,
        costs: storage,
      };
    case 'secret':
      if (state !== undefined) {
        const restore = `aws secretsmanager restore-secret --secret-id ${name}`;
        return {
          ...item,
          why: `it can be had back${until ? ` until ${until}` : ', until AWS deletes it'}: ${restore}`,
        };
      }
      return {
        ...item,
        why: `it is yours, and no stack deletes it: ${down} --delete-secret does`,
        costs: 'a monthly fee',
      };
    case 'bootstrap':
      return {
        ...item,
        why: 'it serves every CDK app of the account and Region; its bucket and repository keep the files and images of former deployments',
        costs: storage,
      };
  }
}

const storage = 'by what it stores';

function whyProvider(environment: Environment): string {
  const settings = credentialsOf(environment);
  if (settings.some(({ removalPolicy }) => removalPolicy === 'retain')) return 'its removalPolicy is retain';
  if (settings.some(({ adoptExisting }) => adoptExisting)) return 'it was there before, and was only adopted';
  return environment.production
    ? 'in production it outlives its stack'
    : 'its stack is still there, or left it: look at the log of its handler';
}

function whyLogGroup({ production }: Environment): string {
  return production ? 'in production the logs outlive their stack' : 'its stack is still there, or keeps it';
}

function keyOf({ kind, name }: Item): string {
  return `${kind} ${name}`;
}
