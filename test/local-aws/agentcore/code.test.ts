import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { type CodeConfiguration, GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { strToU8, zipSync } from 'fflate';
import { agentCoreResources } from '../../../local-aws/agentcore/resources.ts';
import type { RuntimeDefinition } from '../../../local-aws/agentcore/runtime-definition.ts';
import type { Aws } from '../../../local-aws/aws.ts';
import { contextFor } from '../lambda/support.ts';
import {
  allow,
  clientsOf,
  definitionOf,
  executionRole,
  isAlive,
  maker,
  openAccount,
  pushAgent,
  putRole,
  region,
} from './support.ts';

const agent = readFileSync(join(import.meta.dirname, 'agent.ts'), 'utf8');
const files = { 'main.js': strToU8("import './lib/agent.ts';"), 'lib/agent.ts': strToU8(agent) };
const manifest = { 'package.json': strToU8('{"type":"module"}') };

let aws: Aws;
let close: () => Promise<void>;
let clients: ReturnType<typeof clientsOf>;

beforeAll(async () => {
  ({ aws, close } = await openAccount());
  clients = clientsOf(aws);
  aws.objects.put('code', 'agent.zip', Buffer.from(zipSync({ ...files, ...manifest })));
  aws.objects.put('code', 'no.zip', Buffer.from('not a zip'));
});
afterAll(() => close());

const inS3 = (prefix: string, bucket = 'code') => ({ code: { s3: { bucket, prefix } } });

/** A version from code; its role may write logs, and nothing about images. */
function definition(more: Partial<CodeConfiguration> = {}): RuntimeDefinition {
  return {
    agentRuntimeArtifact: {
      codeConfiguration: { ...inS3('agent.zip'), runtime: 'NODE_22', entryPoint: ['main.js'], ...more },
    },
    roleArn: executionRole(aws, 'of-code', ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']),
    networkConfiguration: { networkMode: 'PUBLIC' },
    environmentVariables: { FROM_TEMPLATE: 'template' },
  };
}

async function ask(agentRuntimeArn: string, prompt: object): Promise<Record<string, string>> {
  const { response } = await clients.data.send(
    new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: Buffer.from(JSON.stringify(prompt)) }),
  );
  return JSON.parse((await response?.transformToString()) ?? '');
}

describe('direct code deployment', () => {
  it('runs the entry point of the zip, with the variables of the template, in a folder of the session', async () => {
    const runtime = aws.runtimes.create(maker(aws), 'coded', definition());
    expect(await ask(runtime.arn, { prompt: 'environment' })).toMatchObject({ FROM_TEMPLATE: 'template' });
    const one = await ask(runtime.arn, { prompt: 'process' });
    const other = await ask(runtime.arn, { prompt: 'process' });
    expect(one.cwd).toContain(aws.directory);
    expect(other.cwd).not.toBe(one.cwd);
    expect(isAlive(Number(one.pid))).toBe(true);
    const described = await clients.control.send(new GetAgentRuntimeCommand({ agentRuntimeId: runtime.id }));
    expect(described.agentRuntimeArtifact).toEqual(definition().agentRuntimeArtifact);
  });

  it('keeps the code that a version was made of, whatever becomes of the object', async () => {
    aws.objects.put('code', 'moving.zip', Buffer.from(zipSync({ ...files, ...manifest })));
    const runtime = aws.runtimes.create(maker(aws), 'moving', definition(inS3('moving.zip')));
    aws.objects.delete('code', 'moving.zip');
    expect(await ask(runtime.arn, { prompt: 'process' })).toHaveProperty('pid');
  });

  it('takes ES modules only where package.json says that they are', async () => {
    const common = {
      'main.js': strToU8('module.exports = 1; import("./lib/agent.mts");'),
      'lib/agent.mts': strToU8(agent),
    };
    aws.objects.put('code', 'common.zip', Buffer.from(zipSync(common)));
    const runtime = aws.runtimes.create(maker(aws), 'common', definition(inS3('common.zip')));
    expect(await ask(runtime.arn, { prompt: 'process' })).toHaveProperty('pid');
    aws.objects.put('code', 'mixed.zip', Buffer.from(zipSync({ ...common, ...manifest })));
    const mixed = aws.runtimes.create(maker(aws), 'mixed', definition(inS3('mixed.zip')));
    await expect(ask(mixed.arn, { prompt: 'process' })).rejects.toThrow('Runtime initialization time exceeded');
  });

  it('is read with the permissions of whoever makes the version, as the template names it', async () => {
    const type = 'AWS::BedrockAgentCore::Runtime';
    const provider = agentCoreResources.find((each) => each.type === type);
    const properties = (AgentRuntimeName: string) => ({
      AgentRuntimeName,
      AgentRuntimeArtifact: {
        CodeConfiguration: {
          Code: { S3: { Bucket: 'code', Prefix: 'agent.zip' } },
          EntryPoint: ['main.js'],
          Runtime: 'NODE_22',
        },
      },
      NetworkConfiguration: { NetworkMode: 'PUBLIC' },
      RoleArn: definition().roleArn,
    });
    const make = allow('bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:GetAgentRuntime', 'iam:PassRole');
    const read = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::code/agent.zip' } as const;
    const may = putRole(aws, 'may-read', 'cloudformation.amazonaws.com', [make, read]);
    const mayNot = putRole(aws, 'may-not-read', 'cloudformation.amazonaws.com', [make]);
    const create = (roleArn: string, name: string) =>
      provider?.create(contextFor(aws, 'Runtime', type, roleArn), properties(name));
    await expect(create(mayNot.arn, 'unread')).rejects.toThrow(
      'is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::code/agent.zip',
    );
    await expect(create(may.arn, 'read')).resolves.toMatchObject({ attributes: { AgentRuntimeVersion: '1' } });
  });

  it('cannot take the place of an image, nor an image its place; a new version of the same kind can', async () => {
    const coded = aws.runtimes.create(maker(aws), 'stays_code', definition());
    const image = { agentRuntimeArtifact: { containerConfiguration: { containerUri: await pushAgent(aws, 'good') } } };
    const contained = aws.runtimes.create(maker(aws), 'stays_image', await definitionOf(aws, image));
    const refusal = { code: 'ValidationException', message: 'Agent artifact type cannot be updated' };
    const update = async (id: string, next: RuntimeDefinition) => aws.runtimes.update(maker(aws), id, next);
    await expect(update(coded.id, await definitionOf(aws, image))).rejects.toMatchObject(refusal);
    await expect(update(contained.id, definition())).rejects.toMatchObject(refusal);
    expect((await update(coded.id, definition())).versions).toHaveLength(2);
    expect(aws.runtimes.find(region, contained.id).versions).toHaveLength(1);
  });
});

