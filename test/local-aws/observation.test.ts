import { setTimeout as sleep } from 'node:timers/promises';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type LocalAws, startLocalAws } from '../../local-aws/index.ts';
import type { Observation } from '../../local-aws/observation.ts';
import { executionRole, pushAgent } from './agentcore/support.ts';
import { eventually, putRole, upload } from './lambda/support.ts';

const region = 'eu-west-1';

let aws: LocalAws;
let seen: Observation[];

beforeAll(async () => {
  seen = [];
  aws = await startLocalAws({ observe: (observation) => seen.push(observation) });
  aws.objects.createBucket('code', region);
});
afterAll(() => aws.close());

const client = () => ({
  region,
  endpoint: aws.endpoint,
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
});

/** What was seen of one kind. */
const of = <Kind extends Observation['kind']>(kind: Kind) =>
  seen.filter((observation): observation is Extract<Observation, { kind: Kind }> => observation.kind === kind);

const exchangesOf = (operation: string) => {
  const ids = aws.journal.filter((entry) => entry.operation === operation).map(({ requestId }) => requestId);
  return of('exchange').filter(({ requestId }) => ids.includes(requestId));
};

async function createSecret(name: string): Promise<void> {
  const secretsManager = new SecretsManagerClient(client());
  await secretsManager.send(new CreateSecretCommand({ Name: name, SecretString: 'the value' })).catch(() => undefined);
  secretsManager.destroy();
}

describe('an observer is told', () => {
  test('of a request and its answer, under the id that the journal has', async () => {
    await createSecret('observed');
    const [exchange] = exchangesOf('CreateSecret');
    expect(JSON.parse(exchange?.request.body.toString() ?? '')).toMatchObject({ SecretString: 'the value' });
    expect(exchange?.response.status).toBe(200);
    expect(JSON.parse(exchange?.response.body.toString() ?? '')).toMatchObject({ Name: 'observed' });
  });

  test('of a request that is refused, and in which words', async () => {
    await createSecret('observed');
    expect(exchangesOf('CreateSecret').at(-1)?.response.body.toString()).toContain('ResourceExistsException');
  });

  test('of requests that no AWS client signs', async () => {
    await fetch(`${aws.endpoint}/_local-aws/custom-resource-response/none`, { method: 'PUT', body: 'an answer' });
    const [exchange] = of('exchange').filter(({ request }) => request.path.startsWith('/_local-aws/'));
    expect(exchange?.request.body.toString()).toBe('an answer');
  });

  test('of the events that a changed secret makes', async () => {
    await createSecret('announced');
    expect(JSON.stringify(of('event').map(({ event }) => event))).toContain('announced');
  });

  test('of a function: its environment, its event, its lines without a log group to go to, its result, its dead letter', async () => {
    const role = putRole(aws, 'function', 'lambda.amazonaws.com', [
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' },
    ]).arn;
    const { arn: queueArn } = aws.queues.create(region, 'letters');
    const source =
      "export const handler = async ({ word }) => { console.log('said', word); if (word === 'fail') throw new Error('said fail'); return 'done'; };";
    await aws.functions.create(region, {
      functionName: 'speaker',
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      role,
      code: upload(aws, { 'index.mjs': source }),
      environment: { TABLE: 'mine' },
      deadLetterTarget: queueArn,
    });
    await aws.functions.invoke(region, 'speaker', { word: 'hello' });
    expect(of('environment')).toMatchObject([{ of: 'function', name: 'speaker', variables: { TABLE: 'mine' } }]);
    expect(of('invocation')).toMatchObject([
      { functionArn: expect.stringContaining('speaker'), event: { word: 'hello' }, result: { payload: 'done' } },
    ]);
    expect(of('line').map(({ line }) => line)).toContainEqual(expect.stringContaining('said hello'));
    expect(aws.logs.groups(region)).toEqual([]);
    await aws.functions.invokeAsynchronously(region, 'speaker', { word: 'fail' });
    expect(of('invocation').at(-1)?.result).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorMessage: 'said fail' },
    });
    expect(of('message')).toMatchObject([{ queueArn, message: { body: '{"word":"fail"}' } }]);
  });

  test('of a runtime: its environment, its lines, and a streamed answer as a whole', async () => {
    const uri = await pushAgent(aws, 'one');
    const runtime = aws.runtimes.create({ region, authorize: () => undefined }, 'agent', {
      agentRuntimeArtifact: { containerConfiguration: { containerUri: uri } },
      roleArn: executionRole(aws, 'execution'),
      networkConfiguration: { networkMode: 'PUBLIC' },
      environmentVariables: { MODE: 'mine' },
    });
    const agentCore = new BedrockAgentCoreClient(client());
    const ask = async (payload: object) => {
      const { response } = await agentCore.send(
        new InvokeAgentRuntimeCommand({ agentRuntimeArn: runtime.arn, payload: Buffer.from(JSON.stringify(payload)) }),
      );
      return response?.transformToString();
    };
    await ask({ prompt: 'say', value: 'a line of mine' });
    const streamed = await ask({ prompt: 'stream', count: 2 });
    agentCore.destroy();
    expect(of('environment').at(-1)).toMatchObject({ of: 'runtime', name: runtime.id, variables: { MODE: 'mine' } });
    expect(await eventually(() => of('line').some(({ line }) => line === 'a line of mine'))).toBe(true);
    expect(exchangesOf('InvokeAgentRuntime').at(-1)?.response.body.toString()).toBe(streamed);
    expect(streamed).toContain('chunk 2');
  });
});

test('without an observer, answers are streamed and nothing is kept', async () => {
  const unobserved = await startLocalAws();
  expect(unobserved.observe).toBeUndefined();
  const before = seen.length;
  await fetch(unobserved.endpoint);
  await sleep(50);
  expect(seen.length).toBe(before);
  await unobserved.close();
});
