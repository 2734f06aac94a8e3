import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFolder } from './run.ts';

/** Copies what git would check out; the dependencies are linked. */
export function checkOut(to: string): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: projectFolder,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(projectFolder, file), join(to, file));
  }
  for (const dependencies of ['node_modules', 'agent/node_modules'].filter((name) =>
    existsSync(join(projectFolder, name)),
  )) {
    symlinkSync(join(projectFolder, dependencies), join(to, dependencies));
  }
}