describe('code that AgentCore would not take is refused', () => {
  it.each<[string, object, string]>([
    [
      'a runtime that there is not',
      { runtime: 'NODE_24' },
      "Value 'NODE_24' at 'agentRuntimeArtifact.codeConfiguration.runtime' failed",
    ],
    ['no entry point', { entryPoint: [] }, 'Member must have length between 1 and 2'],
    ['three entry points', { entryPoint: ['a.js', 'b.js', 'c.js'] }, 'Member must have length between 1 and 2'],
    [
      'an entry point of 129 characters',
      { entryPoint: ['a'.repeat(129)] },
      'Member must have length between 1 and 128',
    ],
    [
      'an entry point that is no .js file',
      { entryPoint: ['main.mjs'] },
      "The entry point 'main.mjs' is not a .js file.",
    ],
    [
      'an entry point that is not in the zip',
      { entryPoint: ['other.js'] },
      "The entry point 'other.js' is not in the code",
    ],
    [
      'a bucket that cannot be',
      inS3('agent.zip', 'Code_'),
      "at 'agentRuntimeArtifact.codeConfiguration.code.s3.bucket'",
    ],
    ['no key', inS3(''), 'Member must have length between 1 and 1024'],
    ['an object that is not there', inS3('gone.zip'), 'There is no object s3://code/gone.zip.'],
    ['what is no zip', inS3('no.zip'), 's3://code/no.zip is not a zip.'],
    [
      'Python',
      { runtime: 'PYTHON_3_13', entryPoint: ['main.py'] },
      'local-aws does not support agent runtimes on PYTHON',
    ],
    ['an instrumented entry point', { entryPoint: ['x', 'main.js'] }, 'local-aws does not support entry points of two'],
  ])('%s', async (_, more, message) => {
    await expect(async () => aws.runtimes.create(maker(aws), 'refused', definition(more))).rejects.toThrow(message);
  });

  it('code beside an image, and neither', async () => {
    const { agentRuntimeArtifact: code } = definition();
    const image = { containerConfiguration: { containerUri: await pushAgent(aws, 'good') } };
    for (const agentRuntimeArtifact of [{ ...code, ...image }, {}]) {
      const given = { ...definition(), agentRuntimeArtifact } as unknown as RuntimeDefinition;
      await expect(async () => aws.runtimes.create(maker(aws), 'refused', given)).rejects.toThrow('exactly one of');
    }
  });
});
