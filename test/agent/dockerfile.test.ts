import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDockerfile } from '../../local-aws/docker/dockerfile.ts';
import { projectFolder } from '../support/run.ts';

const text = readFileSync(join(projectFolder, 'agent/Dockerfile'), 'utf8');
const instructions = text.split('\n').filter((line) => /^[A-Z]/.test(line));
const plan = parseDockerfile(text);

describe('the image of the agent', () => {
  test('runs as a user that is not root, by number, as AgentCore wants it', () => {
    expect(plan.user).toMatch(/^[1-9]\d*$/);
    // What stands after it would run as somebody else.
    expect(instructions.filter((line) => line.startsWith('USER'))).toHaveLength(1);
  });

  test('holds code that its user can read and nobody can write, whatever the umask of the machine that builds it', () => {
    const copies = instructions.filter((line) => line.startsWith('COPY'));
    expect(copies.length).toBeGreaterThan(0);
    for (const copy of copies) expect(copy).toMatch(/ --chown=0:0 --chmod=0555 /);
  });

  test('is made of a base that is pinned by version, without RUN, ADD or a shell', () => {
    expect(plan.base).toMatch(/:\d+\.\d+\.\d+-slim$/);
    expect(instructions.map((line) => line.split(' ')[0])).toEqual([
      'FROM',
      'ENV',
      'WORKDIR',
      'COPY',
      'USER',
      'EXPOSE',
      'CMD',
    ]);
    expect(plan.command).toEqual(['node', 'main.mjs']);
  });
});
