import { treeOf } from '../agent/support/collector.ts';
import { until } from '../agent/support/running-agent.ts';
import { TestAccount } from '../support/account.ts';
import { deployInProcess } from '../support/in-process-cdk.ts';

jest.setTimeout(60_000);

const question = { prompt: 'How much is 2X2?' };
let account: TestAccount;

beforeAll(async () => {
  account = await TestAccount.open();
  account.createSecret('team/openai');
  const environments = { traced: { secret: 'team/openai', tracing: 'on' }, quiet: { secret: 'team/openai' } };
  await deployInProcess(account.aws, account.region, environments);
});
afterAll(() => account.close());

async function ask(environment: string): Promise<void> {
  const arn = await account.output(`outbound-auth-${environment}-agent`, 'RuntimeArn');
  const traceParent = '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01';
  expect((await account.invoke(arn, question, { traceParent })).body).toBe('"2*2 = 4."');
}

function logOf(environment: string): string {
  const { aws, region } = account;
  const groups = aws.logs.groups(region).filter(({ name }) => name.includes(`/runtimes/outbound_auth_${environment}-`));
  return JSON.stringify(groups.flatMap(({ name }) => aws.logs.events(region, name)));
}

test('an agent without tracing sends nothing, though the platform sets its variables', async () => {
  await ask('quiet');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(account.aws.journal.filter(({ service }) => service === 'xray')).toEqual([]);
});

test('the trace of an invocation arrives in X-Ray: request, agent, model calls, tool and key, below the caller’s', async () => {
  await ask('traced');
  const { spans, journal } = account.aws;
  await until(() => spans.some(({ name }) => name === 'POST /invocations'));
  expect(treeOf(spans)).toMatch(
    /^POST \/invocations\n {2}invoke_agent .*\n {4}execute_agent_loop_cycle\n {6}chat\n {6}execute_tool calculator\n/,
  );
  expect(spans.filter(({ name }) => name === 'GetResourceApiKey')).toHaveLength(2);
  for (const { traceId, resource } of spans) {
    expect(traceId).toBe('5759e988bd862e3fe1be46a994272793');
    expect(resource).toMatchObject({
      'service.name': 'outbound_auth_traced.DEFAULT',
      'aws.log.group.names': expect.stringMatching(
        /^\/aws\/bedrock-agentcore\/runtimes\/outbound_auth_traced-.*-DEFAULT$/,
      ),
    });
  }
  const [sent] = journal.filter(({ service }) => service === 'xray');
  expect(sent).toMatchObject({ operation: 'PutSpans', region: account.region, status: 200 });
  expect(sent?.caller?.arn).toContain('outbound-auth-traced-agent-');
  expect(logOf('traced')).toContain('5759e988bd862e3fe1be46a994272793');
});

test('a role that may not send spans costs the traces, and no answer; the log names the permission', async () => {
  const { aws } = account;
  const denied = aws.faultInjection.next('xray:PutSpans', {
    code: 'AccessDeniedException',
    status: 403,
    message: 'User is not authorized to perform: xray:PutSpans',
  });
  await ask('traced');
  await denied;
  await until(() => logOf('traced').includes('traces are lost'));
  expect(logOf('traced')).toContain('xray:PutSpans');
});
