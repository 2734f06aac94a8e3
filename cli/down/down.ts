import { CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { terminalText } from '../../agent/src/terminal-text.ts';
import type { Environment } from '../../lib/environments/index.ts';
import { credentialsOf } from '../../lib/outbound-credentials.ts';
import { environmentNameIn, environmentOptions, readArguments } from '../arguments.ts';
import { type AwsClientConfig, clientConfig } from '../aws.ts';
import { ownCdkEnvironment, showCdk } from '../cdk.ts';
import { ambientRegion } from '../doctor/session.ts';
import { askYes, isPersonThere } from '../person.ts';
import { qualifierOf, readAllEnvironments, readEnvironment } from '../project.ts';
import { deployerOf } from '../release/deployer.ts';
import { type Stacks, settledStacks, unprotectCommand } from '../stacks.ts';
import { detail, progress, step } from '../terminal.ts';
import { describeError, Interrupted, UserError } from '../user-error.ts';
import { existingRuntimes, present, type Subject, takeInventory } from './inventory.ts';
import { type Item, runtimeIdOf } from './item.ts';
import { keptOf, type Report, reportOf } from './report.ts';
import { isSameSecret, type NamedSecret } from './same-secret.ts';

/** Days for which AWS keeps a secret that is deleted: its longest. */
const recoveryDays = 30;

const help = `Deletes an environment with npx cdk destroy, then looks at the account and says what is deleted, what is left and why,
and what of that costs money.

  npm run down -- --environment dev
  npm run down -- --environment dev --yes --delete-logs --delete-secret

Options
  --environment NAME   environment of cdk.json (required)
  --yes                do not ask. Needed where nobody is at a terminal
  --delete-logs        delete the agent's log groups that its stack has left, too
  --delete-secret      schedule its secrets for deletion; for ${recoveryDays} days they can be had back
  --json               print one JSON object: environment, deleted and kept, lists of kind and name, with why, costs, state
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

Again, it reports what is still there. The secret, the bootstrap and what it stores are never deleted without being asked to.

Exit status: 0 deleted, 1 something could not be deleted, 2 command line not understood, 130 interrupted.
`;

/** The command `down`. */
export async function down(args: string[]): Promise<number> {
  const { values } = readArguments(
    args,
    {
      ...environmentOptions,
      yes: { type: 'boolean' },
      'delete-logs': { type: 'boolean' },
      'delete-secret': { type: 'boolean' },
    },
    undefined,
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const environment = readEnvironment(environmentNameIn(values));
  const { 'endpoint-url': endpointUrl, 'delete-logs': deleteLogs, 'delete-secret': deleteSecret } = values;
  const client = clientConfig(environment, endpointUrl);
  if (!values.yes && !isPersonThere()) {
    throw new UserError('Nobody is at a terminal to say yes: add --yes, and it is deleted without a question.');
  }
  const deployer = await deployerOf(environment, client);
  const { account, region } = deployer;
  if (deleteSecret) {
    // Where an environment is that names no Region, which this one may do.
    const here = { account, region: (await ambientRegion(client)) ?? region };
    refuseSharedSecret(environment, readAllEnvironments(), here);
  }
  const stacks = await settledStacks(environment, deployer.ofStack, progress);
  refuseProtected(environment, stacks);
  const inventory = await takeInventory(deployer, stacks);
  const subject: Subject = { environment, client, qualifier: qualifierOf(environment), inventory };
  const before = await present(subject);
  const goes = new Set(before.filter((item) => isDeleted(item, environment, { deleteLogs, deleteSecret })));
  for (const item of before) {
    if (goes.has(item)) show('Delete', nameOf(item));
    else show('Keep', `${nameOf(item)}: ${keptOf(environment, item).why}`);
  }
  if (goes.size > 0 && !values.yes && !(await askYes(`Delete ${goes.size === 1 ? 'it' : `these ${goes.size}`}`))) {
    throw new UserError('Nothing was deleted.');
  }
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>) => {
    await work().catch((error: unknown) => failures.push(error));
  };
  if (inventory.stackIds.length > 0) {
    // It was asked above, for more than the stacks.
    await attempt(() =>
      showCdk(['destroy', `${environment.name}/*`, '--force'], ownCdkEnvironment(endpointUrl, region), false),
    );
  }
  if (deleteLogs && failures.length === 0) await attempt(async () => deleteLogGroups(client, await present(subject)));
  let until: ReadonlyMap<string, string> = new Map();
  if (deleteSecret && failures.length === 0) {
    await attempt(async () => {
      until = await scheduleDeletion(client, before);
    });
  }
  const report = reportOf(environment, before, await present(subject), until);
  print(environment, report, values.json === true);
  for (const failure of failures) process.stderr.write(terminalText(`${describeError(failure)}\n`, process.stderr));
  if (failures.some((failure) => failure instanceof Interrupted)) return 130;
  return failures.length > 0 || report.kept.some(({ kind }) => kind === 'stack') ? 1 : 0;
}

/**
 * @param here account and Region of the credentials at hand: those of environments that name none
 * @throws UserError where another environment needs the secret
 */
export function refuseSharedSecret(
  environment: Environment,
  all: readonly Environment[],
  here: { readonly account: string; readonly region: string },
): void {
  const secretsOf = (each: Environment): NamedSecret[] => {
    const { account = here.account, region = here.region } = each;
    return credentialsOf(each).map(({ secret }) => ({ secret, account, region }));
  };
  const secrets = secretsOf(environment);
  for (const other of all) {
    const shared = secretsOf(other).find((theirs) => secrets.some((ours) => isSameSecret(ours, theirs)));
    if (other.name === environment.name || !shared) continue;
    throw new UserError(
      `The environment ${other.name} has its key from ${shared.secret} too: leave out --delete-secret, or take ${other.name} down first and out of cdk.json.`,
    );
  }
}

/** @throws UserError where a stack must not be deleted by mistake */
export function refuseProtected(environment: Environment, stacks: Stacks): void {
  const names = Object.values(stacks).flatMap((stack) =>
    stack?.EnableTerminationProtection ? (stack.StackName ?? []) : [],
  );
  if (names.length === 0) return;
  const { name, production } = environment;
  const what = names.length === 1 ? `The stack ${names[0]} is` : `The stacks ${names.join(' and ')} are`;
  const how = names.map((each) => unprotectCommand(environment, each)).join(' and ');
  const stays = production ? '. The credential providers and the logs stay then, as in production' : '';
  throw new UserError(
    `${what} protected from deletion: ${how}, then npm run down -- --environment ${name} again${stays}.`,
  );
}

/** Whether it is to go. What the stacks keep is seen afterwards, as it is there. */
function isDeleted(
  { kind, state }: Item,
  { production }: Environment,
  asked: { deleteLogs: boolean | undefined; deleteSecret: boolean | undefined },
): boolean {
  switch (kind) {
    case 'bootstrap':
      return false;
    case 'secret':
      return asked.deleteSecret === true && state === undefined;
    case 'log group of the agent':
      return asked.deleteLogs === true || !production;
    case 'log group':
    case 'credential provider':
      return !production;
    default:
      return true;
  }
}

/** Of a runtime that is still there, whoever made it, nothing is deleted. */
async function deleteLogGroups(client: AwsClientConfig, items: readonly Item[]): Promise<void> {
  const names = items.flatMap(({ kind, name }) => (kind === 'log group of the agent' ? name : []));
  const runtimeIds = new Set(names.flatMap((name) => runtimeIdOf(name) ?? []));
  const alive = await existingRuntimes(client, runtimeIds);
  const logs = new CloudWatchLogsClient(client);
  try {
    for (const logGroupName of names) {
      const runtimeId = runtimeIdOf(logGroupName);
      if (runtimeId === undefined || alive.has(runtimeId)) continue;
      await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    }
  } finally {
    logs.destroy();
  }
}

/** @returns the last day on which each of them can be had back, such as 2026-12-31 */
async function scheduleDeletion(client: AwsClientConfig, before: readonly Item[]): Promise<Map<string, string>> {
  const secretsManager = new SecretsManagerClient(client);
  const until = new Map<string, string>();
  try {
    for (const { kind, name: SecretId, state } of before) {
      if (kind !== 'secret' || state !== undefined) continue;
      const { DeletionDate } = await secretsManager.send(
        new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: recoveryDays }),
      );
      if (DeletionDate) until.set(SecretId, DeletionDate.toISOString().slice(0, 10));
    }
    return until;
  } finally {
    secretsManager.destroy();
  }
}

function print({ name: environment }: Environment, { deleted, kept }: Report, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ environment, deleted, kept })}\n`);
    return;
  }
  const line = (name: string, text: string) => step(name, terminalText(text, process.stdout));
  const isGoing = ({ kind, state }: Item) => kind === 'secret' && state !== undefined;
  if (deleted.length === 0 && !kept.some(isGoing)) line('Deleted', 'nothing');
  for (const item of deleted) line('Deleted', nameOf(item));
  for (const item of kept) {
    if (isGoing(item)) line('Going', `${nameOf(item)}, ${item.state}`);
    else line('Kept', nameOf(item));
    detail(terminalText(`${item.why}${item.costs ? `. Costs ${item.costs}` : ''}`, process.stdout));
  }
}

function show(name: string, text: string): void {
  step(name, terminalText(text, process.stderr), process.stderr);
}

function nameOf({ kind, name }: Item): string {
  return `${kind} ${name}`;
}
