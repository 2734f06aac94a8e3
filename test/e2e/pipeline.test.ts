import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyCredentials, cdkEnvironment } from '../../cli/start/environment.ts';
import { TestAccount } from '../support/account.ts';
import { checkOut } from '../support/check-out.ts';
import { readWorkflows, workflowFiles } from '../workflows/workflow.ts';

const workflows = readWorkflows(workflowFiles());
const secret = 'team/openai';

let account: TestAccount;

jest.setTimeout(180_000);

/** The scripts of a job, but for those that need the registry, and tests that are running already. */
function scriptsOf(file: string, job: string): string[] {
  const { steps = [] } = workflows.find((workflow) => workflow.file === file)?.jobs[job] ?? {};
  return steps
    .flatMap(({ run }) => run ?? [])
    .filter((run) => !/^(npm (ci|test|run (lint|types|test:e2e))|\.ci\/(audit|lint-workflows))$/.test(run.trim()));
}

/** Runs scripts as GitHub does: one by one, in the folder of a checkout, until one fails. */
async function runScripts(scripts: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
  let output = '';
  for (const script of scripts) {
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: folder, env });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (piece: Buffer) => {
        output += piece.toString();
      });
    }
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0) return { status, output };
  }
  return { status: 0, output };
}

/** A checkout whose cdk.json has the environment of the workflows. */
function newCheckout(name: string): string {
  const folder = join(account.folder, name);
  mkdirSync(folder);
  checkOut(folder);
  const file = join(folder, 'cdk.json');
  const cdkJson = JSON.parse(readFileSync(file, 'utf8'));
  const { account: id } = account.aws;
  cdkJson.context.environments = { staging: { account: id, region: account.region, secret } };
  writeFileSync(file, JSON.stringify(cdkJson));
  return folder;
}

/** What a job has: the environment's name, the artifact of the job before, and credentials of the role that it takes. */
async function jobWith(role: 'deployer' | 'diff') {
  const folder = newCheckout(role);
  cpSync(join(account.folder, 'test/cdk.out.tar.gz'), join(folder, 'cdk.out.tar.gz'));
  const { iam, account: id } = account.aws;
  const plain = cdkEnvironment({ ...account.client, credentials: anyCredentials }, account.folder);
  const printed = await runScripts([`npm run --silent policies -- ${role} --environment staging`], folder, plain);
  const { arn } = iam.putRole({
    name: role,
    trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: id } } },
    inlinePolicies: { Printed: JSON.parse(printed.output) },
  });
  const credentials = iam.assumeRole(iam.administrator, arn, 'github');
  const env = {
    ...cdkEnvironment({ ...account.client, credentials }, account.folder),
    AWS_SESSION_TOKEN: credentials.sessionToken,
    ENVIRONMENT: 'staging',
  };
  return { folder, env };
}

beforeAll(async () => {
  account = await TestAccount.open();
  account.createSecret(secret);
});

afterAll(() => account.close());

describe('the scripts of the workflows', () => {
  test('make one cdk.out without credentials', async () => {
    const scripts = scriptsOf('test.yml', 'test');
    expect(scripts).toHaveLength(2);
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _key, ...environment } = account.environment;
    expect(await runScripts(scripts, newCheckout('test'), environment)).toMatchObject({ status: 0 });
  });

  test('deploy it elsewhere with the role of the deployer, and release it', async () => {
    const { folder, env } = await jobWith('deployer');
    const { status, output } = await runScripts(scriptsOf('deploy.yml', 'deploy'), folder, env);
    expect([status, status === 0 ? '' : output]).toEqual([0, '']);
    expect(output).toContain('Version 1 is live');
  });

  test('compare it with the role of pull requests, and say nothing but the difference', async () => {
    const { folder, env } = await jobWith('diff');
    const scripts = scriptsOf('pull-request.yml', 'diff');
    expect(await runScripts(scripts, folder, env)).toMatchObject({ status: 0 });
    const diff = readFileSync(join(folder, 'diff-staging.txt'), 'utf8');
    expect(diff).toContain('Number of stacks with differences: 0');
    expect(diff).not.toContain('lookup');
    // By night the same, which fails where there is one.
    const nightly = scriptsOf('drift.yml', 'diff').filter((script) => script.includes('cdk diff'));
    expect(await runScripts(nightly, folder, env)).toMatchObject({ status: 0 });
    const templates = join(folder, 'cdk.out/assembly-staging');
    for (const name of readdirSync(templates).filter((each) => each.endsWith('.template.json'))) {
      const text = readFileSync(join(templates, name), 'utf8');
      writeFileSync(join(templates, name), text.replace('"Description": "', '"Description": "Changed: '));
    }
    expect(await runScripts(nightly, folder, env)).toMatchObject({ status: 1 });
  });
});
