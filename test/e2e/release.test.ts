import { releaseNewest } from '../../cli/release/release-newest.ts';
import { rollBack } from '../../cli/release/roll-back.ts';
import { readEnvironments } from '../../lib/environments.ts';
import { TestAccount } from '../support/account.ts';
import { synthesize } from '../support/in-process-cdk.ts';

let account: TestAccount;
const secret = 'team/openai';
jest.setTimeout(60_000);
beforeAll(async () => {
  account = await TestAccount.open();
  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  const { aws, region } = account;
  aws.secrets.create(aws.iam.administrator, region, {
    name: secret,
    secretString: JSON.stringify({ apiKey: account.model.key }),
  });
});
afterAll(() => account.close());
const environment = (settings: object = {}) => readEnvironments({ dev: { secret, ...settings } })[0]!;
async function deploy(settings: object = {}) {
  const { aws, region } = account;
  const stacks = await synthesize(aws, region, { dev: { secret, ...settings } });
  const roleArn = aws.iam.roleArn(`cdk-hnb659fds-cfn-exec-role-${aws.account}-${region}`);
  for (const stack of stacks) await aws.stacks.deploy({ region, roleArn, ...stack });
}
test('it works', async () => {
  await deploy();
  const client = { region: account.region, endpoint: account.aws.endpoint };
  const progress = (line: string) => console.log(line);
  console.log(await releaseNewest({ environment: environment(), client, progress }));
  await deploy({ systemPrompt: 'be brief' });
  console.log(await releaseNewest({ environment: environment(), client, progress }));
  console.log(await rollBack({ environment: environment(), client, progress }));
  console.log((await account.stack('outbound-auth-dev-agent'))?.Parameters);
});
