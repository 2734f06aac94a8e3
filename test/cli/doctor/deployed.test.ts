import { examine } from '../../../cli/doctor/examine.ts';
import { readEnvironments } from '../../../lib/environments/index.ts';
import { ProofAccount } from '../../proof/account.ts';
import { printed, region } from './patient.ts';

jest.setTimeout(180_000);

let proof: ProofAccount;
const settings = { secret: 'team/openai', region };

beforeAll(async () => {
  process.env.AWS_REGION = region;
  proof = await ProofAccount.open();
  const { aws, test } = proof;
  aws.secrets.create(aws.iam.administrator, region, {
    name: settings.secret,
    secretString: JSON.stringify({ apiKey: test.model.key }),
  });
  await proof.deploy('dev', settings);
});
afterAll(() => proof.test.close());

async function lines(environments: Record<string, object>, checks: string[]): Promise<string[]> {
  const [environment] = readEnvironments(environments);
  if (!environment) throw new Error('no environment');
  const { client } = proof.test;
  const found: string[] = [];
  for await (const finding of examine({ environment, client, verify: false })) {
    if (checks.includes(finding.check)) found.push(printed(finding));
  }
  return found;
}

test('an environment that is deployed already is ours, and there is no need for room', async () => {
  const checks = ['provider-quota', 'provider-name', 'runtime-name', 'callers'];
  expect(await lines({ dev: settings }, checks)).toEqual([
    '✓ provider-quota: 1 of 50 API key credential providers in 111122223333, us-east-1.',
    expect.stringMatching(/^✓ provider-name: outbound-auth-dev-openai-[0-9a-f]{6} is there, and ours\.$/),
    '✓ runtime-name: outbound_auth_dev is there, and ours.',
    '✓ callers: arn:aws:iam::111122223333:user/local-administrator may invoke the agent with a user id.',
  ]);
});

test('so is the runtime of a deployment that was never whole: such a stack has no outputs', async () => {
  const stack = proof.aws.stacks.get(region, 'outbound-auth-dev-agent');
  const { outputs, status } = stack;
  stack.outputs = [];
  stack.setStatus('ROLLBACK_FAILED', { id: 'an operation' });
  const found = await lines({ dev: settings }, ['runtime-name']);
  stack.outputs = outputs;
  stack.setStatus(status, { id: 'an operation' });
  expect(found).toEqual(['✓ runtime-name: outbound_auth_dev is there, and ours.']);
});

test('another environment with its names is told whose they are', async () => {
  const [, name = ''] = /provider-name: (\S+)/.exec((await lines({ dev: settings }, ['provider-name'])).join()) ?? [];
  const other = { ...settings, runtimeName: 'outbound_auth_dev', credentialProviderName: name };
  expect(await lines({ other }, ['provider-name', 'runtime-name'])).toEqual([
    expect.stringMatching(
      new RegExp(
        `^✗ provider-name: ${name} exists already, and belongs to the stack arn:aws:cloudformation:us-east-1:111122223333:stack/outbound-auth-dev-identity/\\S+\\. → Take it over with "adoptExisting": true, or choose another "credentialProviderName"\\.$`,
      ),
    ),
    expect.stringMatching(
      /^✗ runtime-name: outbound_auth_dev exists already, and is not of this environment's stack: arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime\/outbound_auth_dev-\w+\. → Delete it, or choose another "runtimeName"\.$/,
    ),
  ]);
});
