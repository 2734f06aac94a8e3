import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import {
  InvokeAgentRuntimeCommand,
  type InvokeAgentRuntimeCommandInput,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { AgentRuntime, RuntimeVersion } from '../../../local-aws/agentcore/agent-runtimes.ts';
import type { Aws } from '../../../local-aws/aws.ts';
import {
  allow,
  clientsOf,
  createRuntime,
  definitionOf,
  eventually,
  executionActions,
  executionRole,
  isAlive,
  maker,
  openAccount,
  pushAgent,
  region,
  testerRole,
} from './support.ts';

let aws: Aws;
let close: () => Promise<void>;
let data: ReturnType<typeof clientsOf>['data'];
let runtime: AgentRuntime;
let sessions = 0;

beforeAll(async () => {
  ({ aws, close } = await openAccount({ FROM_ACCOUNT: 'account', WORD: 'account' }));
  ({ data } = clientsOf(aws));
  runtime = await createRuntime(aws, 'agent', {
    environmentVariables: { FROM_TEMPLATE: 'template', WORD: 'template' },
    // The one name of the workload access token that AWS's rules let into such a list.
    requestHeaderConfiguration: { requestHeaderAllowlist: ['X-Tenant', 'WorkloadAccessToken'] },
  });
});
afterAll(() => close());

const newSession = () => `session-${String(++sessions).padStart(40, '0')}`;

type Options = Partial<InvokeAgentRuntimeCommandInput> & { headers?: Record<string, string>; client?: typeof data };

async function send(prompt: object, { headers = {}, client = data, ...options }: Options = {}) {
  const command = new InvokeAgentRuntimeCommand({
    agentRuntimeArn: runtime.arn,
    payload: Buffer.from(JSON.stringify(prompt)),
    contentType: 'application/json',
    accept: 'application/json',
    ...options,
  });
  command.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, headers);
      return next(args);
    },
    { step: 'build' },
  );
  return client.send(command);
}

async function ask(prompt: object, options: Options = {}): Promise<Record<string, string>> {
  const { response } = await send(prompt, options);
  return JSON.parse((await response?.transformToString()) ?? '');
}

