import { join } from 'node:path';
import { projectFolder } from '../../project.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning } = findingsOf('node');

/**
 * Whether it is the Node.js of the project that runs. One that is too old is refused by `bin/check-node.js` before this.
 *
 * @param running version and program of the Node.js at work
 */
export function nodeCheck(running = { version: process.versions.node, program: process.execPath }): Finding {
  const { version, program } = running;
  if (program.startsWith(join(projectFolder, 'node_modules'))) return ok(`Node.js ${version}, that of the project.`);
  return warning(
    `Node.js ${version} of ${program}, and not that of the project.`,
    'Use npm run and npx, which run the Node.js that npm ci has installed.',
  );
}
