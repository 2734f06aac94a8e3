import { setTimeout as sleep } from 'node:timers/promises';
import { releaseNewest } from '../../cli/release/release-newest.ts';
import { rollBack } from '../../cli/release/roll-back.ts';
import { type Environment, readEnvironments } from '../../lib/environments/index.ts';
import { type HttpServer, startHttpServer } from '../agent/support/http-server.ts';
import { TestAccount } from '../support/account.ts';
import { CommandRunner } from '../support/command-runner.ts';
import { type SynthesizedStack, synthesize } from '../support/in-process-cdk.ts';
import type { Ended } from '../support/run.ts';

const agentStack = 'outbound-auth-dev-agent';
const identityStack = 'outbound-auth-dev-identity';
/** As in cdk.json, where the commands look for it. */
const secret = 'agentcore-outbound-auth/dev/openai';
const otherSecret = 'team/another-key';
const question = { prompt: 'How much is 2X2?' };
const hours = 3_600_000;

let account: TestAccount;
const commands = new CommandRunner();
let environment: Environment;
/** A model provider that has no model. */
let emptyServer: HttpServer;

jest.setTimeout(120_000);

beforeAll(async () => {
  account = await TestAccount.open();
  emptyServer = await startHttpServer((request, response) => {
    request.resume();
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"There is no such model.","code":"model_not_found"}}');
  });
  [environment] = readEnvironments({ dev: { secret } }) as [Environment];
  for (const name of [secret, otherSecret]) account.createSecret(name, `${account.model.key}-${name.length}`);
});

afterAll(async () => {
  await commands.end();
  await emptyServer.close();
  await account.close();
});

const synthesized = new Map<string, Promise<SynthesizedStack[]>>();

/**
 * As `cdk deploy` does: with CloudFormation's role, and the parameters left as they are.
 *
 * @param variables of the agent, beside those that the settings give it
 */
async function deploy(settings: object = {}, variables: object = {}): Promise<void> {
  const { aws, region } = account;
  const known = JSON.stringify(settings);
  const stacks = synthesized.get(known) ?? synthesize(aws, region, { dev: { secret, ...settings } });
  synthesized.set(known, stacks);
  const roleArn = aws.iam.roleArn(`cdk-hnb659fds-cfn-exec-role-${aws.account}-${region}`);
  for (const { stackName, template } of structuredClone(await stacks)) {
    const runtime = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::BedrockAgentCore::Runtime');
    if (runtime) Object.assign(runtime.Properties.EnvironmentVariables as object, variables);
    await aws.stacks.deploy({ region, roleArn, stackName, template });
  }
}

const cli = (...args: string[]): Promise<Ended> => commands.run([...args, '--environment', 'dev'], account.environment);

/** The last line is what came of it; those before tell what was going on. */
const lastLine = ({ stderr }: Ended) => stderr.trimEnd().split('\n').at(-1);

const outcomeOf = (ended: Ended) => ({ status: ended.status, stdout: ended.stdout, line: lastLine(ended) });

/** The commands without a process of their own. */
const subject = () => ({ environment, client: { ...account.client } });

const runtimeArn = () => account.output(agentStack, 'RuntimeArn');
const newest = () => account.output(agentStack, 'RuntimeVersion');

async function live(): Promise<string | undefined> {
  const id = (await runtimeArn()).split('/').at(-1) ?? '';
  return account.aws.runtimes.find(account.region, id).endpoints.get('live')?.version;
}

async function ask(qualifier = 'live', runtimeSessionId?: string): Promise<unknown> {
  const options = { qualifier, ...(runtimeSessionId && { runtimeSessionId }) };
  return JSON.parse((await account.invoke(await runtimeArn(), question, options)).body) as unknown;
}

/** Which versions have answered on an endpoint since the last look. */
const versionsAsked = (endpoint: string, since: number) =>
  [
    ...new Set(account.aws.runtimes.invocations.slice(since).filter(({ endpointName }) => endpointName === endpoint)),
  ].map(({ version }) => version);

