import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployerTrust, diffTrust } from '../../lib/policies/index.ts';
import { projectFolder } from '../support/run.ts';
import { problemsOf } from './problems.ts';
import { readWorkflows, workflowFiles } from './workflow.ts';

const files = workflowFiles();
const workflows = readWorkflows(files);
const environments = ['staging', 'prod'];

/** The files with one text in one of them exchanged. */
function changed(file: string, from: string | RegExp, to: string): Record<string, string> {
  const text = files[file] ?? '';
  const after = text.replace(from, to);
  if (after === text) throw new Error(`${file} has no ${from}`);
  return { ...files, [file]: after };
}

describe('the workflows', () => {
  test('have no problem', () => {
    expect(Object.keys(files).sort()).toEqual([
      'deploy.yml',
      'drift.yml',
      'main.yml',
      'pull-request.yml',
      'rollback.yml',
      'test.yml',
    ]);
    expect(problemsOf(files)).toEqual([]);
  });

  test.each<[string, string | RegExp, string, RegExp]>([
    ['pull-request.yml', '  pull_request:', '  pull_request_target:', /the event pull_request_target/],
    ['pull-request.yml', 'permissions: {}', 'permissions: read-all', /may do something before a job says so/],
    ['pull-request.yml', /github.event.pull_request.head.repo.*\n/, '\n', /diff: takes a role for a fork/],
    ['pull-request.yml', / &&\n +vars.STAGING_DIFF_ROLE.*/, '', /diff: runs where nothing is set up/],
    [
      'pull-request.yml',
      'vars.PROD_DIFF_ROLE }}',
      'vars.PROD_DEPLOYER_ROLE }}',
      /diff: compares with the role .*DEPLOYER/,
    ],
    ['pull-request.yml', '    env:\n', '    environment: prod\n    env:\n', /in which its role is not trusted/],
    ['pull-request.yml', 'contents: read\n      id-token', 'contents: write\n      id-token', /may write contents/],
    [
      'pull-request.yml',
      /(pull-requests: write.*\n {4}steps:\n)/,
      '$1      - run: npm ci\n',
      /runs code where its token may write/,
    ],
    ['pull-request.yml', '"$ENVIRONMENT/*"', '"${{ matrix.environment }}/*"', /puts an expression into a script/],
    ['main.yml', "if: vars.PROD_DEPLOYER_ROLE != ''", 'if: always()', /prod: runs where nothing is set up/],
    ['main.yml', /permissions:\n {6}contents: read\n {4}uses/, 'uses', /test: says no permissions/],
    ['main.yml', 'workflows/test.yml', 'workflows/tests.yml', /which is not there/],
    ['deploy.yml', / {4}environment: .*\n/, '', /has no environment/],
    ['deploy.yml', 'cancel-in-progress: false', 'cancel-in-progress: true', /ended half-way/],
    ['deploy.yml', 'deploy-${{ inputs.environment }}', 'deploy-${{ github.sha }}', /beside another/],
    ['deploy.yml', 'npx cdk deploy', 'npx cdk deplov', /runs npx cdk deplov, which is not there/],
    ['deploy.yml', 'npm run release', 'npm run relase', /runs npm run relase, which is not there/],
    ['deploy.yml', 'role-to-assume: ${{ inputs.role }}', 'role-to-assume: ${{ secrets.ROLE }}', /knows a secret/],
    ['deploy.yml', 'role-to-assume:', 'aws-access-key-id:', /has a stored key/],
    ['rollback.yml', 'persist-credentials: false', 'fetch-depth: 1', /leaves its token/],
    ['rollback.yml', /timeout-minutes: \d+/, 'continue-on-error: true', /has no timeout/],
    ['drift.yml', / # v7.0.1/, '', /no commit with its version beside it/],
    ['drift.yml', /checkout@[0-9a-f]{40}/, 'checkout@v7', /no commit with its version beside it/],
    ['drift.yml', /checkout@[0-9a-f]{3}/, 'checkout@000', /actions\/checkout is pinned to several commits/],
  ])('%s without %p would have one', (file, from, to, problem) => {
    expect(problemsOf(changed(file, from, to)).join('\n')).toMatch(problem);
  });

  test('deploy to staging, then to prod, what the tests of the same run have made', () => {
    const main = workflows.find(({ file }) => file === 'main.yml');
    const deployed = Object.values(main?.jobs ?? {}).flatMap(({ needs, with: inputs }) =>
      inputs ? [[needs, inputs.environment]] : [],
    );
    expect(deployed).toEqual([
      ['test', 'staging'],
      ['staging', 'prod'],
    ]);
    expect(files['deploy.yml']).not.toContain('cdk synth');
    expect(files['deploy.yml']).toMatch(/cdk deploy .* --app cdk\.out/);
  });

  test('have a variable for the Region and each role of every environment, and docs/pipelines.md tells of all', () => {
    const used = [
      ...Object.values(files)
        .join('\n')
        .matchAll(/\bvars\.(\w+)/g),
    ].map(([, name = '']) => name);
    const wanted = environments.flatMap((name) =>
      ['DEPLOYER_ROLE', 'DIFF_ROLE', 'REGION'].map((of) => `${name.toUpperCase()}_${of}`),
    );
    expect([...new Set(used)].sort()).toEqual(wanted.sort());
    const page = readFileSync(join(projectFolder, 'docs/pipelines.md'), 'utf8');
    const told = [...page.matchAll(/gh variable set (\w+)/g)].map(([, name]) => name);
    expect(told.sort()).toEqual(wanted);
  });

  test('roll back where they deploy', () => {
    expect(files['rollback.yml']).toContain(`options: [${environments.join(', ')}]`);
  });

  test('run where the roles trust them', () => {
    const place = { account: '111122223333', region: 'us-east-1', qualifier: 'hnb659fds' };
    const subjects = (policy: object) =>
      [...JSON.stringify(policy).matchAll(/"repo:O\/N:([^"]+)"/g)].map(([, subject]) => subject);
    for (const name of environments) {
      expect(subjects(deployerTrust(place, 'O/N', name))).toEqual([`environment:${name}`]);
    }
    // A pull request, and the schedule, which GitHub runs on the default branch.
    expect(subjects(diffTrust(place, 'O/N'))).toEqual(['pull_request', 'ref:refs/heads/main']);
    const comparing = workflows.filter(({ text }) => text.includes('npx cdk diff')).map(({ on }) => Object.keys(on));
    expect(comparing.flat().sort()).toEqual(['pull_request', 'schedule']);
  });
});
