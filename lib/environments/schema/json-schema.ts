import * as z from 'zod';
import { environmentName, environmentSettings } from '../environment.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Draft 7 is what editors know best. What depends on several settings, a synth checks. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _always, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return json as JsonSchema;
}

const draft = 'http://json-schema.org/draft-07/schema#';

/** JSON Schema of a file that holds the settings of one environment. */
export function environmentSchema(): JsonSchema {
  const { properties, ...settings } = jsonSchemaOf(environmentSettings);
  const description = 'Where editors find this schema; the synth passes it over.';
  return {
    $schema: draft,
    title: 'Settings of one environment',
    ...settings,
    properties: { $schema: { type: 'string', description }, ...properties },
  };
}

/**
 * JSON Schema of cdk.json: what is ours in it. The rest is for the `cdk` command to know.
 *
 * @param environmentFile the other schema, relative to this one
 */
export function cdkSchema(environmentFile: string): JsonSchema {
  return {
    $schema: draft,
    title: 'cdk.json of agentcore-outbound-auth',
    type: 'object',
    required: ['app', 'context'],
    properties: {
      $schema: { type: 'string', description: 'Where editors find this schema.' },
      app: { type: 'string', description: 'How the cdk command runs the app.' },
      context: {
        type: 'object',
        required: ['environments'],
        properties: {
          '@aws-cdk/core:bootstrapQualifier': {
            type: 'string',
            description:
              'Qualifier of the `cdk bootstrap` of every environment that names none itself (`bootstrapQualifier`).',
          },
          environments: {
            type: 'object',
            description: 'The environments, by name. Each becomes a CDK stage with two stacks of its own.',
            minProperties: 1,
            propertyNames: jsonSchemaOf(environmentName),
            additionalProperties: {
              anyOf: [
                { type: 'string', description: 'Path of a JSON file with the settings, relative to cdk.json.' },
                { $ref: environmentFile },
              ],
            },
          },
        },
      },
    },
  };
}
