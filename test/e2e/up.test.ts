import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestAccount } from '../support/account.ts';
import { checkOut } from '../support/check-out.ts';
import { projectFolder, runNode } from '../support/run.ts';

jest.setTimeout(240_000);

const secret = 'agentcore-outbound-auth/dev/openai';

let account: TestAccount;
let key: string;
let env: Record<string, string>;

beforeAll(async () => {
  account = await TestAccount.open({ bootstrapped: false });
  // The commands leave it to cdk where it puts what it makes; beside other tests that is a folder of its own.
  ({ key } = account.model);
  env = { ...account.environment, CDK_OUTPUT: join(account.folder, 'cdk.out') };
});
afterAll(() => account.close());

const cli = (args: string[], input = '') => runNode(['cli/main.js', ...args, '--environment', 'dev'], { env, input });

/** What can be in the account, by name. */
function contents({ aws, region } = account) {
  const { administrator } = aws.iam;
  const call = { caller: administrator, region, authorize: () => {} };
  const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
  return {
    stacks: namesOf(aws.stacks.list(region).filter(({ status }) => status !== 'DELETE_COMPLETE')),
    roles: namesOf(aws.iam.roles()),
    providers: namesOf(aws.credentialProviders.list(call, {}).credentialProviders),
    runtimes: namesOf(aws.runtimes.list(region)),
    workloadIdentities: namesOf(aws.workloadIdentities.list(call, {}).workloadIdentities),
    secrets: namesOf(aws.secrets.list(administrator, region)),
    logGroups: namesOf(aws.logs.groups(region)),
    functions: aws.functions.list(region).map(({ arn }) => arn),
    queues: namesOf(aws.queues.list(region)),
    rules: namesOf(aws.events.rules(region)),
    alarms: namesOf(aws.alarms.list(region)),
  };
}

const nothing = {
  stacks: [],
  roles: [],
  providers: [],
  runtimes: [],
  workloadIdentities: [],
  secrets: [],
  logGroups: [],
  functions: [],
  queues: [],
  rules: [],
  alarms: [],
};

/** What the bootstrap leaves in a Region. */
const bootstrap = {
  stacks: ['CDKToolkit'],
  roles: expect.arrayContaining([expect.stringMatching(/^cdk-hnb659fds-/)]),
};

describe('an empty account', () => {
  test('stays empty where no key is given', async () => {
    const { status, stdout, stderr } = await cli(['up', '--yes']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/nothing was stored\.\n$/);
    expect(contents()).toEqual(nothing);
  });

  test('stays as it is where the secret holds a placeholder: that is for a person', async () => {
    const { aws, region } = account;
    const administrator = aws.iam.administrator;
    const store = { name: secret, secretString: JSON.stringify({ apiKey: 'YOUR_API_KEY' }) };
    aws.secrets.create(administrator, region, store);
    const { status, stdout, stderr } = await cli(['up', '--yes'], key);
    aws.secrets.delete(administrator, region, { secretId: secret, force: true });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Nothing was changed\. secret: .*placeholder.* npm run set-key -- --environment dev$/m);
    expect(contents()).toEqual(nothing);
  });
});

describe('npm run up', () => {
  test('that is interrupted says so, and what to do', async () => {
    const { aws, region } = account;
    const child = spawn(process.execPath, ['cli/main.js', 'up', '--environment', 'dev', '--yes'], {
      cwd: projectFolder,
      env,
    });
    child.stdin.end(key);
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += String(chunk)));
    const ended = once(child, 'close');
    while (child.exitCode === null && !aws.stacks.find(region, 'outbound-auth-dev-identity')) await sleep(20);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(printed).toMatch(
      /cdk deploy was interrupted by SIGINT\. What CloudFormation has begun it ends by itself: npm run up -- --environment dev goes on from there\.\n$/,
    );
    expect(printed).not.toContain(key);
    expect(contents()).toMatchObject({ ...bootstrap, stacks: ['outbound-auth-dev-identity', 'CDKToolkit'] });
  });

  test('goes on from there to an answer, with the key that was typed once', async () => {
    const { status, stdout, output } = await cli(['up', '--yes', '--json', '--prompt', 'How much is 6 times 7?']);
    expect(output).not.toContain(key);
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      {
        environment: 'dev',
        account: account.aws.account,
        region: account.region,
        made: [],
        changed: true,
        version: '1',
        former: null,
        answer: expect.stringContaining('42'),
      },
    ]);
    expect(account.takeKeysUsed()).toEqual([key]);
  });

  test('again changes nothing, and says so', async () => {
    const events = () => account.aws.stacks.list(account.region).map((stack) => stack.events.length);
    const before = [contents(), events()];
    const { status, stdout } = await cli(['up', '--yes']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing to deploy: version 1 is live, as it was\. It answered: .*\b4\b/),
    ]);
    expect([contents(), events()]).toEqual(before);
  });
});

