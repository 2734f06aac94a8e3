import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readEnvironments } from '../../../lib/environments/index.ts';
import { environmentSchema } from '../../../lib/environments/schema/json-schema.ts';
import { OutboundAuthApp } from '../../../lib/outbound-auth-app.ts';
import { projectFolder } from '../../support/run.ts';

const folder = 'examples/environments';
const files = readdirSync(join(projectFolder, folder));
const environments = Object.fromEntries(files.map((file) => [file.replace('.json', ''), `${folder}/${file}`]));

describe('the example environments', () => {
  test('are one that is tried out, one that is like production, and production', () => {
    expect(files.sort()).toEqual(['dev.json', 'prod.json', 'staging.json']);
    const all = readEnvironments(environments, projectFolder);
    const differing = all.map(({ name, production, account, network }) => [name, production, account, !!network]);
    expect(differing).toEqual([
      ['dev', false, undefined, false],
      ['prod', true, '444455556666', true],
      ['staging', false, '111122223333', false],
    ]);
  });

  test.each(files)('%s names its schema, which takes it', (file) => {
    const settings = JSON.parse(readFileSync(join(projectFolder, folder, file), 'utf8')) as { $schema: string };
    const { $schema: _draft, ...schema } = environmentSchema();
    expect(join(folder, settings.$schema)).toBe('schema/environment.schema.json');
    expect(z.fromJSONSchema(schema).safeParse(settings).error).toBeUndefined();
  });

  test('pass the validation of CDK and every security check', () => {
    jest.replaceProperty(process.env, 'CDK_VALIDATION', 'true');
    const app = new OutboundAuthApp({ context: { environments, '@aws-cdk/core:appMode': 'inmemory' } });
    expect(app.synth().stacksRecursively).toHaveLength(6);
  });
});
