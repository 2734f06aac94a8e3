import { chooseModel } from '../../cli/start/model.ts';
import { UserError } from '../../cli/user-error.ts';

const key = 'sk-0123456789';
const openai = { provider: 'openai', api: 'chat', modelId: 'gpt-4.1' } as const;
const azure = {
  provider: 'azure',
  api: 'chat',
  endpoint: 'https://my-resource.openai.azure.com',
  deployment: 'my-deployment',
} as const;
const azureVariables = {
  OPENAI_PROVIDER: 'azure',
  AZURE_OPENAI_API_KEY: key,
  AZURE_OPENAI_ENDPOINT: azure.endpoint,
  AZURE_OPENAI_DEPLOYMENT: azure.deployment,
};

describe('the model of npm start', () => {
  test('is the offline one without a key', async () => {
    const model = await chooseModel({}, openai);
    await model.close();
    expect(model).toMatchObject({
      offline: true,
      onThisMachine: true,
      settings: { provider: 'openai', baseUrl: expect.stringMatching(/^http:\/\/127\./) },
    });
  });

  test('is OpenAI with a key, which not every program on this machine may then read', async () => {
    expect(await chooseModel({ OPENAI_API_KEY: key }, openai)).toMatchObject({
      offline: false,
      onThisMachine: false,
      key,
      settings: openai,
    });
  });

  test('is what OPENAI_BASE_URL names', async () => {
    const url = 'http://127.0.0.1:4000/v1';
    expect(await chooseModel({ OPENAI_API_KEY: key, OPENAI_BASE_URL: url }, openai)).toMatchObject({
      onThisMachine: true,
      settings: { ...openai, baseUrl: url },
    });
  });

  test('is Azure OpenAI where OPENAI_PROVIDER says so', async () => {
    expect(await chooseModel(azureVariables, openai)).toMatchObject({
      offline: false,
      onThisMachine: false,
      key,
      settings: azure,
    });
  });

  test('is that of cdk.json, as far as no variable says otherwise', async () => {
    expect(await chooseModel({ AZURE_OPENAI_API_KEY: key }, azure)).toMatchObject({ key, settings: azure });
    expect(await chooseModel({ AZURE_OPENAI_API_KEY: key, AZURE_OPENAI_DEPLOYMENT: 'another' }, azure)).toMatchObject({
      settings: { ...azure, deployment: 'another' },
    });
    expect(
      await chooseModel({ OPENAI_PROVIDER: 'openai', OPENAI_API_KEY: key, OPENAI_MODEL_ID: 'gpt-5.4' }, azure),
    ).toMatchObject({ settings: { provider: 'openai', modelId: 'gpt-5.4' } });
  });

  test('is the offline one, and no Azure, without the key of Azure', async () => {
    const model = await chooseModel({ OPENAI_API_KEY: key }, azure);
    await model.close();
    expect(model).toMatchObject({ offline: true });
  });

  test('is not to be had from Azure without its key, when Azure was asked for', async () => {
    await expect(chooseModel({ ...azureVariables, AZURE_OPENAI_API_KEY: '' }, openai)).rejects.toEqual(
      new UserError(
        'OPENAI_PROVIDER is azure, but AZURE_OPENAI_API_KEY is not set: set it to the key, or unset OPENAI_PROVIDER for the offline model.',
      ),
    );
  });

  test('is not to be had while it is not clear whom the key is for', async () => {
    const { OPENAI_PROVIDER: _, ...variables } = azureVariables;
    await expect(chooseModel({ ...variables, OPENAI_API_KEY: key }, openai)).rejects.toThrow(
      'AZURE_OPENAI_ENDPOINT is set, but OPENAI_PROVIDER is not: set it to azure or openai.',
    );
  });

  test.each([
    ['changeme', 'is a placeholder, not a key'],
    ['$OPENAI_API_KEY', 'is a placeholder, not a key'],
    [`"${key}"`, 'stands in quotation marks, which are not part of a key'],
    [`${key} ${key}`, 'has white space or a line end in it'],
  ])('is not to be had with the key %s, which is not repeated', async (wrong, problem) => {
    await expect(chooseModel({ OPENAI_API_KEY: wrong }, openai)).rejects.toEqual(
      new UserError(`OPENAI_API_KEY ${problem}. Set it to the real key, or unset it for the offline model.`),
    );
  });

  test.each([
    ['http://10.0.0.1/v1', 'http://10.0.0.1/v1'],
    ['https://user:password@proxy.example/v1', 'https://[redacted]@proxy.example/v1'],
    ['nowhere', 'nowhere'],
  ])('is not to be had at %s, whose password is not repeated', async (url, shown) => {
    await expect(chooseModel({ OPENAI_API_KEY: key, OPENAI_BASE_URL: url }, openai)).rejects.toThrow(
      `OPENAI_BASE_URL is "${shown}", but must be an https URL`,
    );
  });
});
