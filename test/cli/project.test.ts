import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextWithModel, qualifierOf, readEnvironment } from '../../cli/project.ts';

const folder = mkdtempSync(join(tmpdir(), 'project-'));
const file = join(folder, 'cdk.json');
afterAll(() => rmSync(folder, { recursive: true }));

const settings = { secret: 'payments/openai', lifecycle: { idleSeconds: 300 } };

function write(context: object): void {
  writeFileSync(file, JSON.stringify({ app: 'node app', context }));
}

describe('what the commands know of an environment', () => {
  test('is in cdk.json, or in the file that it names, beside it', () => {
    writeFileSync(join(folder, 'payments.json'), JSON.stringify({ $schema: 'any', ...settings }));
    write({ environments: { dev: settings, payments: 'payments.json' } });
    const { name: _dev, runtimeName: _ofDev, ...inline } = readEnvironment('dev', file);
    const { name: _payments, runtimeName: _ofPayments, ...inFile } = readEnvironment('payments', file);
    expect(inFile).toEqual(inline);
  });

  test('is not guessed for a name that is not there', () => {
    write({ environments: { dev: settings, payments: 'payments.json' } });
    expect(() => readEnvironment('prod', file)).toThrow(
      'There is no environment "prod" in cdk.json; there is: dev, payments.',
    );
  });

  test('goes to cdk with another model, all else as its file has it', () => {
    write({ environments: { payments: 'payments.json', dev: { secret: 's' } } });
    const [option, context = ''] = contextWithModel(
      'payments',
      { provider: 'openai', modelId: 'gpt-x', api: 'chat' },
      file,
    );
    expect(option).toBe('--context');
    expect(JSON.parse(context.replace('environments=', ''))).toEqual({
      payments: { ...settings, openai: { modelId: 'gpt-x', api: 'chat' } },
    });
  });

  test.each([
    ['its own', { bootstrapQualifier: 'ofprod' }, { '@aws-cdk/core:bootstrapQualifier': 'ofapp' }, 'ofprod'],
    ['that of cdk.json', {}, { '@aws-cdk/core:bootstrapQualifier': 'ofapp' }, 'ofapp'],
    ['CDK’s', {}, {}, 'hnb659fds'],
  ])('has the qualifier of a bootstrap: %s', (_, environment, context, qualifier) => {
    write(context);
    expect(qualifierOf(environment, file)).toBe(qualifier);
  });
});
