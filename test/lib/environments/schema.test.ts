import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { environmentSettings, settingGroups } from '../../../lib/environments/environment.ts';
import { cdkSchema, environmentSchema } from '../../../lib/environments/schema/json-schema.ts';
import { written } from '../../../lib/environments/schema/written.ts';
import { projectFolder } from '../../support/run.ts';

const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8');

interface Described {
  description?: string;
  properties?: Record<string, Described>;
}

describe('what follows from the settings', () => {
  test.each(Object.entries(written))('%s is as npm run schema writes it', (path, content) => {
    expect(read(path)).toBe(content(() => read(path)));
  });

  test('every setting stands in one group, and is one that is read', () => {
    const grouped = Object.values(settingGroups).flatMap((group) => Object.keys(group));
    expect(new Set(grouped).size).toBe(grouped.length);
    expect(grouped).toEqual(Object.keys(environmentSettings.shape));
  });
});

describe('the JSON Schema', () => {
  const schema = environmentSchema() as Described;

  test('describes every setting, so that an editor says what it is', () => {
    const undescribed = (node: Described, path = ''): string[] =>
      Object.entries(node.properties ?? {}).flatMap(([name, setting]) => [
        ...(setting.description ? [] : [`${path}${name}`]),
        ...undescribed(setting, `${path}${name}.`),
      ]);
    expect(undescribed(schema)).toEqual([]);
  });

  test('knows what is required, what is allowed, and nothing else', () => {
    expect(schema).toMatchObject({
      required: ['secret'],
      additionalProperties: false,
      properties: {
        $schema: { type: 'string' },
        source: { enum: ['reference', 'copy'], default: 'reference' },
        logRetentionDays: { enum: expect.arrayContaining([30, 365]) },
        lifecycle: { properties: { idleSeconds: { type: 'integer', minimum: 60, maximum: 28_800 } } },
        network: { required: ['subnets', 'securityGroups'], properties: { subnets: { minItems: 1, maxItems: 16 } } },
      },
    });
  });

  test('has patterns that editors can read', () => {
    const patterns = [...JSON.stringify(schema).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
      ([, pattern = '']) => new RegExp(JSON.parse(pattern) as string),
    );
    expect(patterns.length).toBeGreaterThan(10);
    // These mean something else to readers without the flag u.
    expect(patterns.filter(({ source }) => source.includes('\\p'))).toEqual([]);
  });

  test('of cdk.json takes settings or a file, and refers to the other schema where it is', () => {
    const file = 'schema/cdk.schema.json';
    const { $ref } = (
      cdkSchema('environment.schema.json') as unknown as {
        properties: {
          context: { properties: { environments: { additionalProperties: { anyOf: [object, { $ref: string }] } } } };
        };
      }
    ).properties.context.properties.environments.additionalProperties.anyOf[1];
    expect(Object.keys(written)).toContain(join(dirname(file), $ref));
  });

  // The schema of an editor, read back by zod: what it takes and refuses is what the synth takes and refuses.
  test('takes the environments of cdk.json', () => {
    const { context } = JSON.parse(read('cdk.json')) as { context: { environments: Record<string, unknown> } };
    const { $schema: _draft, ...json } = environmentSchema();
    const editor = z.fromJSONSchema(json);
    for (const settings of Object.values(context.environments))
      expect(editor.safeParse(settings).error).toBeUndefined();
    expect(editor.safeParse({ secret: 's', secrt: 't' }).success).toBe(false);
    expect(editor.safeParse({ secret: 's', logRetentionDays: 10 }).success).toBe(false);
  });
});
