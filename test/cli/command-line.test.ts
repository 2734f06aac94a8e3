import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandRunner } from '../support/command-runner.ts';
import { runNode } from '../support/run.ts';
import { unattendedRows } from './up/rows.ts';

// No credentials, no Region, no profile: none of these may get as far as AWS.
const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
const place = ['--account', '111122223333', '--region', 'us-east-1'];
const commands = new CommandRunner();
afterAll(() => commands.end());

const cli = (...args: string[]) => commands.run(args, env);
const program = (...args: string[]) => runNode(['cli/main.js', ...args], { env });

describe('a command line that cannot be understood gets one line and status 2', () => {
  test.each<[string[], string]>([
    [
      ['strat'],
      'Unknown command "strat"; known: start, up, down, doctor, set-key, invoke, status, logs, release, rollback, agent, policies.',
    ],
    [['invoke', 'hello'], 'Say which environment: --environment dev.'],
    [
      ['invoke', '--environment', 'dev'],
      'Say what to ask: npm run invoke -- --environment dev "What is the weather now?".',
    ],
    [
      ['invoke', '--environment', 'dev', ' '],
      'Say what to ask: npm run invoke -- --environment dev "What is the weather now?".',
    ],
    [['invoke', '--environment', 'dev', 'two', 'words'], 'Only one prompt can be given, in quotes: got "two" "words".'],
    [['invoke', '--enviroment', 'dev', 'hello'], "Unknown option '--enviroment'. See --help."],
    [
      ['invoke', '--environment', 'dev', '--session', 'short', 'hello'],
      'The session id "short" has 5 characters: AgentCore wants 33 to 256.',
    ],
    [
      ['invoke', '--environment', 'dev', '--endpoint-url', 'nowhere', 'hello'],
      '--endpoint-url "nowhere" is not a URL such as http://127.0.0.1:4566.',
    ],
    [['set-key'], 'Say which environment: --environment dev.'],
    [['up'], 'Say which environment: --environment dev.'],
    [['up', '--environment', 'dev', '--prompt', ' '], 'The prompt is empty: leave --prompt out.'],
    [['up', '--environment', 'dev', 'sk-key'], 'It takes options only, and no other argument. See --help.'],
    [['down'], 'Say which environment: --environment dev.'],
    [['down', '--environment', 'dev', '--delete-everything'], "Unknown option '--delete-everything'. See --help."],
    [
      ['invoke', '--environment', 'dev', '--chat', 'hello'],
      'With --chat the prompts are typed: leave out the one in the command.',
    ],
    [['policies', 'deployer'], 'Say which environment: --environment prod.'],
    [
      ['policies', '--environment', 'dev', 'deployer'],
      'The environment dev names no account or no Region: add --account 111122223333 --region us-east-1.',
    ],
    [
      ['policies', '--environment', 'dev', ...place, 'everything'],
      'Say which policy: permissions-boundary, cloudformation, deployer, deployer-trust, diff or diff-trust, not "everything".',
    ],
    [
      ['policies', '--environment', 'dev', ...place, 'cloudformation'],
      'The environment dev has no permissionsBoundary: without one, whoever makes its roles can make any role. Set it in cdk.json.',
    ],
    [
      ['policies', '--environment', 'dev', ...place, '--repository', 'agents', 'deployer-trust'],
      'Say which repository: --repository OWNER/NAME or OWNER@ID/NAME@ID, not "agents".',
    ],
    [
      ['policies', '--environment', 'dev', ...place, '--repository', 'team@12/agents', 'diff-trust'],
      'Say which repository: --repository OWNER/NAME or OWNER@ID/NAME@ID, not "team@12/agents".',
    ],
    [['release'], 'Say which environment: --environment dev.'],
    [['release', '--environment', 'dev', '--prompt', ' '], 'The prompt is empty: leave --prompt out.'],
    [['release', '--environment', 'dev', '3'], 'It takes options only, and no other argument. See --help.'],
    [['rollback'], 'Say which environment: --environment dev.'],
    [
      ['rollback', '--environment', 'dev', '--to', 'newest'],
      '--to "newest" is no version: they are numbers, such as 3.',
    ],
    [['status'], 'Say which environment: --environment dev.'],
    [['logs'], 'Say which environment: --environment dev.'],
    [
      ['logs', '--environment', 'dev', '--since', '1 hour'],
      '--since "1 hour" is not a time such as 90s, 15m, 2h or 1d.',
    ],
    [
      ['logs', '--environment', 'dev', '--session', 'a"b'],
      '--session "a"b" is not a session id: letters, digits, hyphens and underscores.',
    ],
    [['start', '--port', '99999'], '--port "99999" is not a port: 0 to 65535.'],
    [['start', ''], 'The prompt is empty: say what to ask.'],
  ])('%j', async (args, line) => {
    expect(await cli(...args)).toMatchObject({ status: 2, stdout: '', stderr: `${line}\n` });
  });

  test('and so it leaves the program', async () => {
    expect(await program('strat')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^Unknown/) });
  });
});

