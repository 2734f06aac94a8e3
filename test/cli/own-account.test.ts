import { refuseOtherAccount } from '../../cli/own-account.ts';
import { anyCredentials } from '../../cli/start/environment.ts';
import { type LocalAws, startLocalAws } from '../../local-aws/index.ts';

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.close());

const client = () => ({ region: 'us-east-1', endpoint: aws.endpoint, credentials: anyCredentials });

test('the credentials of another account are refused, with both accounts', async () => {
  await expect(refuseOtherAccount({ name: 'prod', account: '444455556666' }, client())).rejects.toThrow(
    'The credentials are of the account 111122223333, and the environment prod lives in 444455556666: log in there (aws sso login, AWS_PROFILE, …).',
  );
});

test('those of its own are not, nor any where the environment names no account', async () => {
  const own = { account: '111122223333' };
  await expect(refuseOtherAccount({ name: 'prod', ...own }, client())).resolves.toMatchObject(own);
  await expect(refuseOtherAccount({ name: 'dev' }, client())).resolves.toMatchObject(own);
});
