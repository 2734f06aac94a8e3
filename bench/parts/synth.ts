import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder, runNode } from '../../test/support/run.ts';
import { count, time, times } from '../format.ts';
import type { Effort, Measurement } from '../measurement.ts';
import { inTurn, median, ratioOf } from '../statistics.ts';

const cdk = join(projectFolder, 'node_modules/aws-cdk/bin/cdk');

export async function measure({ times: often }: Effort): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  const synth = (...args: string[]) => timeOfSynth(folder, args);
  const environments = (many: number) => ['--context', `environments=${JSON.stringify(environmentsOf(many))}`];
  const reference = (name: string) => join(projectFolder, 'bench/reference', name);
  const oneBucket = ['--app', `node ${reference('one-bucket.ts')}`];
  const { app } = JSON.parse(readFileSync(join(projectFolder, 'cdk.json'), 'utf8')) as { app: string };
  const withoutChecks = ['--app', app.replace('bin/outbound-auth.ts', reference('without-checks.ts'))];
  try {
    await synth();
    await synth(...oneBucket);
    const { dev, bucket, unchecked, unvalidatedDev, unvalidatedBucket } = await inTurn(often(5), {
      dev: () => synth(),
      bucket: () => synth(...oneBucket),
      unchecked: () => synth(...withoutChecks),
      unvalidatedDev: () => synth('--no-validation'),
      unvalidatedBucket: () => synth('--no-validation', ...oneBucket),
    });
    const fresh = await inTurn(often(2), {
      dev: () => {
        rmSync(join(projectFolder, '.cache'), { recursive: true, force: true });
        return synth();
      },
    });
    const many = await inTurn(often(3), {
      one: () => synth(...environments(1)),
      ten: () => synth(...environments(10)),
      fifty: () => synth(...environments(50)),
      unvalidated: () => synth('--no-validation', ...environments(50)),
      unvalidatedOne: () => synth('--no-validation', ...environments(1)),
    });
    const assets = readdirSync(join(folder, 'cdk.out')).filter((name) => name.startsWith('asset.')).length;
    const perFurther = (fifty: readonly number[], one: readonly number[]) =>
      median(fifty.map((value, round) => (value - (one[round] ?? Number.NaN)) / 49));
    const further = perFurther(many.fifty, many.one);
    const ourShare = perFurther(many.unvalidated, many.unvalidatedOne);
    const ratio = ratioOf(dev, bucket);
    const row = (what: string, values: readonly number[], against = '') => [what, time(median(values)), against];
    return {
      title: 'Synth',
      how: `\`cdk synth --quiet\` with the command of the project, ${often(5)} times in turn with a CDK app that has one bucket (TypeScript that Node.js runs, the feature flags of \`cdk init\`), and ${often(3)} times in turn with 1, 10 and 50 environments. What CDK itself needs is in all of them: the command, and its validation of every template. The security checks of two rule sets are in ours.`,
      columns: ['', 'p50', 'against one bucket'],
      rows: [
        row('an app of one bucket', bucket, times(1)),
        row('`dev`', dev, times(ratio)),
        row('`dev` without the security checks', unchecked, times(ratioOf(unchecked, bucket))),
        row("an app of one bucket, without CDK's own validation", unvalidatedBucket),
        row("`dev`, without CDK's own validation", unvalidatedDev),
        row('`dev` in a fresh checkout: bundles built, nothing compiled', fresh.dev),
        row('10 environments', many.ten),
        row('50 environments', many.fifty),
        ['each further environment', time(further), ''],
        ["each further environment, without CDK's own validation", time(ourShare), ''],
        ['bundles in `cdk.out` of 50 environments', count(assets), ''],
      ],
      results: { synth: ratio, furtherEnvironment: further, bundles: assets },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timeOfSynth(folder: string, args: readonly string[]): Promise<number> {
  const out = join(folder, 'cdk.out');
  rmSync(out, { recursive: true, force: true });
  const startedAt = performance.now();
  const { status, output } = await runNode([cdk, 'synth', '--quiet', '--no-notices', '--output', out, ...args], {
    // No AWS profile is looked for, and no account asked.
    env: { PATH: `${join(projectFolder, 'node_modules/.bin')}:${process.env.PATH}`, HOME: folder },
  });
  const took = performance.now() - startedAt;
  if (status !== 0) throw new Error(output);
  return took;
}

function environmentsOf(many: number): Record<string, object> {
  return Object.fromEntries(
    Array.from({ length: many }, (_, i) => [
      `team-${i}`,
      { secret: `team-${i}/openai`, account: '111122223333', region: 'us-east-1' },
    ]),
  );
}
