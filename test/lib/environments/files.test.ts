import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readEnvironments } from '../../../lib/environments/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'project-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, content: unknown): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function messageFor(environments: unknown): string {
  try {
    readEnvironments(environments, folder);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the environments were accepted');
}

describe('an environment in a file of its own', () => {
  const settings = { secret: 'payments/openai', region: 'eu-central-1', openai: { modelId: 'gpt-4.1' } };

  test('is what it would be in cdk.json, beside those that are there', () => {
    const environments = { dev: { secret: 'team/openai' }, payments: write('teams/payments/dev.json', settings) };
    expect(readEnvironments(environments, folder)).toEqual(
      readEnvironments({ ...environments, payments: settings }, folder),
    );
  });

  test('is read from JSON text too, as cdk --context passes it', () => {
    const environments = { payments: write('payments.json', settings) };
    expect(readEnvironments(JSON.stringify(environments), folder)).toEqual(readEnvironments(environments, folder));
  });

  test('may tell editors its schema', () => {
    const file = write('with-schema.json', { $schema: '../schema/environment.schema.json', ...settings });
    expect(readEnvironments({ payments: file }, folder)).toEqual(readEnvironments({ payments: settings }, folder));
  });

  test('serves two environments, whose names differ', () => {
    const file = write('both.json', settings);
    expect(readEnvironments({ a: file, b: file }, folder).map(({ runtimeName }) => runtimeName)).toEqual([
      'outbound_auth_a',
      'outbound_auth_b',
    ]);
  });
});

describe('a file that is wrong gets one line that names it', () => {
  const inFile = (content: unknown) => ({ dev: write('teams/dev.json', content) });

  test.each<[string, () => unknown, string]>([
    [
      'is missing',
      () => ({ dev: 'teams/payments-eu-central-1.json' }),
      'environments.dev: "teams/payments-eu-central-1.json" is no file beside cdk.json; give the settings themselves, or the path of a JSON file that holds them.',
    ],
    [
      'is the name of a secret',
      () => ({ dev: 'agentcore-outbound-auth/dev/openai' }),
      'environments.dev: "agentcore-outbound-auth/dev/openai" is no file beside cdk.json; give the settings themselves, or the path of a JSON file that holds them.',
    ],
    [
      'is a key, which is not shown',
      () => ({ dev: 'sk-proj-0123456789' }),
      'environments.dev: "[redacted]" is no file beside cdk.json; give the settings themselves, or the path of a JSON file that holds them.',
    ],
    [
      'is a folder',
      () => {
        inFile({});
        return { dev: 'teams' };
      },
      'environments.dev: "teams" is no file beside cdk.json; give the settings themselves, or the path of a JSON file that holds them.',
    ],
    [
      'is outside of the project',
      () => ({ dev: 'teams/../../dev.json' }),
      'environments.dev: "teams/../../dev.json" is outside of the project; give the path of a file below the folder of cdk.json, relative to it.',
    ],
    [
      'has an absolute path, which another machine does not have',
      () => ({ dev: join(folder, 'dev.json') }),
      `environments.dev: "${join(folder, 'dev.json')}" is outside of the project; give the path of a file below the folder of cdk.json, relative to it.`,
    ],
    ['is empty', () => inFile(''), 'teams/dev.json is not JSON.'],
    [
      'is not JSON, and may hold a key',
      () => inFile('{\n  "secret": "sk-proj-0123456789",\n}'),
      'teams/dev.json is not JSON: look at line 3 column 1.',
    ],
    [
      'names another file',
      () => inFile('"prod.json"'),
      'teams/dev.json: "prod.json" must be a JSON object: the settings of one environment, such as {"secret": "NAME OR ARN"}.',
    ],
    [
      'holds a list',
      () => inFile([]),
      'teams/dev.json: [] must be a JSON object: the settings of one environment, such as {"secret": "NAME OR ARN"}.',
    ],
    [
      'holds several environments',
      () => inFile({ environments: {}, secret: 's' }),
      expect.stringMatching(
        /^teams\/dev\.json: environments: no such setting; allowed: account, /,
      ) as unknown as string,
    ],
    [
      'misspells a setting',
      () => inFile({ secret: 's', openai: { model: 'gpt-4.1' } }),
      'teams/dev.json: openai.model: no such setting (did you mean modelId?); allowed: modelId, baseUrl, organization, project, api.',
    ],
    [
      'has a wrong value',
      () => inFile({ secret: 's', lifecycle: { idleSeconds: 1 } }),
      'teams/dev.json: lifecycle.idleSeconds: 1 must be at least 60.',
    ],
    ['lacks the secret', () => inFile({}), 'teams/dev.json: secret: missing; it must be a string.'],
    [
      'is of an environment whose name is wrong',
      () => ({ Dev: write('teams/dev.json', { secret: 's' }) }),
      'environments.Dev: the name must be 1 to 30 lower-case letters, digits and hyphens, beginning with a letter.',
    ],
  ])('because it %s', (_, environments, message) => {
    expect(messageFor(environments())).toEqual(message);
  });

  test('and a setting of cdk.json is still looked for there', () => {
    const environments = { ...inFile({ secret: 5 }), prod: { secret: 6 } };
    expect(messageFor(environments)).toBe(
      'teams/dev.json: secret: 5 must be a string.\nenvironments.prod.secret: 6 must be a string.',
    );
  });
});