describe('the container', () => {
  it('runs the image’s own command in its folder, with its variables under those of account and template', async () => {
    process.env.OPENAI_API_KEY = 'must-not-leak';
    try {
      const runtimeSessionId = newSession();
      const env = await ask({ prompt: 'environment' }, { runtimeSessionId });
      expect(env).toMatchObject({
        FROM_IMAGE: 'image',
        FROM_ACCOUNT: 'account',
        FROM_TEMPLATE: 'template',
        WORD: 'template',
        AWS_REGION: region,
        AWS_ENDPOINT_URL: aws.endpoint,
        HOST: '127.0.0.1',
        AGENT_OBSERVABILITY_ENABLED: 'true',
        OTEL_TRACES_EXPORTER: 'otlp',
      });
      expect(aws.iam.principalOf(env.AWS_ACCESS_KEY_ID ?? '').roleArn).toBe(runtime.versions[0]?.definition.roleArn);
      const known = /^(AWS_|AGENT_OBSERVABILITY_ENABLED$|OTEL_|PATH$|HOME$|TMPDIR$|HOST$|PORT$|FROM_|WORD$)/;
      expect(Object.keys(env).filter((name) => !known.test(name))).toEqual([]);
      const { cwd } = await ask({ prompt: 'process' }, { runtimeSessionId });
      expect(readFileSync(`${cwd}/main.ts`, 'utf8')).toContain('does what the prompt says');
    } finally {
      delete process.env.OPENAI_API_KEY;
    }
  });

  it('is one for each session, which keeps what it holds and its version', async () => {
    const [one, two] = [newSession(), newSession()];
    const firstDefinition = (runtime.versions[0] as RuntimeVersion).definition;
    expect(await ask({ prompt: 'remember', value: 'blue' }, { runtimeSessionId: one })).toEqual({
      before: 'nothing yet',
    });
    expect(await ask({ prompt: 'remember', value: 'red' }, { runtimeSessionId: two })).toEqual({
      before: 'nothing yet',
    });
    aws.runtimes.update(maker(aws), runtime.id, {
      ...(await definitionOf(aws)),
      environmentVariables: { WORD: 'second version' },
    });
    const word = async (runtimeSessionId: string) => (await ask({ prompt: 'environment' }, { runtimeSessionId })).WORD;
    expect(await word(one)).toBe('template');
    const [third, before] = [newSession(), aws.runtimes.invocations.length];
    expect(await word(third)).toBe('second version');
    expect(aws.runtimes.invocations.slice(before)).toEqual([
      { runtimeArn: runtime.arn, endpointName: 'DEFAULT', sessionId: third, version: '2' },
    ]);
    expect(await ask({ prompt: 'remember', value: '' }, { runtimeSessionId: one })).toEqual({ before: 'blue' });
    aws.runtimes.update(maker(aws), runtime.id, firstDefinition);
  });

  it('starts once, however many invocations come at the start of its session', async () => {
    const runtimeSessionId = newSession();
    const answers = await Promise.all([1, 2, 3].map(() => ask({ prompt: 'process' }, { runtimeSessionId })));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
  });

  it('ends with StopRuntimeSession; the same session id then gets a new one', async () => {
    const runtimeSessionId = newSession();
    const { pid } = await ask({ prompt: 'process' }, { runtimeSessionId });
    const stop = () =>
      data.send(
        new StopRuntimeSessionCommand({ agentRuntimeArn: runtime.arn, runtimeSessionId, qualifier: 'DEFAULT' }),
      );
    expect(await stop()).toMatchObject({ runtimeSessionId, statusCode: 200 });
    expect(isAlive(Number(pid))).toBe(false);
    await expect(stop()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await ask({ prompt: 'process' }, { runtimeSessionId })).pid).not.toBe(pid);
  });

  it('writes its output to the log group of its endpoint, which the first invocation makes', async () => {
    const group = `/aws/bedrock-agentcore/runtimes/${runtime.id}-DEFAULT`;
    await ask({ prompt: 'say', value: 'a line of the agent' });
    const logged = () => aws.logs.events(region, group).some(({ message }) => message === 'a line of the agent');
    expect(await eventually(logged)).toBe(true);
  });

  it.each(executionActions.slice(3))('writes no logs, without a word, when its role lacks %s', async (missing) => {
    const name = `no_${missing.replace(':', '_')}`;
    const roleArn = executionRole(
      aws,
      name,
      executionActions.filter((action) => action !== missing),
    );
    const silent = await createRuntime(aws, name, { roleArn });
    await ask({ prompt: 'say', value: 'unheard' }, { agentRuntimeArn: silent.arn });
    expect(aws.logs.events(region, `/aws/bedrock-agentcore/runtimes/${silent.id}-DEFAULT`)).toEqual([]);
  });
});

