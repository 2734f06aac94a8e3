import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { modelEnvironment } from '../../agent/src/model-settings.ts';
import { terminalText } from '../../agent/src/terminal-text.ts';
import type { Environment } from '../../lib/environments/index.ts';
import { type LocalAws, startLocalAws } from '../../local-aws/index.ts';
import { readArguments, UsageError } from '../arguments.ts';
import { runCdk } from '../cdk.ts';
import { ask, textIn } from '../invoke/ask.ts';
import { findRuntime } from '../invoke/find-runtime.ts';
import { contextWithModel, readEnvironment } from '../project.ts';
import { storeKey } from '../set-key/store-key.ts';
import { UserError } from '../user-error.ts';
import { anyCredentials, cdkEnvironment, type LocalClient } from './environment.ts';
import { chooseModel, type Model } from './model.ts';
import * as show from './show.ts';

const help = `Deploys the environment dev with the real cdk command to an AWS that runs on this machine, asks the agent
and prints its answer. Needs no AWS account, no Docker and no key.

  npm start
  npm start -- "How much is 2X2?"
  npm start -- --stay

Options
  --stay        keep AWS running until Ctrl-C, for any other AWS client
  --port PORT   port of AWS on 127.0.0.1 (default: any free one)

Environment
  OPENAI_API_KEY         ask OpenAI with this key; without it, an offline model answers
  OPENAI_PROVIDER=azure  ask Azure OpenAI with AZURE_OPENAI_API_KEY instead
  and those of npm run agent -- --help: they go before what cdk.json says of the model

Exit status: 0 answered, 1 something failed, 2 command line not understood.
`;

const tutorialQuestions = ['What is the weather now?', 'How much is 2X2?'];

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm that is killed takes nobody along; a process of its that went on would hold a port and an agent for ever. */
function watchParent(orphaned: () => void): NodeJS.Timeout | undefined {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) orphaned();
  }, 500).unref();
}

/** The command `start`. */
export async function start(args: string[]): Promise<number> {
  const { values, positional } = readArguments(
    args,
    { stay: { type: 'boolean' }, port: { type: 'string' }, help: { type: 'boolean' } },
    'prompt',
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (positional !== undefined && positional.trim() === '')
    throw new UsageError('The prompt is empty: say what to ask.');
  const port = readPort(values.port);
  const environment = readEnvironment('dev');
  if (environment.secret.startsWith('arn:')) {
    throw new UserError(
      'npm start makes the secret itself: environments.dev.secret in cdk.json must be a name, not an ARN.',
    );
  }

  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  // npm passes on what the terminal has sent already: the second one must not end the clean-up.
  for (const signal of endings) process.on(signal, interrupt);
  // Whoever read the output has gone: there is nobody left to show anything to.
  process.stdout.once('error', interrupt);
  const orphaned = watchParent(interrupt);
  const model = await chooseModel(process.env, environment.model);
  // A key that opens more than a model on this machine is not for every program on it.
  const credentials = model.onThisMachine
    ? anyCredentials
    : { accessKeyId: `LOCAL${randomBytes(12).toString('hex').toUpperCase()}`, secretAccessKey: 'local' };
  let aws: LocalAws | undefined;
  try {
    aws = await startLocalAws({
      port,
      ...(!model.onThisMachine && { administratorKey: credentials.accessKeyId }),
      ...(environment.account && { account: environment.account }),
      // For who deploys the environment again as it stands in cdk.json, which knows nothing of the offline model.
      ...(model.offline && { runtimeEnvironment: modelEnvironment(model.settings) }),
    });
    await checkReachable(aws.endpoint);
    const region = environment.region ?? 'us-east-1';
    await run(
      aws,
      { region, endpoint: aws.endpoint, credentials },
      environment,
      model,
      positional ? [positional] : tutorialQuestions,
      values.stay === true,
      interrupted.signal,
    );
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    throw error;
  } finally {
    await aws?.close();
    await model.close();
    clearInterval(orphaned);
    for (const signal of endings) process.off(signal, interrupt);
  }
}

async function run(
  aws: LocalAws,
  client: LocalClient,
  environment: Environment,
  model: Model,
  questions: readonly string[],
  stay: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { region } = client;
  show.beginning(aws, region, model);
  await storeKey(client, environment, model.key);
  show.secret(environment);

  const deploy = ['deploy', `${environment.name}/*`, ...contextWithModel(environment.name, model.settings)];
  const stopShowing = show.deployment(aws, region);
  const home = await mkdtemp(join(tmpdir(), 'outbound-auth-'));
  try {
    const cdkOut = join(home, 'cdk.out');
    await runCdk(
      [...deploy, '--require-approval', 'never', '--no-notices', '--output', cdkOut],
      cdkEnvironment(client, home),
      signal,
    );
  } finally {
    stopShowing();
    await rm(home, { recursive: true, force: true });
  }

  const runtimeArn = await findRuntime(environment, client);
  const agentCore = new BedrockAgentCoreClient(client);
  for (const prompt of questions) {
    show.question(prompt);
    const userId = aws.iam.administrator.arn;
    const pieces = textIn(ask(agentCore, { runtimeArn, prompt, sessionId: `start-${randomUUID()}`, userId }));
    try {
      for await (const piece of pieces) process.stdout.write(terminalText(piece, process.stdout));
    } finally {
      show.endOfAnswer();
    }
  }
  agentCore.destroy();

  show.created(aws, environment, region, runtimeArn);
  if (!stay) return show.sameOnAws(environment);
  show.staying(aws, client, runtimeArn, environment, deploy);
  // A timer keeps the process alive until Ctrl-C; nothing else has to.
  await sleep(2 ** 31 - 1, undefined, { signal }).catch(() => undefined);
}

/** HTTP clients refuse some ports on principle (6000, 6667, …): CloudFormation would wait for ever for its answer. */
async function checkReachable(endpoint: string): Promise<void> {
  try {
    await (await fetch(endpoint)).arrayBuffer();
  } catch (error) {
    const { cause } = error as { cause?: Error };
    throw new UserError(
      `${endpoint} cannot be used (${cause?.message ?? 'no connection'}): choose another port with --port.`,
    );
  }
}

function readPort(text: string | undefined): number {
  const port = text === undefined ? 0 : /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 0 && port <= 65_535)) throw new UsageError(`--port "${text}" is not a port: 0 to 65535.`);
  return port;
}