function providers() {
  const { aws, region } = account;
  const call = { region, caller: aws.iam.administrator, authorize: () => {} };
  return aws.credentialProviders
    .list(call, {})
    .credentialProviders.map(({ name = '', credentialProviderArn: arn = '' }) => ({
      name,
      arn,
    }));
}

/** As if time had passed since what the providers were last used; then the handler's rule runs, as it does every day. */
async function dayPasses(): Promise<void> {
  const { aws, region } = account;
  for (const { arn } of providers()) {
    const { 'outbound-auth:used-until': until = '' } = aws.credentialProviders.tags.of(arn);
    if (!Date.parse(until)) continue;
    const earlier = new Date(Date.parse(until) - 9 * hours).toISOString();
    aws.credentialProviders.tags.put(arn, { 'outbound-auth:used-until': earlier });
  }
  const runs = refreshes();
  aws.events.runSchedule(region, aws.events.rules(region)[0]?.name ?? '');
  const end = Date.now() + 20_000;
  while (refreshes() === runs) {
    if (Date.now() > end) throw new Error('the rule did not run');
    await sleep(50);
  }
}

function refreshes(): number {
  const { aws, region } = account;
  const groups = aws.logs.groups(region).filter(({ name }) => name.includes('Handler'));
  const lines = groups.flatMap(({ name }) => aws.logs.events(region, name).map(({ message }) => message));
  return lines.filter((line) => line.includes('"eventName":"Scheduled Event"')).length;
}

describe('before the first release', () => {
  test('there is nothing deployed: both commands say so', async () => {
    const line = `The environment dev is not deployed here: there is no stack ${agentStack}. Deploy it: npm run up -- --environment dev.`;
    for (const command of ['release', 'rollback']) {
      expect(outcomeOf(await cli(command))).toEqual({ status: 1, stdout: '', line });
    }
  });

  test('a deployment makes no endpoint, and the newest version is asked', async () => {
    await deploy();
    expect(await live()).toBeUndefined();
    const { status, stdout } = await cli('invoke', '--json', question.prompt);
    expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ qualifier: 'DEFAULT' })]);
  });

  test('a rollback has nowhere to lead', async () => {
    await expect(rollBack(subject())).rejects.toThrow(
      'Nothing is live in dev: there was no release yet. Make one: npm run release -- --environment dev.',
    );
  });
});

describe('a release', () => {
  test('makes the endpoint, and callers are answered by it', async () => {
    const { status, stdout, stderr } = await cli('release', '--json');
    expect([status, JSON.parse(stdout)]).toEqual([0, { version: '1', former: null, moved: true, answer: '2*2 = 4.' }]);
    expect(stderr).toContain('Version 1 is asked: How much is 2X2?\nlive moves to version 1');
    const before = account.aws.runtimes.invocations.length;
    const asked = await cli('invoke', '--json', question.prompt);
    expect(JSON.parse(asked.stdout)).toMatchObject({ answer: '2*2 = 4.', qualifier: 'live' });
    expect(versionsAsked('live', before)).toEqual(['1']);
  });

  test('of what is live already says so, and changes nothing', async () => {
    const before = (await account.stack(agentStack))?.LastUpdatedTime;
    const { status, stdout } = await cli('release');
    expect([status, stdout]).toEqual([0, 'Version 1 was live already. It answered: 2*2 = 4.\n']);
    expect((await account.stack(agentStack))?.LastUpdatedTime).toEqual(before);
  });

  test('that was the first leaves nothing to roll back to', async () => {
    await expect(rollBack(subject())).rejects.toThrow(
      'live has served no version but 1: there is none before it. Name one with --to.',
    );
  });
});