describe('what a person has to change gets one line and status 1', () => {
  test.each(unattendedRows)('%s, where nobody can be asked', async (command, line) => {
    const ended = await cli(command, '--environment', 'dev');
    expect(ended).toMatchObject({ status: 1, stdout: '', stderr: `${line}\n` });
  });

  test('an environment that cdk.json does not have', async () => {
    expect(await cli('invoke', '--environment', 'prod', 'hello')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'There is no environment "prod" in cdk.json; there is: dev.\n',
    });
  });

  test('and so it leaves the program', async () => {
    const { status, stdout, stderr } = await program('invoke', '--environment', 'prod', 'hello');
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^There is no environment "prod".*\n$/)]);
  });

  test('no Region', async () => {
    const { status, stderr } = await cli('invoke', '--environment', 'dev', 'hello');
    expect([status, stderr.split('\n')]).toEqual([1, [expect.stringMatching(/^There is no AWS Region: /), '']]);
  });

  test('an endpoint where nobody answers', async () => {
    const { status, stderr } = await commands.run(
      ['invoke', '--environment', 'dev', '--endpoint-url', 'http://127.0.0.1:1', 'hello'],
      { ...env, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    );
    expect([status, stderr.split('\n')]).toEqual([
      1,
      [expect.stringMatching(/^127\.0\.0\.1:1 refuses the connection: /), ''],
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['not JSON', 'hello', /JSON/],
    ['without a prompt', '{}', /prompt/],
    ['with an empty prompt', '{"prompt": ""}', /prompt/],
  ])('a payload for the agent alone that is %s', async (_, payload, words) => {
    const { status, stdout, stderr } = await cli('agent', payload);
    expect([status, stdout, stderr.split('\n')]).toEqual([1, '', [expect.stringMatching(words), '']]);
  });

  test('a placeholder in OPENAI_API_KEY, before anything is deployed', async () => {
    expect(await commands.run(['start'], { ...env, OPENAI_API_KEY: 'changeme' })).toMatchObject({
      status: 1,
      stdout: '',
      stderr:
        'OPENAI_API_KEY is a placeholder, not a key. Set it to the real key, or unset it for the offline model.\n',
    });
  });

  test('the agent alone without OPENAI_API_KEY', async () => {
    const { status, stderr } = await cli('agent', '{"prompt": "What is the weather now?"}');
    expect([status, stderr.split('\n')]).toEqual([1, [expect.stringMatching(/^OPENAI_API_KEY is not set/), '']]);
  });
});

describe('a Node.js that is too old', () => {
  const pretendOld = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
  const line =
    'Node.js 20.20.2 is too old: this project needs Node.js 24 or later. Run it through npm or npx (npm start, npx cdk deploy), which use the Node.js 24 that `npm ci` has installed.\n';

  test.each([
    ['a command', ['cli/main.js', 'start']],
    ['the CDK app', ['--import', './bin/check-node.js', 'bin/outbound-auth.ts']],
  ])('is told so in one line by %s', async (_, args) => {
    expect(await runNode(['--import', pretendOld, ...args], { env })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: line,
    });
  });
});

describe('--help', () => {
  test.each([['start'], ['invoke'], ['release'], ['rollback'], ['agent']])(
    'of %s goes to stdout, with status 0',
    async (command) => {
      const { status, stdout, stderr } = await cli(command, '--help');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`npm ${command === 'start' ? 'start' : `run ${command}`}`);
    },
  );
});

describe('npm run policies', () => {
  test.each([
    ['deployer', ['TakeRolesOfBootstrap', 'AskAgent', 'SeeVersions', 'SeeCredentialProviders']],
    ['deployer-trust', ['TrustWorkflows']],
    ['diff', ['ReadStacks']],
    ['diff-trust', ['TrustWorkflows']],
    ['permissions-boundary', expect.arrayContaining(['GetApiKey', 'ReadSecret'])],
  ])('prints the policy %s, with nothing left to fill in', async (policy, sids) => {
    const more = ['--environment', 'dev', ...place, '--repository', 'team/agents'];
    const { status, stdout, stderr } = await cli('policies', policy, ...more);
    expect([status, stderr]).toEqual([0, '']);
    const { Statement } = JSON.parse(stdout) as { Statement: { Sid: string }[] };
    expect(Statement.map(({ Sid }) => Sid)).toEqual(sids);
    expect(stdout).toContain('111122223333');
    expect(stdout).not.toMatch(/undefined|\$\{|ACCOUNT/);
  });

  test('prints none that IAM would refuse for its length', async () => {
    const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:';
    const long = (letter: string) => ({ secret: `${arn}${letter.repeat(500)}`, source: 'copy' });
    const folder = mkdtempSync(join(tmpdir(), 'outbound-auth-policies-'));
    const former = join(folder, 'cdk.json');
    writeFileSync(former, JSON.stringify({ context: { environments: { dev: { ...long('a'), weather: long('b') } } } }));
    const { status, stdout, stderr } = await cli(
      ...['policies', 'permissions-boundary', '--environment', 'dev', ...place, '--former', former],
    );
    rmSync(folder, { recursive: true });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^This policy of dev has \d+ characters, and a managed policy holds 6144: .*--former\.\n$/);
  });
});
