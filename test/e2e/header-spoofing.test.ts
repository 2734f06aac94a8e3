import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { BedrockAgentCoreClient, GetWorkloadAccessTokenCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateWorkloadIdentityCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { TestAccount } from '../support/account.ts';
import { deployInProcess } from '../support/in-process-cdk.ts';

const keys = { dev: 'sk-offline-of-dev-0123456789', neighbour: 'sk-offline-of-neighbour-0123456789' };
const question = '{"prompt": "How much is 2X2?"}';

let account: TestAccount;
let runtimeArn: string;
/** Good, but of another workload than the agent's. */
let strangersToken: string;

jest.setTimeout(180_000);

beforeAll(async () => {
  account = await TestAccount.open();
  const environments: Record<string, object> = {};
  for (const [name, apiKey] of Object.entries(keys)) {
    environments[name] = { secret: `team/${name}` };
    account.createSecret(`team/${name}`, apiKey);
  }
  await deployInProcess(account.aws, account.region, environments);
  runtimeArn = await account.output('outbound-auth-dev-agent', 'RuntimeArn');

  const control = new BedrockAgentCoreControlClient(account.client);
  const data = new BedrockAgentCoreClient(account.client);
  await control.send(new CreateWorkloadIdentityCommand({ name: 'stranger' }));
  const { workloadAccessToken } = await data.send(new GetWorkloadAccessTokenCommand({ workloadName: 'stranger' }));
  strangersToken = workloadAccessToken ?? '';
  control.destroy();
  data.destroy();
});
afterAll(() => account.close());

const session = `warm-${'x'.repeat(33)}`;

/** InvokeAgentRuntime with header lines that no SDK would send. */
async function invoke(...headers: readonly (readonly [string, string])[]): Promise<string> {
  const credential = `Credential=test/20260101/${account.region}/bedrock-agentcore/aws4_request`;
  const call = request(`${account.aws.endpoint}/runtimes/${encodeURIComponent(runtimeArn)}/invocations`, {
    method: 'POST',
    headers: [
      ...['Host', new URL(account.aws.endpoint).host, 'Authorization', `AWS4-HMAC-SHA256 ${credential}`],
      ...['X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', session, 'Content-Length', String(question.length)],
      ...headers.flat(),
    ],
  });
  call.end(question);
  const response = await new Promise<Parameters<typeof text>[0]>((resolve, reject) =>
    call.once('response', resolve).once('error', reject),
  );
  return text(response);
}

const user = ['X-Amzn-Bedrock-AgentCore-Runtime-User-Id', 'alice'] as const;

describe.each([
  ['a token that nobody gave out', () => 'forged'],
  ['a good token of another workload', () => strangersToken],
])('a caller that sends %s through InvokeAgentRuntime', (_what, token) => {
  const wat = 'X-Amz-Bedrock-AgentCore-Identity-WAT';
  const spoofs: readonly (readonly [string, readonly string[]])[] = [
    ['the name of late', [wat]],
    ['the same in small letters', [wat.toLowerCase()]],
    ['the same in capitals', [wat.toUpperCase()]],
    ['the older name', ['WorkloadAccessToken']],
    ['the name that AWS does not document', ['X-Amzn-Bedrock-AgentCore-Runtime-Workload-AccessToken']],
    ['one name twice', [wat, wat.toLowerCase()]],
    ['all of them', [wat, 'workloadaccesstoken', 'x-amzn-bedrock-agentcore-runtime-workload-accesstoken']],
  ];

  beforeAll(async () => {
    // A key is in the memory of this session's agent: the best that a stranger could wish for.
    expect(await invoke(user)).toBe('"2*2 = 4."');
    account.takeKeysUsed();
  });

  test.each(spoofs)('under %s gains nothing: without a user there is no key', async (_how, names) => {
    const reply = await invoke(...names.map((name) => [name, token()] as const));
    expect(JSON.parse(reply)).toEqual({ error: expect.objectContaining({ code: 'WorkloadAccessTokenMissing' }) });
    expect(account.takeKeysUsed()).toEqual([]);
  });

  test.each(spoofs)('under %s loses nothing: as a user it is served by its own identity', async (_how, names) => {
    expect(await invoke(...names.map((name) => [name, token()] as const), user)).toBe('"2*2 = 4."');
    expect(account.takeKeysUsed()).toEqual([keys.dev]);
  });
});

test('ids that a caller made up are not in the log of the agent', async () => {
  const forged = ['X-Amzn-Bedrock-AgentCore-Runtime-Request-Id', 'forged-id'] as const;
  await invoke(user, forged, ['X-Amzn-RequestId', 'forged-id']);
  const groups = account.aws.logs.groups(account.region).filter(({ name }) => name.includes('/runtimes/'));
  const lines = groups.flatMap(({ name }) => account.aws.logs.events(account.region, name));
  expect(lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(lines)).not.toContain('forged-id');
});
