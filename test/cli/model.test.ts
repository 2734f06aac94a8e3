import { chooseModel } from '../../cli/start/model.ts';
import { UserError } from '../../cli/user-error.ts';

const key = 'sk-0123456789';

describe('the model of npm start', () => {
  test('is the offline one without a key', async () => {
    const model = await chooseModel({});
    await model.close();
    expect(model).toMatchObject({
      offline: true,
      onThisMachine: true,
      baseUrl: expect.stringMatching(/^http:\/\/127\./),
    });
  });

  test('is OpenAI with a key, which not every program on this machine may then read', async () => {
    expect(await chooseModel({ OPENAI_API_KEY: key })).toMatchObject({
      offline: false,
      onThisMachine: false,
      key,
    });
  });

  test('is what OPENAI_BASE_URL names', async () => {
    const url = 'http://127.0.0.1:4000/v1';
    expect(await chooseModel({ OPENAI_API_KEY: key, OPENAI_BASE_URL: url })).toMatchObject({
      onThisMachine: true,
      baseUrl: url,
    });
  });

  test.each([
    ['changeme', 'is a placeholder, not a key'],
    ['$OPENAI_API_KEY', 'is a placeholder, not a key'],
    [`"${key}"`, 'stands in quotation marks, which are not part of a key'],
    [`${key} ${key}`, 'has white space or a line end in it'],
  ])('is not to be had with the key %s, which is not repeated', async (wrong, problem) => {
    await expect(chooseModel({ OPENAI_API_KEY: wrong })).rejects.toEqual(
      new UserError(`OPENAI_API_KEY ${problem}. Set it to the real key, or unset it for the offline model.`),
    );
  });

  test.each([['http://10.0.0.1/v1'], ['https://user:password@proxy.example/v1'], ['nowhere']])(
    'is not to be had at %s, which is not repeated',
    async (url) => {
      const failure = await chooseModel({ OPENAI_API_KEY: key, OPENAI_BASE_URL: url }).catch((error: Error) => error);
      expect((failure as Error).message).toMatch(/^OPENAI_BASE_URL must be an https URL/);
      expect((failure as Error).message).not.toContain(url);
    },
  );
});