describe('npm run down', () => {
  test('refuses what is protected, and touches nothing', async () => {
    const stack = account.aws.stacks.get(account.region, 'outbound-auth-dev-agent');
    stack.terminationProtection = true;
    const before = contents();
    const { status, stdout, stderr } = await cli(['down', '--yes', '--delete-logs', '--delete-secret']);
    stack.terminationProtection = false;
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^The stack outbound-auth-dev-agent is protected from deletion: .*\n$/);
    expect(contents()).toEqual(before);
  });

  test('leaves what its report names, and nothing else', async () => {
    const { status, stdout } = await cli(['down', '--yes', '--json']);
    expect(status).toBe(0);
    const { deleted, kept } = JSON.parse(stdout) as Record<'deleted' | 'kept', { kind: string; name: string }[]>;
    expect(deleted.map(({ kind }) => kind).sort()).toEqual(
      [
        'credential provider',
        // Of the two handlers; and of the agent's endpoints.
        ...['log group', 'log group', 'log group of the agent', 'log group of the agent'],
        'runtime',
        ...['stack', 'stack'],
      ].sort(),
    );
    expect(kept.map(({ kind }) => kind)).toEqual(['secret', 'bootstrap']);
    const named = (kind: string) => kept.flatMap((item) => (item.kind === kind ? item.name : []));
    const left = contents();
    expect(left).toEqual({
      ...nothing,
      ...bootstrap,
      secrets: named('secret'),
    });
    expect(left.roles.filter((role) => !role.startsWith('cdk-hnb659fds-'))).toEqual([]);
  });

  test('deletes the logs and the secret too where it is asked to, and says until when the secret can be had back', async () => {
    // As AgentCore has made it anew for a session that went on.
    account.aws.logs.createGroup(account.region, '/aws/bedrock-agentcore/runtimes/outbound_auth_dev-a1b2c3d4e5-live');
    const { status, stdout } = await cli(['down', '--yes', '--delete-logs', '--delete-secret']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^Deleted {2}log group of the agent \/aws\/bedrock-agentcore\/runtimes\/outbound_auth_dev-/m,
    );
    expect(stdout).toMatch(/^Going {4}secret .*, scheduled for deletion$/m);
    expect(stdout).toMatch(/^ +it can be had back until \d{4}-\d\d-\d\d: aws secretsmanager restore-secret/m);
    expect(stdout).not.toContain('Costs a monthly fee');
    expect(contents()).toMatchObject({ ...bootstrap, logGroups: [] });
  });

  test('after which up waits for a person to get the secret back', async () => {
    const { status, stderr } = await cli(['up', '--yes'], key);
    expect(status).toBe(1);
    expect(stderr).toBe(
      `Nothing was changed. secret: ${secret} is scheduled for deletion. Get it back: aws secretsmanager restore-secret --secret-id ${secret}\n`,
    );
  });
});

describe('an environment whose agent is code', () => {
  let other: TestAccount;
  beforeAll(async () => {
    other = await TestAccount.open({ bootstrapped: false });
  });
  afterAll(() => other.close());

  test('goes the same way there and back, on a machine without Docker', async () => {
    const checkout = join(other.folder, 'checkout');
    checkOut(checkout);
    const file = join(checkout, 'cdk.json');
    const settings = JSON.parse(readFileSync(file, 'utf8'));
    settings.context.environments = { dev: { secret, artifact: 'code' } };
    writeFileSync(file, JSON.stringify(settings));
    const run = (args: string[], input = '') =>
      runNode(['cli/main.js', ...args, '--environment', 'dev', '--yes', '--json'], {
        cwd: checkout,
        env: { ...other.environment, CDK_DOCKER: '/there/is/no/docker' },
        input,
      });

    const up = await run(['up'], other.model.key);
    expect([up.status, JSON.parse(up.stdout)]).toMatchObject([
      0,
      { made: ['secret', 'bootstrap'], changed: true, version: '1', answer: expect.stringContaining('4') },
    ]);
    expect(other.aws.images.repositories(other.region).flatMap(({ images }) => [...images])).toEqual([]);

    const down = await run(['down', '--delete-logs', '--delete-secret']);
    expect([down.status, JSON.parse(down.stdout)]).toMatchObject([
      0,
      { kept: [{ kind: 'secret', state: 'scheduled for deletion' }, { kind: 'bootstrap' }] },
    ]);
    expect(contents(other)).toMatchObject({ ...nothing, ...bootstrap, secrets: expect.anything() });
  });
});