describe('a broken version', () => {
  test('is deployed, fails its smoke test, and never receives a call on live', async () => {
    const before = account.aws.runtimes.invocations.length;
    let isOver = false;
    const answers: unknown[] = [];
    const caller = async () => {
      while (!isOver) answers.push(await ask());
    };
    // Two, so that there are two answers however quick the release is.
    const callers = Promise.all([caller(), caller()]);
    await deploy({}, { OPENAI_BASE_URL: `${emptyServer.url}/v1` });
    const ended = await cli('release');
    isOver = true;
    await callers;
    expect(await newest()).toBe('2');
    expect(outcomeOf(ended)).toEqual({
      status: 1,
      stdout: '',
      line: expect.stringMatching(/^Version 2 failed its smoke test: ModelNotFound: .*; live stays on version 1\.$/),
    });
    expect(await live()).toBe('1');
    expect(answers.length).toBeGreaterThan(1);
    expect(new Set(answers)).toEqual(new Set(['2*2 = 4.']));
    expect(new Set(versionsAsked('live', before))).toEqual(new Set(['1']));
    expect(versionsAsked('DEFAULT', before)).toEqual(['2']);
  });

  test('whose container does not start is not released either', async () => {
    await deploy({}, { NODE_DEBUG: 'net' });
    await expect(releaseNewest(subject())).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        /^Version 3 failed its smoke test: RuntimeClientError: .*; live stays on version 1\.$/,
      ),
    });
    expect(await live()).toBe('1');
  });

  test('that AgentCore calls failed is not even asked', async () => {
    const id = (await runtimeArn()).split('/').at(-1) ?? '';
    const version = account.aws.runtimes.find(account.region, id).versions.at(-1);
    if (!version) throw new Error('There is no version.');
    version.status = 'UPDATE_FAILED';
    await expect(releaseNewest(subject())).rejects.toThrow(
      'Version 3 is UPDATE_FAILED. Wait for its deployment, or deploy again.',
    );
    await expect(rollBack({ ...subject(), to: '3' })).rejects.toThrow('Version 3 is UPDATE_FAILED, not READY.');
    version.status = 'READY';
  });
});

describe('a good version', () => {
  const openSession = `opened-on-version-1-${'x'.repeat(33)}`;

  test('moves live, and the session that was open stays on the version that it began with', async () => {
    expect(await ask('live', openSession)).toBe('2*2 = 4.');
    await deploy({}, { SYSTEM_PROMPT: 'Be brief.' });
    const before = account.aws.runtimes.invocations.length;
    const { status, stdout } = await cli('release', '--prompt', 'How much is 3 times 3?');
    expect([status, stdout]).toEqual([0, 'Version 4 is live, in the place of version 1. It answered: 3*3 = 9.\n']);
    await ask();
    expect(versionsAsked('live', before)).toEqual(['4']);
    const then = account.aws.runtimes.invocations.length;
    await ask('live', openSession);
    expect(versionsAsked('live', then)).toEqual(['1']);
  });

  test('is rolled back by one command, at once, and then answers are those of the version before', async () => {
    const { status, stdout } = await cli('rollback');
    expect([status, stdout]).toEqual([
      0,
      'Version 1 is live again, in the place of version 4; another rollback leads back to that. It answered: 2*2 = 4.\n',
    ]);
    const before = account.aws.runtimes.invocations.length;
    expect(await ask()).toBe('2*2 = 4.');
    expect(versionsAsked('live', before)).toEqual(['1']);
  });

  test('is live again after a second rollback: the two change places', async () => {
    const { status, stdout } = await cli('rollback', '--json');
    expect([status, JSON.parse(stdout)]).toEqual([0, { version: '4', former: '1', answer: '2*2 = 4.', moved: true }]);
  });

  test('keeps its place through the next deployment', async () => {
    await deploy({}, { SYSTEM_PROMPT: 'Be kind.' });
    expect([await newest(), await live()]).toEqual(['5', '4']);
  });

  test('that live serves is said to a person at a terminal, not to a pipe, where another is newer', async () => {
    const { status, stderr } = await cli('invoke', question.prompt);
    expect([status, stderr]).toEqual([0, '']);
    const before = account.aws.runtimes.invocations.length;
    expect((await cli('invoke', '--qualifier', 'DEFAULT', question.prompt)).stdout).toBe('2*2 = 4.\n');
    expect(versionsAsked('DEFAULT', before)).toEqual(['5']);
  });
});

