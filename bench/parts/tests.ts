import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../test/support/run.ts';
import { count, time } from '../format.ts';
import type { Measurement } from '../measurement.ts';
import { cpuOfEndedPrograms } from '../support/process-usage.ts';

interface Report {
  readonly numTotalTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

/** Of `npm test`, once. */
export async function measure(): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-tests-'));
  const outputFile = join(folder, 'report.json');
  try {
    const [startedAt, cpuBefore] = [performance.now(), cpuOfEndedPrograms()];
    const child = spawn('npm', ['test', '--', '--json', '--outputFile', outputFile], {
      cwd: projectFolder,
      stdio: 'ignore',
    });
    await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    const [took, cpu] = [performance.now() - startedAt, cpuOfEndedPrograms() - cpuBefore];
    const report = JSON.parse(readFileSync(outputFile, 'utf8')) as Report;
    const files = report.testResults
      .map(({ name, startTime, endTime }) => ({
        name: name.slice(projectFolder.length + 1),
        took: endTime - startTime,
      }))
      .sort((a, b) => b.took - a.took);
    const sum = files.reduce((sum, { took }) => sum + took, 0);
    return {
      title: 'Tests',
      how: `\`npm test\` once, with the reporter of the command: ${count(report.numTotalTests)} tests, ${report.numFailedTests} failed. Below the files that took longest; one more than there are cores runs at a time.`,
      columns: ['', ''],
      rows: [
        ['`npm test`', time(took)],
        ['CPU, of the tests and the programs that they start', time(cpu)],
        ['all files, one after the other', time(sum)],
        ...files.slice(0, 12).map(({ name, took }) => [`\`${name}\``, time(took)]),
      ],
      results: { tests: took },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
