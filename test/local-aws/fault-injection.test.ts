import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SecretStore } from '../../local-aws/secretsmanager/secret-store.ts';
import { secretsManagerService } from '../../local-aws/secretsmanager/service.ts';
import { type Started, startServices } from './http/start-services.ts';

let started: Started;
let client: SecretsManagerClient;

beforeEach(async () => {
  started = await startServices(
    (aws) => {
      aws.secrets = new SecretStore(aws);
    },
    [secretsManagerService],
  );
  client = new SecretsManagerClient(started.client());
});
afterEach(async () => {
  client.destroy();
  await started.close();
});

const create = (Name: string) => client.send(new CreateSecretCommand({ Name, SecretString: 'sk-value' }));
const read = (SecretId: string) => client.send(new GetSecretValueCommand({ SecretId }));

describe('a fault that a test injects', () => {
  test('fails the next call of the operation, before it does anything, and only that one', async () => {
    const struck = started.aws.faultInjection.next('CreateSecret', { code: 'ThrottlingException' });
    await expect(create('openai')).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'A fault was injected into CreateSecret.',
    });
    await struck;
    await expect(read('openai')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(create('openai')).resolves.toMatchObject({ Name: 'openai' });
  });

  test('can come after the call took effect: only the answer is lost', async () => {
    void started.aws.faultInjection.next('CreateSecret', {
      code: 'InternalServiceError',
      status: 500,
      after: 'applied',
    });
    await expect(create('openai')).rejects.toMatchObject({
      name: 'InternalServiceError',
      $metadata: { httpStatusCode: 500 },
    });
    expect((await read('openai')).SecretString).toBe('sk-value');
  });

  test('lets other operations be, and waits', async () => {
    void started.aws.faultInjection.next('secretsmanager:GetSecretValue', { code: 'AccessDeniedException' });
    void started.aws.faultInjection.next('bedrock-agentcore:CreateSecret', { code: 'Never' });
    await create('openai');
    expect(started.aws.faultInjection.pending).toEqual([
      'secretsmanager:GetSecretValue',
      'bedrock-agentcore:CreateSecret',
    ]);
    await expect(read('openai')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(started.aws.faultInjection.pending).toEqual(['bedrock-agentcore:CreateSecret']);
  });

  test('strikes in the order in which they were told', async () => {
    for (const code of ['First', 'Second']) void started.aws.faultInjection.next('CreateSecret', { code });
    await expect(create('openai')).rejects.toMatchObject({ name: 'First' });
    await expect(create('openai')).rejects.toMatchObject({ name: 'Second' });
  });

  test('can do something at that moment, before the caller has the answer', async () => {
    const order: string[] = [];
    void started.aws.faultInjection.next('CreateSecret', {
      code: 'Lost',
      after: 'applied',
      meanwhile: async () => {
        await Promise.resolve();
        order.push('meanwhile');
      },
    });
    await create('openai').catch(() => order.push('answer'));
    expect(order).toEqual(['meanwhile', 'answer']);
  });

  test('stands in the journal as the call that it failed, and is no fault of local-aws', async () => {
    void started.aws.faultInjection.next('CreateSecret', { code: 'Lost', status: 503, after: 'applied' });
    await create('openai').catch(() => {});
    expect(started.aws.journal).toMatchObject([{ operation: 'CreateSecret', errorCode: 'Lost', status: 503 }]);
    expect(started.aws.faults).toEqual([]);
  });
});
