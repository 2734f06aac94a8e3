import type { Aws } from '../../../local-aws/aws.ts';
import type { FunctionConfiguration } from '../../../local-aws/lambda/function-configuration.ts';
import { account, eventually, isAlive, openAccount, putRole, region, upload } from './support.ts';

let aws: Aws;
let close: () => Promise<void>;
let role: string;
const mayLog = {
  Effect: 'Allow',
  Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '*',
} as const;

beforeAll(async () => {
  ({ aws, close } = await openAccount());
  role = putRole(aws, 'handler', 'lambda.amazonaws.com', [mayLog]).arn;
});
afterAll(() => close());

const deploy = (functionName: string, source: string, more: Partial<FunctionConfiguration> = {}) =>
  aws.functions.create(region, {
    functionName,
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    role,
    code: upload(aws, { 'index.mjs': source }),
    ...more,
  });

describe('a function', () => {
  it('answers with what its handler returns, whether its code is an ES module or CommonJS', async () => {
    await deploy('module', 'export const handler = async (event) => ({ got: event.word });');
    await deploy('common', '', {
      code: upload(aws, { 'src/main.js': 'exports.run = async (event) => ({ got: event.word });' }),
      handler: 'src/main.run',
    });
    for (const name of ['module', 'common']) {
      expect(await aws.functions.invoke(region, name, { word: 'hello' })).toMatchObject({ payload: { got: 'hello' } });
    }
  });

  it('sees what Lambda gives it, and nothing of the environment of local-aws', async () => {
    process.env.OPENAI_API_KEY = 'must-not-leak';
    try {
      await deploy('environment', 'export const handler = async () => process.env;', {
        environment: { TABLE: 'mine' },
        memorySize: 256,
      });
      const { payload } = await aws.functions.invoke(region, 'environment', {});
      const env = payload as Record<string, string>;
      expect(env).toMatchObject({
        TABLE: 'mine',
        AWS_LAMBDA_FUNCTION_NAME: 'environment',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/environment',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: aws.endpoint,
        TZ: ':UTC',
        HOME: env.LAMBDA_TASK_ROOT,
      });
      expect(aws.iam.principalOf(env.AWS_ACCESS_KEY_ID ?? '')).toMatchObject({ roleArn: role });
      const known = /^(AWS_|LAMBDA_TASK_ROOT$|_HANDLER$|PATH$|HOME$|TMPDIR$|LANG$|TZ$|TABLE$)/;
      expect(Object.keys(env).filter((name) => !known.test(name))).toEqual([]);
    } finally {
      delete process.env.OPENAI_API_KEY;
    }
  });

  it('gets a context with its request id and the time that it has left', async () => {
    await deploy('context', 'export const handler = async (_e, c) => ({ ...c, left: c.getRemainingTimeInMillis() });', {
      timeout: 7,
    });
    const { payload } = await aws.functions.invoke(region, 'context', {}, 'request-1');
    expect(payload).toMatchObject({
      awsRequestId: 'request-1',
      functionName: 'context',
      invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:context`,
      logGroupName: '/aws/lambda/context',
      memoryLimitInMB: '128',
    });
    const { left } = payload as { left: number };
    expect(left).toBeGreaterThan(5000);
    expect(left).toBeLessThanOrEqual(7000);
  });

  it('may answer through a callback on nodejs22.x', async () => {
    const source = 'export const handler = (event, context, callback) => callback(null, event.word);';
    await deploy('callback', source, { runtime: 'nodejs22.x' });
    expect((await aws.functions.invoke(region, 'callback', { word: 'called' })).payload).toBe('called');
  });

  it('keeps its child warm, and gives two events at a time to two children', async () => {
    await deploy(
      'warm',
      `export const handler = async ({ wait }) => {
      await new Promise((r) => setTimeout(r, wait)); return process.pid; };`,
    );
    const invoke = async (wait: number) => (await aws.functions.invoke(region, 'warm', { wait })).payload;
    const first = await invoke(0);
    expect(await invoke(0)).toBe(first);
    const [one, two] = await Promise.all([invoke(200), invoke(200)]);
    expect(one).not.toBe(two);
  });

  it('reports what its handler throws as Lambda does, and lives on', async () => {
    await deploy(
      'thrower',
      `export const handler = async ({ ok }) => {
      if (!ok) throw new TypeError('no good'); return process.pid; };`,
    );
    expect(await aws.functions.invoke(region, 'thrower', {})).toMatchObject({
      functionError: 'Unhandled',
      payload: {
        errorType: 'TypeError',
        errorMessage: 'no good',
        trace: expect.arrayContaining(['TypeError: no good']),
      },
    });
    expect((await aws.functions.invoke(region, 'thrower', { ok: true })).functionError).toBeUndefined();
  });

  it.each([
    ['a handler that is not there', 'export const other = 1;', 'Runtime.HandlerNotFound'],
    ['code that cannot be loaded', 'import "nothing-here"; export const handler = 1;', 'Error'],
    ['an exit in the middle', 'export const handler = async () => process.exit(3);', 'Runtime.ExitError'],
    [
      'a rejection that nobody handles',
      'export const handler = () => { Promise.reject(new Error("lost")); return new Promise(() => {}); };',
      'Runtime.UnhandledPromiseRejection',
    ],
    ['a handler with a callback', 'export const handler = (e, c, cb) => cb();', 'Runtime.CallbackHandlerDeprecated'],
  ])('says what went wrong with %s', async (title, source, errorType) => {
    const name = title.replaceAll(' ', '-');
    await deploy(name, source);
    expect(await aws.functions.invoke(region, name, {})).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType },
    });
  });

  it('is killed at the end of its time, and the next event gets a new child', async () => {
    await deploy(
      'slow',
      `export const handler = async ({ loop }) => {
      console.log('pid', process.pid); while (loop) {} return process.pid; };`,
      { timeout: 1 },
    );
    const answer = await aws.functions.invoke(region, 'slow', { loop: true }, 'request-2');
    expect(answer).toMatchObject({
      functionError: 'Unhandled',
      payload: {
        errorType: 'Sandbox.Timedout',
        errorMessage: 'RequestId: request-2 Error: Task timed out after 1.00 seconds',
      },
    });
    const pid = Number(/pid (\d+)/.exec(answer.logs)?.[1]);
    expect(await eventually(() => !isAlive(pid))).toBe(true);
    expect((await aws.functions.invoke(region, 'slow', {})).payload).not.toBe(pid);
  });

  it('runs its new code after an update', async () => {
    const { configuration } = await deploy('updated', 'export const handler = async () => 1;');
    expect((await aws.functions.invoke(region, 'updated', {})).payload).toBe(1);
    const code = upload(aws, { 'index.mjs': 'export const handler = async () => 2;' });
    await aws.functions.update(region, { ...configuration, code });
    expect((await aws.functions.invoke(region, 'updated', {})).payload).toBe(2);
  });

  it('is known in its own Region only, and after its deletion nowhere', async () => {
    const { arn } = await deploy('gone', 'export const handler = async () => 1;');
    await expect(aws.functions.invoke('us-east-1', arn, {})).rejects.toThrow(`Function not found: ${arn}`);
    await aws.functions.delete(region, 'gone');
    await expect(aws.functions.invoke(region, arn, {})).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});

describe('the logs of a function', () => {
  it('arrive in its log group, line by line, between START and REPORT', async () => {
    await deploy(
      'talker',
      `export const handler = async () => { console.log('said', { a: 1 }); console.error('bad');
      process.stdout.write('raw\\n'); };`,
    );
    await aws.functions.invoke(region, 'talker', {}, 'request-3');
    await eventually(() => aws.logs.events(region, '/aws/lambda/talker').length === 6);
    const messages = aws.logs.events(region, '/aws/lambda/talker').map(({ message }) => message);
    expect(messages).toEqual(
      expect.arrayContaining([
        'START RequestId: request-3 Version: $LATEST',
        expect.stringMatching(/^\d{4}-.*Z\trequest-3\tINFO\tsaid \{ a: 1 \}$/),
        expect.stringMatching(/\trequest-3\tERROR\tbad$/),
        'raw',
        'END RequestId: request-3',
        expect.stringMatching(/^REPORT RequestId: request-3\tDuration: [\d.]+ ms\t/),
      ]),
    );
  });

  it('are JSON when that is asked for, in the group that was named', async () => {
    aws.logs.createGroup(region, 'own-group');
    await deploy(
      'json',
      `export const handler = async () => { console.debug('hidden'); console.info({ step: 1 }); };`,
      {
        logging: { logFormat: 'JSON', logGroup: 'own-group', systemLogLevel: 'WARN' },
      },
    );
    await aws.functions.invoke(region, 'json', {}, 'request-4');
    expect(aws.logs.events(region, 'own-group').map(({ message }) => JSON.parse(message))).toEqual([
      { timestamp: expect.any(String), level: 'INFO', requestId: 'request-4', message: { step: 1 } },
    ]);
  });

  it('are lost without a word when the role may not write them', async () => {
    const silent = putRole(aws, 'silent', 'lambda.amazonaws.com', [{ ...mayLog, Action: 'logs:CreateLogGroup' }]).arn;
    await deploy('silent', `export const handler = async () => { console.log('unheard'); return 1; };`, {
      role: silent,
    });
    const { payload, logs } = await aws.functions.invoke(region, 'silent', {});
    expect(payload).toBe(1);
    expect(logs).toContain('unheard');
    expect(aws.logs.events(region, '/aws/lambda/silent')).toEqual([]);
  });
});

describe('a function that Lambda would not take is refused', () => {
  it.each<[string, Partial<FunctionConfiguration>, string]>([
    ['another runtime', { runtime: 'python3.13' }, 'local-aws does not support the Lambda runtime python3.13'],
    ['a reserved variable', { environment: { AWS_REGION: 'x' } }, 'Reserved keys used in this request: AWS_REGION'],
    ['too long a timeout', { timeout: 901 }, "Value '901' at 'timeout'"],
    ['missing code', { code: { s3Bucket: 'code', s3Key: 'nowhere' } }, 'S3 Error Code: NoSuchKey'],
    ['a role that is not there', { role: `arn:aws:iam::${account}:role/nobody` }, 'cannot be assumed by Lambda'],
  ])('%s', async (_title, more, message) => {
    await expect(deploy('refused', 'export const handler = 1;', more)).rejects.toThrow(message);
    expect(aws.functions.list(region).map(({ configuration }) => configuration.functionName)).not.toContain('refused');
  });

  it('a name that is taken', async () => {
    await deploy('taken', 'export const handler = 1;');
    await expect(deploy('taken', 'export const handler = 1;')).rejects.toMatchObject({
      code: 'ResourceConflictException',
    });
  });

  it('a role that trusts another service', async () => {
    const foreign = putRole(aws, 'foreign', 'ec2.amazonaws.com', []).arn;
    await expect(deploy('foreign', 'export const handler = 1;', { role: foreign })).rejects.toThrow(
      'The role defined for the function cannot be assumed by Lambda.',
    );
  });
});

it('leaves no child behind when it is closed', async () => {
  const other = await openAccount();
  const { arn } = putRole(other.aws, 'handler', 'lambda.amazonaws.com', []);
  await other.aws.functions.create(region, {
    functionName: 'pid',
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    role: arn,
    code: upload(other.aws, { 'index.mjs': 'export const handler = async () => process.pid;' }),
  });
  const { payload } = await other.aws.functions.invoke(region, 'pid', {});
  expect(isAlive(payload as number)).toBe(true);
  await other.close();
  expect(isAlive(payload as number)).toBe(false);
});