describe('a rollback to a version by its number', () => {
  test('leads there', async () => {
    expect(await rollBack({ ...subject(), to: '1' })).toEqual({ version: '1', former: '4', answer: '2*2 = 4.' });
    expect(await live()).toBe('1');
  });

  test('leads there too by whoever may not take the deploy role, with permissions of their own', async () => {
    const { iam } = account.aws;
    const { arn } = iam.putRole({
      name: 'somebody',
      trustPolicy: {
        Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: account.aws.account } },
      },
      inlinePolicies: {
        NotTheirRoles: {
          Statement: [
            { Effect: 'Allow', Action: '*', Resource: '*' },
            { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' },
          ],
        },
      },
    });
    const { accessKeyId, secretAccessKey, sessionToken } = iam.assumeRole(iam.administrator, arn, 'somebody');
    const client = { ...account.client, credentials: { accessKeyId, secretAccessKey, sessionToken } };
    const { authorizations } = iam.record();
    await rollBack({ environment, client, to: '4' });
    await rollBack({ environment, client });
    const updates = authorizations.filter(({ action }) => action === 'cloudformation:UpdateStack');
    expect(updates.map(({ principal }) => principal.roleArn)).toEqual([arn, arn]);
    expect(await live()).toBe('1');
  });

  test('to the one that is live changes nothing', async () => {
    const { status, stdout } = await cli('rollback', '--to', '1');
    expect([status, stdout]).toEqual([0, 'Version 1 is live already.\n']);
  });

  test('to one that there is not is refused', async () => {
    await expect(rollBack({ ...subject(), to: '77' })).rejects.toThrow(
      'There is no version 77 of the runtime: its newest is 5.',
    );
  });

  test('to one that does not answer is done, and told, with a status that no pipeline passes over', async () => {
    const { status, stdout, stderr } = await cli('rollback', '--to', '2');
    expect([status, stdout]).toEqual([
      1,
      'Version 2 is live again, in the place of version 1; another rollback leads back to that.\n',
    ]);
    expect(stderr).toMatch(/It does not answer: ModelNotFound: .*\.\n$/);
    await rollBack(subject());
    expect(await live()).toBe('1');
  });
});

describe('a release while something else goes on', () => {
  test('is refused while the stack is deployed, and live stays', async () => {
    const stack = account.aws.stacks.get(account.region, agentStack);
    const { status } = stack;
    stack.status = 'UPDATE_IN_PROGRESS';
    const asking = releaseNewest(subject());
    await expect(asking).rejects.toThrow(
      /^live was not moved: .* is in UPDATE_IN_PROGRESS state and can not be updated\. Wait for/,
    );
    stack.status = status;
    expect(await live()).toBe('1');
  });

  test('does not release what was deployed while the smoke test ran', async () => {
    const asking = releaseNewest({
      ...subject(),
      progress: () => void deploy({}, { SYSTEM_PROMPT: 'Be quick.' }),
    });
    await expect(asking).rejects.toThrow(
      /^Version 6 was deployed while version 5 was asked: live stays on version 1\. Release again\.$/,
    );
    await account.aws.stacks.get(account.region, agentStack).running;
    expect(await live()).toBe('1');
  });

  test('that CloudFormation rolls back says why, and live stays', async () => {
    const id = (await runtimeArn()).split('/').at(-1) ?? '';
    const { versions } = account.aws.runtimes.find(account.region, id);
    const gone: typeof versions = [];
    const asking = releaseNewest({
      ...subject(),
      // Between the smoke test and the update of the endpoint.
      progress: (line) => void (line.startsWith('live moves') && gone.push(...versions.splice(-1))),
    });
    await expect(asking).rejects.toThrow(
      /^live was not moved; the stack outbound-auth-dev-agent is UPDATE_ROLLBACK_COMPLETE: Live\w+: .*No version 6/,
    );
    versions.push(...gone);
    expect(await live()).toBe('1');
  });
});

