import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { TestAccount } from '../../test/support/account.ts';
import { synthesize } from '../../test/support/in-process-cdk.ts';
import { projectFolder, runNode } from '../../test/support/run.ts';
import { time } from '../format.ts';
import type { Effort, Measurement, Phase } from '../measurement.ts';
import { median, timeOf } from '../statistics.ts';

const secret = 'agentcore-outbound-auth/dev/openai';

export async function measure({ times }: Effort): Promise<Measurement> {
  const inProcess = [];
  for (let i = 0; i < times(3); i++) inProcess.push(await inAccount(deployInProcess));
  const command = [];
  for (let i = 0; i < times(2); i++) command.push(await inAccount(deployWithCommand));
  const starts: Phase[][] = [];
  for (let i = 0; i < times(3); i++) starts.push(await start());
  const phases = (starts[0] ?? []).map(({ name }, index) => ({
    name,
    milliseconds: median(starts.map((phases) => phases[index]?.milliseconds ?? Number.NaN)),
  }));
  const total = median(starts.map((phases) => phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0)));
  const row = (what: string, values: readonly number[]) => [what, time(median(values))];
  return {
    title: 'Deploy',
    how: `To local-aws: in one process, without the command (${times(3)} times, each an account of its own), and with the unmodified \`cdk\` (${times(2)} times). \`npm start\` ${times(3)} times, from the start of npm, with the offline model.`,
    columns: ['', 'p50'],
    rows: [
      row(
        'in one process: synth, with both bundles and all checks',
        inProcess.map(({ synth }) => synth),
      ),
      row(
        'in one process: both stacks',
        inProcess.map(({ deploy }) => deploy),
      ),
      row(
        "`cdk deploy 'dev/*'`: both stacks, new",
        command.map(({ create }) => create),
      ),
      row(
        '`cdk deploy`, nothing changed',
        command.map(({ again }) => again),
      ),
      row(
        '`cdk destroy`',
        command.map(({ destroy }) => destroy),
      ),
      ...phases.map(({ name, milliseconds }) => [`\`npm start\`: ${name}`, time(milliseconds)]),
      ['`npm start`: to the first streamed character', time(total)],
    ],
    results: { start: total },
    phases,
  };
}

async function inAccount<T>(work: (account: TestAccount) => Promise<T>): Promise<T> {
  const account = await TestAccount.open();
  try {
    account.createSecret(secret);
    return await work(account);
  } finally {
    await account.close();
  }
}

async function deployInProcess({ aws, region }: TestAccount) {
  const startedAt = performance.now();
  const stacks = await synthesize(aws, region, { dev: { secret } });
  const synth = performance.now() - startedAt;
  const deploy = await timeOf(async () => {
    for (const stack of stacks) await aws.stacks.deploy({ region, ...stack });
  });
  return { synth, deploy };
}

async function deployWithCommand(account: TestAccount) {
  const cdk = (...args: string[]) =>
    timeOf(async () => {
      const command = [join(projectFolder, 'node_modules/aws-cdk/bin/cdk'), ...args, '--no-notices'];
      const { status, output } = await runNode([...command, '--output', join(account.folder, 'cdk.out')], {
        env: account.environment,
      });
      if (status !== 0) throw new Error(output);
    });
  const create = await cdk('deploy', 'dev/*', '--require-approval', 'never');
  const again = await cdk('deploy', 'dev/*', '--require-approval', 'never');
  const destroy = await cdk('destroy', 'dev/*', '--force');
  return { create, again, destroy };
}

/** Where each phase of `npm start` ends, as its output shows it. */
const ends: readonly (readonly [string, RegExp])[] = [
  ['npm, AWS and secret', /^Deploy /m],
  ['cdk: synth and upload', /^ +[\d.]+ s /m],
  ['cdk: both stacks', /^Ask /m],
  ['agent: start and first word', /^Answer +\S/m],
];

async function start(): Promise<Phase[]> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.includes('OPENAI')));
  let phaseStartedAt = performance.now();
  const child = spawn('npm', ['start', '--silent', '--', 'How much is 2X2?'], { cwd: projectFolder, env });
  const phases: Phase[] = [];
  let output = '';
  const read = (data: Buffer) => {
    output += data.toString();
    for (const [name, end] of ends.slice(phases.length)) {
      if (!end.test(output)) break;
      const now = performance.now();
      phases.push({ name, milliseconds: now - phaseStartedAt });
      phaseStartedAt = now;
    }
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (phases.length < ends.length) throw new Error(`npm start:\n${output}`);
  return phases;
}
