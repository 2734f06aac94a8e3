import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { readHiddenLine } from '../../cli/set-key/hidden-line.ts';
import { takenKey } from '../../cli/set-key/set-key.ts';
import { storeKey } from '../../cli/set-key/store-key.ts';
import { cdkEnvironment } from '../../cli/start/environment.ts';
import { Interrupted, UserError } from '../../cli/user-error.ts';
import { type LocalAws, startLocalAws } from '../../local-aws/index.ts';
import { startOfflineModel } from '../../offline-model/index.ts';
import { checkOut } from '../support/check-out.ts';
import { runNode } from '../support/run.ts';

const key = 'sk-proj-AbC123dEf456GhI789';
const another = 'sk-proj-XyZ987wVu654TsR321';
const secretName = 'agentcore-outbound-auth/dev/openai';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
let aws: LocalAws;
let secretsManager: SecretsManagerClient;

beforeEach(async () => {
  aws = await startLocalAws();
  secretsManager = new SecretsManagerClient(client());
});
afterEach(async () => {
  secretsManager.destroy();
  await aws.close();
});

const client = () => ({ region: 'us-east-1', endpoint: aws.endpoint, credentials });
const setKey = (input: string, ...args: string[]) =>
  runNode(['cli/main.js', 'set-key', '--environment', 'dev', ...args], {
    env: cdkEnvironment(client(), '/nonexistent'),
    input,
  });
const storedValue = async (SecretId = secretName) =>
  (await secretsManager.send(new GetSecretValueCommand({ SecretId }))).SecretString;
const create = (SecretString: string) =>
  secretsManager.send(new CreateSecretCommand({ Name: secretName, SecretString }));

describe('set-key', () => {
  test('makes the secret where there is none, and a new version where there is', async () => {
    const first = await setKey(`${key}\n`);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Made the secret agentcore-outbound-auth\/dev\/openai \(version [\w-]{36}\)\.\n$/);
    expect(await storedValue()).toBe(JSON.stringify({ apiKey: key }));
    const second = await setKey(another);
    expect(second.stdout).toMatch(/^Stored a new version of the secret agentcore-outbound-auth\/dev\/openai /);
    expect(await storedValue()).toBe(JSON.stringify({ apiKey: another }));
    for (const { output } of [first, second]) expect(output).not.toMatch(/sk-proj/);
  });

  test('keeps what else the secret holds', async () => {
    await create(JSON.stringify({ organization: 'org-1', apiKey: key, project: 'p' }));
    const { stdout } = await setKey(another, '--json');
    expect(JSON.parse(stdout)).toEqual({
      secret: secretName,
      arn: expect.stringMatching(
        /^arn:aws:secretsmanager:us-east-1:\d{12}:secret:agentcore-outbound-auth\/dev\/openai-\w{6}$/,
      ),
      versionId: expect.any(String),
      created: false,
      kept: ['organization', 'project'],
    });
    expect(JSON.parse((await storedValue()) ?? '')).toEqual({ organization: 'org-1', project: 'p', apiKey: another });
  });

  test('puts an object in the place of a secret that is a plain string', async () => {
    await create('plain');
    expect(await setKey(key)).toMatchObject({ status: 0 });
    expect(await storedValue()).toBe(JSON.stringify({ apiKey: key }));
  });

  test.each([
    ['', 'What was given is empty: nothing was stored.'],
    ['changeme', 'What was given is a placeholder, not a key: nothing was stored.'],
    [
      '"sk-proj-AbC123dEf456GhI789"',
      'What was given stands in quotation marks, which are not part of a key: nothing was stored.',
    ],
    [
      'OPENAI_API_KEY=sk-proj-AbC123dEf456',
      'What was given is an assignment of a variable, not only its value: nothing was stored.',
    ],
  ])('refuses %j, and does not quote it', async (input, line) => {
    expect(await setKey(input)).toMatchObject({ status: 1, stdout: '', stderr: `${line}\n` });
    await expect(storedValue()).rejects.toThrow("can't find");
  });

  test('takes no key as an argument, and does not quote it', async () => {
    const { status, output } = await setKey('', key);
    expect([status, output]).toEqual([2, 'It takes options only, and no other argument. See --help.\n']);
  });

  test('says how to get back a secret that is scheduled for deletion', async () => {
    await create('plain');
    await secretsManager.send(new DeleteSecretCommand({ SecretId: secretName }));
    expect(await setKey(key)).toMatchObject({
      status: 1,
      stderr: `The secret ${secretName} is scheduled for deletion: get it back with aws secretsmanager restore-secret --secret-id ${secretName}.\n`,
    });
  });
});