describe('an endpoint that somebody has moved by hand', () => {
  test('is told, with the command that moves it back', async () => {
    const id = (await runtimeArn()).split('/').at(-1) ?? '';
    const move = (version: string) =>
      account.aws.runtimes.putEndpoint({ region: account.region, authorize: () => {} }, 'update', id, {
        name: 'live',
        version,
      });
    move('4');
    await expect(rollBack({ ...subject(), to: '1' })).rejects.toThrow(
      /^The stack outbound-auth-dev-agent has version 1, and live serves 4 \(READY\): somebody has changed it by hand\. Move it back: aws /,
    );
    move('1');
  });
});

describe('another secret while an older version is live', () => {
  let former: string;

  beforeAll(async () => {
    await releaseNewest(subject());
    [{ name: former } = { name: '' }] = providers();
  });

  test('is another provider for the newest version; the one of live outlives the retirement', async () => {
    await deploy({ secret: otherSecret });
    await dayPasses();
    await dayPasses();
    expect(providers().map(({ name }) => name)).toContain(former);
    account.takeKeysUsed();
    expect(await ask()).toBe('2*2 = 4.');
    expect(account.takeKeysUsed()).toEqual([`${account.model.key}-${secret.length}`]);
    expect(await ask('DEFAULT')).toBe('2*2 = 4.');
    expect(account.takeKeysUsed()).toEqual([`${account.model.key}-${otherSecret.length}`]);
  });

  test('and a third one: live still gets its key, though the one between is gone', async () => {
    await deploy({ secret: otherSecret, credentialProviderName: 'third' });
    await dayPasses();
    expect(
      providers()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([former, 'third'].sort());
    expect(await ask()).toBe('2*2 = 4.');
    expect(await ask('DEFAULT')).toBe('2*2 = 4.');
  });

  test('is released, rolled back across the replacement, and stays for as long as that is live', async () => {
    await releaseNewest(subject());
    expect(await ask()).toBe('2*2 = 4.');
    expect(await rollBack(subject())).toMatchObject({ answer: '2*2 = 4.' });
    await dayPasses();
    expect(await ask()).toBe('2*2 = 4.');
    expect(providers().map(({ name }) => name)).toContain(former);
  });

  test('is released for good: its former provider goes eight hours later, and a rollback to it is refused', async () => {
    await releaseNewest(subject());
    await dayPasses();
    expect(providers().map(({ name }) => name)).toEqual(['third']);
    expect(outcomeOf(await cli('rollback'))).toEqual({
      status: 1,
      stdout: '',
      line: expect.stringMatching(
        new RegExp(`^Version \\d+ gets its openai key from the credential provider ${former}, which is gone: deploy `),
      ),
    });
    expect(await ask()).toBe('2*2 = 4.');
  });
});

describe('another runtime', () => {
  test('has nothing live until one of its own versions is released, whatever number was live before', async () => {
    await deploy({ secret: otherSecret, credentialProviderName: 'third', runtimeName: 'another' });
    expect([await newest(), await live()]).toEqual(['1', undefined]);
    await expect(rollBack(subject())).rejects.toThrow('Nothing is live in dev');
    expect(await releaseNewest(subject())).toMatchObject({ version: '1', former: undefined });
    expect(await ask()).toBe('2*2 = 4.');
    await expect(rollBack(subject())).rejects.toThrow('live has served no version but 1');
  });
});

describe('credentials', () => {
  test('of another account are refused before anything is asked', async () => {
    const elsewhere = { ...environment, account: '999988887777' };
    await expect(releaseNewest({ ...subject(), environment: elsewhere })).rejects.toThrow(
      'The credentials are of the account 111122223333, and the environment dev lives in 999988887777: log in there (aws sso login, AWS_PROFILE, …).',
    );
  });
});

test('destroying it leaves no endpoint and nothing else behind', async () => {
  const { aws, region } = account;
  for (const name of [agentStack, identityStack]) await aws.stacks.destroy(region, name);
  expect(aws.runtimes.list(region)).toEqual([]);
  expect(providers()).toEqual([]);
});
