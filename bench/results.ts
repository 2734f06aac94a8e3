import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../test/support/run.ts';
import { bytes } from './format.ts';
import type { Measurement } from './measurement.ts';

const file = join(projectFolder, 'docs/benchmarks.json');

/** A measurement, with when and where it was made. */
export interface Result extends Measurement {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
}

/** The figures of the last run of each part, by part. */
export type Results = Readonly<Record<string, Result>>;

/** @returns nothing where nothing was measured yet */
export function readResults(): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

export function writeResults(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** @param loadBefore of the machine, from `loadavg`, before the measurement began */
export function resultOf(measurement: Measurement, loadBefore: number): Result {
  return {
    ...measurement,
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${bytes(totalmem())}, ${process.platform} ${process.arch}, load ${loadBefore.toFixed(1)} before`,
    versions: versions(),
  };
}

export const currentLoad = (): number => loadavg()[0] ?? Number.NaN;

function versions(): string {
  const of = (name: string) =>
    (JSON.parse(readFileSync(join(projectFolder, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
      .version;
  const names = ['aws-cdk', 'aws-cdk-lib', 'cdk-nag', 'esbuild'];
  return [`Node.js ${process.versions.node}`, ...names.map((name) => `${name} ${of(name)}`)].join(', ');
}