describe('set-key --verify', () => {
  const settings = (baseUrl: string) =>
    ({ model: { provider: 'openai', api: 'chat', modelId: 'any', baseUrl } }) as const;

  test('lets pass a key that the provider takes', async () => {
    const model = await startOfflineModel();
    const verification = await takenKey(settings(model.url), model.key);
    const refused = takenKey(settings(model.url), key);
    await expect(refused).rejects.toThrow(
      new UserError(
        `${new URL(model.url).host} refuses the key (HTTP 401). Nothing was stored. Get a working key from the provider.`,
      ),
    );
    await model.close();
    await expect(takenKey(settings(model.url), key)).rejects.toThrow(
      /^127\.0\.0\.1:\d+ could not be reached from this machine \([A-Z_]+\)\. Nothing was stored\. .* Or leave out --verify\.$/,
    );
    expect(verification.verdict).toBe('accepted');
  });

  test('stores nothing when the provider is not reached', async () => {
    // The model of cdk.json is OpenAI's own, and a proxy where nobody answers stands before it.
    const { status, stdout, stderr } = await runNode(['cli/main.js', 'set-key', '--environment', 'dev', '--verify'], {
      env: {
        ...cdkEnvironment(client(), '/nonexistent'),
        NODE_USE_ENV_PROXY: '1',
        HTTPS_PROXY: 'http://127.0.0.1:9',
      },
      input: key,
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^api\.openai\.com could not be reached from this machine \(.*\)\. Nothing was stored\. .* Or leave out --verify\.\n$/,
    );
    await expect(storedValue()).rejects.toThrow("can't find");
  });
});

test('set-key stores nothing in another account than the environment’s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'set-key-'));
  try {
    checkOut(folder);
    const environments = { dev: { secret: secretName, account: '444455556666' } };
    writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ context: { environments } }));
    const { status, stdout, stderr } = await runNode([join(folder, 'cli/main.js'), 'set-key', '--environment', 'dev'], {
      env: cdkEnvironment(client(), '/nonexistent'),
      input: key,
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^The credentials are of the account 111122223333, .* dev lives in 444455556666: log in there/,
    );
    await expect(storedValue()).rejects.toThrow("can't find");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('storing a key', () => {
  test('in a secret of which the key is the whole text', async () => {
    const environment = {
      name: 'dev',
      secret: 'plain',
      encryptionKeyArn: undefined,
      secretJsonKey: undefined,
      tags: {},
    };
    expect(await storeKey(client(), environment, key)).toMatchObject({ created: true, kept: [] });
    expect(await storeKey(client(), environment, another)).toMatchObject({ created: false, kept: [] });
    expect(await storedValue('plain')).toBe(another);
  });

  test('in a new secret with the KMS key and the tags of the environment', async () => {
    const encryptionKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const tags = { team: 'agents', 'cost-center': '42' };
    const environment = { name: 'dev', secret: 'team/openai', encryptionKeyArn, secretJsonKey: 'apiKey', tags };
    await storeKey(client(), environment, key);
    const { KmsKeyId, Tags } = await secretsManager.send(new DescribeSecretCommand({ SecretId: 'team/openai' }));
    expect(KmsKeyId).toBe(encryptionKeyArn);
    expect(Tags).toEqual([
      { Key: 'team', Value: 'agents' },
      { Key: 'cost-center', Value: '42' },
    ]);
  });

  test('under an ARN that does not exist says that only a name can be made', async () => {
    const secret = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:team-AbCdEf';
    const environment = { name: 'dev', secret, encryptionKeyArn: undefined, secretJsonKey: 'apiKey', tags: {} };
    await expect(storeKey(client(), environment, key)).rejects.toThrow(/names it by its ARN/);
  });
});

describe('a line that nobody sees being typed', () => {
  function terminal() {
    const input = new PassThrough();
    const output = new PassThrough();
    let shown = '';
    output.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    return { input, line: readHiddenLine('Key: ', input, output), shown: () => shown };
  }

  test('is not shown', async () => {
    const { input, line, shown } = terminal();
    input.write(`${key}x\u007f\r`);
    expect(await line).toBe(key);
    expect(shown()).toBe('Key: \n');
  });

  test('is none after Ctrl-D', async () => {
    const { input, line } = terminal();
    input.write('\u0004');
    expect(await line).toBeUndefined();
  });

  test('is none after Ctrl-C, which ends the command', async () => {
    const { input, line, shown } = terminal();
    input.write('\u0003');
    await expect(line).rejects.toThrow(Interrupted);
    expect(shown()).toBe('Key: \n');
  });
});