describe('a session', () => {
  it('that goes idle ends, unless the agent says that it is busy', async () => {
    const lifecycleConfiguration = { idleRuntimeSessionTimeout: 60, maxLifetime: 120 };
    const idle = await createRuntime(aws, 'idle', { lifecycleConfiguration });
    const busy = await createRuntime(aws, 'busy', {
      lifecycleConfiguration,
      environmentVariables: { PING: 'HealthyBusy' },
    });
    const real = setTimeout;
    // A minute of idleness passes in 60 ms.
    const timers = jest
      .spyOn(global, 'setTimeout')
      .mockImplementation(((run: () => void, wait: number) => real(run, wait === 60_000 ? 60 : wait)) as never);
    try {
      const pids = await Promise.all(
        [idle, busy].map(async ({ arn }) => Number((await ask({ prompt: 'process' }, { agentRuntimeArn: arn })).pid)),
      );
      expect(await eventually(() => !isAlive(pids[0] as number))).toBe(true);
      expect(isAlive(pids[1] as number)).toBe(true);
    } finally {
      timers.mockRestore();
    }
  });

  it('ends at the end of its lifetime', async () => {
    const old = await createRuntime(aws, 'old', {
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 60, maxLifetime: 61 },
    });
    const real = setTimeout;
    const timers = jest
      .spyOn(global, 'setTimeout')
      .mockImplementation(((run: () => void, wait: number) => real(run, wait === 61_000 ? 1000 : wait)) as never);
    try {
      const { pid } = await ask({ prompt: 'process' }, { agentRuntimeArn: old.arn });
      expect(await eventually(() => !isAlive(Number(pid)))).toBe(true);
    } finally {
      timers.mockRestore();
    }
  });

  it('has an id of 33 to 256 characters, or a new one, which the answer tells', async () => {
    const runtimeSessionId = newSession();
    expect((await send({ prompt: 'process' }, { runtimeSessionId })).runtimeSessionId).toBe(runtimeSessionId);
    expect((await send({ prompt: 'process' })).runtimeSessionId).toMatch(/^[\da-f-]{36}$/);
    for (const wrong of ['a'.repeat(32), 'a'.repeat(257)]) {
      await expect(send({ prompt: 'process' }, { runtimeSessionId: wrong })).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining("at 'runtimeSessionId'"),
      });
    }
  });
});

describe('the headers that reach the container', () => {
  const wat = 'x-amz-bedrock-agentcore-identity-wat';
  const tokenNames = ['workloadaccesstoken', wat, 'x-amzn-bedrock-agentcore-runtime-workload-accesstoken'];

  it('are those of the protocol, custom ones and allow-listed ones', async () => {
    const runtimeSessionId = newSession();
    const got = await ask(
      { prompt: 'headers' },
      {
        runtimeSessionId,
        headers: { 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-Colour': 'blue', 'x-tenant': 't1', 'x-other': 'no' },
      },
    );
    expect(got).toMatchObject({
      'x-amzn-bedrock-agentcore-runtime-session-id': runtimeSessionId,
      'x-amzn-bedrock-agentcore-runtime-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
      'x-amzn-bedrock-agentcore-runtime-custom-colour': 'blue',
      'x-tenant': 't1',
      'content-type': 'application/json',
      accept: 'application/json',
    });
    for (const name of ['x-other', 'authorization', 'x-amz-date', wat]) expect(got).not.toHaveProperty(name);
  });

  it('hold a workload token of the runtime and the user, only when the caller named a user', async () => {
    const { [wat]: token = '' } = await ask({ prompt: 'headers' }, { runtimeUserId: 'alice' });
    expect(aws.workloadIdentities.readToken(region, token)).toEqual({
      workloadName: runtime.workloadIdentity.name,
      userId: 'alice',
    });
    const without = await ask({ prompt: 'headers' });
    for (const name of tokenNames) expect(without).not.toHaveProperty(name);
  });

  it('hold that token under three names, as AgentCore was seen to send it', async () => {
    const got = await ask({ prompt: 'headers' }, { runtimeUserId: 'alice' });
    expect(new Set(tokenNames.map((name) => got[name])).size).toBe(1);
  });

  it('hold the id of the request, which the caller gets as well', async () => {
    const { response, $metadata } = await send({ prompt: 'headers' });
    const got = JSON.parse((await response?.transformToString()) ?? '');
    expect(got['x-amzn-requestid']).toBe($metadata.requestId);
    expect(got['x-amzn-bedrock-agentcore-runtime-request-id']).toBe($metadata.requestId);
  });

  it.each([
    'X-Amz-Bedrock-AgentCore-Identity-WAT',
    'x-amz-bedrock-agentcore-identity-wat',
    'X-AMZN-Bedrock-AgentCore-Runtime-Workload-AccessToken',
    'WorkloadAccessToken',
    'WORKLOADACCESSTOKEN',
    'X-Amzn-RequestId',
    'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id',
    'OAuth2CallbackUrl',
    'X-Forwarded-For',
    'Cookie',
  ])('never hold what a caller put into %s', async (name) => {
    for (const options of [{}, { runtimeUserId: 'alice' }]) {
      const got = await ask({ prompt: 'headers' }, { headers: { [name]: 'forged', 'X-Tenant': 'kept' }, ...options });
      expect(got['x-tenant']).toBe('kept');
      expect(JSON.stringify(got)).not.toContain('forged');
      expect(wat in got).toBe('runtimeUserId' in options);
    }
  });

  it.each([
    ['x-amz-bedrock-agentcore-identity-wat'],
    ['X-Amzn-Bedrock-AgentCore-Runtime-User-Id'],
    ['Authorization'],
    ['Cookie'],
    ['Host'],
    ['bad name'],
    ['X-Tenant', 'x-tenant'],
    [],
    Array.from({ length: 21 }, (_, index) => `X-${index}`),
  ])('cannot be widened by an allow-list of %s %s', async (...requestHeaderAllowlist) => {
    await expect(
      createRuntime(aws, 'widened', { requestHeaderConfiguration: { requestHeaderAllowlist } }),
    ).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('a streamed answer', () => {
  it('arrives piece by piece, as the container writes it', async () => {
    const { response, contentType } = await send({ prompt: 'stream', count: 3 }, { accept: 'text/event-stream' });
    expect(contentType).toBe('text/event-stream');
    const arrivals: { at: number; text: string }[] = [];
    for await (const chunk of response as unknown as AsyncIterable<Uint8Array>) {
      arrivals.push({ at: performance.now(), text: Buffer.from(chunk).toString('utf8') });
    }
    expect(arrivals.map(({ text }) => text)).toEqual([1, 2, 3].map((i) => `data: "chunk ${i}"\n\n`));
    expect((arrivals.at(-1)?.at ?? 0) - (arrivals[0]?.at ?? 0)).toBeGreaterThan(200);
  });

  it('is broken off in the container when the client goes away', async () => {
    const runtimeSessionId = newSession();
    await ask({ prompt: 'process' }, { runtimeSessionId });
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest(
        `${aws.endpoint}/runtimes/${encodeURIComponent(runtime.arn)}/invocations`,
        {
          method: 'POST',
          headers: {
            authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/bedrock-agentcore/aws4_request`,
            'x-amzn-bedrock-agentcore-runtime-session-id': runtimeSessionId,
          },
        },
        (response) =>
          response.once('data', () => {
            response.destroy();
            resolve();
          }),
      );
      request.once('error', reject);
      request.end('{"prompt":"stream","count":1000}');
    });
    const group = `/aws/bedrock-agentcore/runtimes/${runtime.id}-DEFAULT`;
    const closed = () => aws.logs.events(region, group).some(({ message }) => message === 'stream closed false');
    expect(await eventually(closed)).toBe(true);
  });
});

describe('a container that fails', () => {
  it.each([400, 401, 500, 503])('with %i: the caller gets a 424 and nothing of what it said', async (status) => {
    const failure = await send({ prompt: 'fail', status }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'RuntimeClientError',
      message: `Received error (${status}) from runtime. Please check your CloudWatch logs for more information.`,
      $metadata: { httpStatusCode: 424 },
    });
    expect(JSON.stringify(failure)).not.toContain('inside story');
  });

  it('by ending in the middle; the session then gets a new one', async () => {
    const runtimeSessionId = newSession();
    await expect(send({ prompt: 'exit' }, { runtimeSessionId })).rejects.toMatchObject({ name: 'RuntimeClientError' });
    await ask({ prompt: 'process' }, { runtimeSessionId });
  });

  it('at its start, at once and not after 120 seconds', async () => {
    const crashing = await createRuntime(aws, 'crashing', { environmentVariables: { CRASH: 'yes' } });
    await expect(send({ prompt: 'process' }, { agentRuntimeArn: crashing.arn })).rejects.toMatchObject({
      name: 'RuntimeClientError',
      message: 'Runtime initialization time exceeded. Please make sure that initialization completes in 120s.',
    });
    const group = `/aws/bedrock-agentcore/runtimes/${crashing.id}-DEFAULT`;
    expect(aws.logs.events(region, group).map(({ message }) => message)).toContain('Error: crash at the start');
  });
});

describe('permissions', () => {
  const invoke = 'bedrock-agentcore:InvokeAgentRuntime';
  const forUser = 'bedrock-agentcore:InvokeAgentRuntimeForUser';
  const actor = (...statements: Parameters<typeof testerRole>[1]) => clientsOf(aws, testerRole(aws, statements)).data;

  it('InvokeAgentRuntime is needed on the runtime and on the endpoint', async () => {
    const endpointArn = `${runtime.arn}/runtime-endpoint/DEFAULT`;
    for (const [granted, refused] of [
      [runtime.arn, endpointArn],
      [endpointArn, runtime.arn],
    ] as const) {
      const client = actor({ Effect: 'Allow', Action: invoke, Resource: granted });
      await expect(send({ prompt: 'process' }, { client })).rejects.toThrow(
        `is not authorized to perform: ${invoke} on resource: ${refused} `,
      );
    }
    await ask(
      { prompt: 'process' },
      { client: actor({ Effect: 'Allow', Action: invoke, Resource: [runtime.arn, endpointArn] }) },
    );
  });

  it('InvokeAgentRuntimeForUser is needed for a user id', async () => {
    const client = actor(allow(invoke));
    await expect(send({ prompt: 'process' }, { client, runtimeUserId: 'alice' })).rejects.toThrow(
      `is not authorized to perform: ${forUser} on resource: ${runtime.arn} `,
    );
    await ask({ prompt: 'process' }, { client: actor(allow(invoke, forUser)), runtimeUserId: 'alice' });
  });

  it('StopRuntimeSession is one of its own', async () => {
    const command = new StopRuntimeSessionCommand({ agentRuntimeArn: runtime.arn, runtimeSessionId: newSession() });
    await expect(actor(allow(invoke)).send(command)).rejects.toThrow(
      'bedrock-agentcore:StopRuntimeSession on resource',
    );
  });
});

it('says so when there is no such runtime, Region or endpoint', async () => {
  for (const wrong of [
    { agentRuntimeArn: runtime.arn.replace('/agent-', '/other-') },
    { agentRuntimeArn: runtime.arn.replace(region, 'us-east-1') },
    { qualifier: 'prod' },
  ]) {
    await expect(send({ prompt: 'process' }, wrong)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  }
});

describe('no container is left', () => {
  it('when its runtime is deleted', async () => {
    const deleted = await createRuntime(aws, 'deleted');
    const { pid } = await ask({ prompt: 'process' }, { agentRuntimeArn: deleted.arn });
    await aws.runtimes.delete(maker(aws), deleted.id);
    expect(isAlive(Number(pid))).toBe(false);
  });

  it('when local-aws closes, however stubborn the container', async () => {
    const other = await openAccount();
    const uri = await pushAgent(other.aws, 'good');
    const stubborn = await createRuntime(other.aws, 'stubborn', {
      agentRuntimeArtifact: { containerConfiguration: { containerUri: uri } },
      environmentVariables: { STUBBORN: 'yes' },
    });
    const { pid } = await ask(
      { prompt: 'process' },
      { agentRuntimeArn: stubborn.arn, client: clientsOf(other.aws).data },
    );
    expect(isAlive(Number(pid))).toBe(true);
    await other.close();
    expect(isAlive(Number(pid))).toBe(false);
  });
});
