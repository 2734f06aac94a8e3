import {
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  GetWorkloadIdentityCommand,
  ListAgentRuntimeEndpointsCommand,
  ListAgentRuntimesCommand,
  ListAgentRuntimeVersionsCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { agentCoreResources } from '../../../local-aws/agentcore/resources.ts';
import type { RuntimeDefinition } from '../../../local-aws/agentcore/runtime-definition.ts';
import type { Aws } from '../../../local-aws/aws.ts';
import type { ResourceProvider } from '../../../local-aws/cloudformation/resource-provider.ts';
import { contextFor } from '../lambda/support.ts';
import {
  account,
  allow,
  clientsOf,
  createRuntime,
  definitionOf,
  executionActions,
  executionRole,
  maker,
  openAccount,
  pushAgent,
  putRole,
  region,
} from './support.ts';

const providerOf = (type: string) => agentCoreResources.find((each) => each.type === type) as ResourceProvider;
let aws: Aws;
let close: () => Promise<void>;
let control: ReturnType<typeof clientsOf>['control'];

beforeAll(async () => {
  ({ aws, close } = await openAccount());
  ({ control } = clientsOf(aws));
});
afterAll(() => close());

describe('AWS::BedrockAgentCore::Runtime', () => {
  const type = 'AWS::BedrockAgentCore::Runtime';
  const provider = providerOf(type);

  /** What the L2 of aws-cdk-lib renders. */
  const properties = async (more: object = {}) => ({
    AgentRuntimeName: 'rendered',
    AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: await pushAgent(aws, 'good') } },
    Description: 'an agent',
    EnvironmentVariables: { Mixed_Case: 'kept' },
    LifecycleConfiguration: { IdleRuntimeSessionTimeout: '300', MaxLifetime: 3600 },
    NetworkConfiguration: { NetworkMode: 'PUBLIC' },
    ProtocolConfiguration: 'HTTP',
    PlatformVersion: 'V2',
    RequestHeaderConfiguration: { RequestHeaderAllowlist: ['X-Amzn-Bedrock-AgentCore-Runtime-Custom-A'] },
    RoleArn: executionRole(aws, 'rendered'),
    Tags: { team: 'a' },
    ...more,
  });

  it('makes version 1 with the endpoint DEFAULT; each update makes a version, and DEFAULT follows', async () => {
    const context = contextFor(aws, 'Runtime', type);
    const before = await properties();
    const { physicalId: agentRuntimeId, attributes } = await provider.create(context, before);
    expect(agentRuntimeId).toMatch(/^rendered-[a-zA-Z0-9]{10}$/);
    const agentRuntimeArn = `arn:aws:bedrock-agentcore:${region}:${account}:runtime/${agentRuntimeId}`;
    expect(attributes).toMatchObject({
      AgentRuntimeArn: agentRuntimeArn,
      AgentRuntimeId: agentRuntimeId,
      AgentRuntimeVersion: '1',
      Status: 'READY',
    });
    const uri = before.AgentRuntimeArtifact.ContainerConfiguration.ContainerUri;
    expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({
      agentRuntimeArn,
      agentRuntimeName: 'rendered',
      agentRuntimeVersion: '1',
      description: 'an agent',
      status: 'READY',
      createdAt: expect.any(Date),
      roleArn: before.RoleArn,
      agentRuntimeArtifact: { containerConfiguration: { containerUri: uri } },
      environmentVariables: { Mixed_Case: 'kept' },
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 300, maxLifetime: 3600 },
      networkConfiguration: { networkMode: 'PUBLIC' },
      protocolConfiguration: { serverProtocol: 'HTTP' },
      requestHeaderConfiguration: { requestHeaderAllowlist: ['X-Amzn-Bedrock-AgentCore-Runtime-Custom-A'] },
      platformVersion: 'V2',
    });

    const after = await properties({ Description: 'a better agent' });
    const updated = await provider.update(context, agentRuntimeId, after, before);
    expect(updated).toMatchObject({ physicalId: agentRuntimeId, attributes: { AgentRuntimeVersion: '2' } });
    const versions = await control.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }));
    expect(versions.agentRuntimes?.map(({ agentRuntimeVersion: v }) => v)).toEqual(['1', '2']);
    const first = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' }));
    expect(first.description).toBe('an agent');
    const endpoint = new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' });
    expect(await control.send(endpoint)).toMatchObject({ liveVersion: '2', status: 'READY' });

    await provider.delete(context, agentRuntimeId, after);
    await provider.delete(context, agentRuntimeId, after);
    await expect(control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('makes and moves an endpoint only for whoever may look at it afterwards', async () => {
    const runtime = await createRuntime(aws, 'looked_at');
    const type = 'AWS::BedrockAgentCore::RuntimeEndpoint';
    const asked: unknown[] = [];
    const authorize = (action: string, resource: string | readonly string[]) => void asked.push([action, resource]);
    const context = { ...contextFor(aws, 'Endpoint', type), authorize };
    const given = { AgentRuntimeId: runtime.id, AgentRuntimeVersion: '1', Name: 'live' };
    const { physicalId } = await providerOf(type).create(context, given);
    await providerOf(type).update(context, physicalId, given, given);
    await providerOf(type).delete(context, physicalId, given);
    const both = [runtime.arn, `${runtime.arn}/runtime-endpoint/live`];
    expect(asked).toEqual([
      ['bedrock-agentcore:CreateAgentRuntimeEndpoint', runtime.arn],
      ['bedrock-agentcore:GetAgentRuntimeEndpoint', both],
      ['bedrock-agentcore:UpdateAgentRuntimeEndpoint', both],
      ['bedrock-agentcore:GetAgentRuntimeEndpoint', both],
      ['bedrock-agentcore:DeleteAgentRuntimeEndpoint', both],
    ]);
  });

  it('can have endpoints that stay on a version', async () => {
    const runtime = await createRuntime(aws, 'endpoints');
    const endpointType = 'AWS::BedrockAgentCore::RuntimeEndpoint';
    const context = contextFor(aws, 'Endpoint', endpointType);
    const given = { AgentRuntimeId: runtime.id, AgentRuntimeVersion: '1', Name: 'prod' };
    const { physicalId, attributes } = await providerOf(endpointType).create(context, given);
    expect(physicalId).toBe(`${runtime.arn}/runtime-endpoint/prod`);
    expect(attributes).toMatchObject({ AgentRuntimeArn: runtime.arn, LiveVersion: '1' });
    aws.runtimes.update(maker(aws), runtime.id, await definitionOf(aws));
    const list = () => control.send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId: runtime.id }));
    const live = async () => (await list()).runtimeEndpoints?.map(({ name, liveVersion }) => [name, liveVersion]);
    expect(await live()).toEqual([
      ['DEFAULT', '2'],
      ['prod', '1'],
    ]);
    await providerOf(endpointType).update(context, physicalId, { ...given, AgentRuntimeVersion: '2' }, given);
    expect(await live()).toContainEqual(['prod', '2']);
    await providerOf(endpointType).delete(context, physicalId, given);
    expect(await live()).toEqual([['DEFAULT', '2']]);
  });

  it('has a workload identity of its own, which goes with it', async () => {
    const runtime = await createRuntime(aws, 'identity');
    const { name } = runtime.workloadIdentity;
    expect(name).toMatch(/^identity-/);
    await expect(control.send(new GetWorkloadIdentityCommand({ name }))).resolves.toMatchObject({ name });
    await aws.runtimes.delete(maker(aws), runtime.id);
    await expect(control.send(new GetWorkloadIdentityCommand({ name }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('is listed in its Region only', async () => {
    const { id } = await createRuntime(aws, 'listed');
    const { agentRuntimes } = await control.send(new ListAgentRuntimesCommand({}));
    expect(agentRuntimes?.map(({ agentRuntimeId }) => agentRuntimeId)).toContain(id);
    expect(aws.runtimes.list('us-east-1')).toEqual([]);
  });

  it.each(['bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:GetAgentRuntime', 'iam:PassRole'])(
    'is made only by who may %s',
    async (missing) => {
      const actions = ['bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:GetAgentRuntime', 'iam:PassRole'];
      const granted = allow(...actions.filter((action) => action !== missing), 'bedrock-agentcore:TagResource');
      const deployer = putRole(aws, `no-${missing.replace(':', '-')}`, 'cloudformation.amazonaws.com', [granted]);
      const given = await properties({ AgentRuntimeName: `no_${missing.replace(/\W/g, '_')}`.slice(0, 48) });
      await expect(provider.create(contextFor(aws, 'Runtime', type, deployer.arn), given)).rejects.toThrow(
        `is not authorized to perform: ${missing} on resource: `,
      );
    },
  );
});

describe('AWS::BedrockAgentCore::WorkloadIdentity', () => {
  it('is made, changed and deleted', async () => {
    const type = 'AWS::BedrockAgentCore::WorkloadIdentity';
    const provider = providerOf(type);
    const context = contextFor(aws, 'Identity', type);
    const Name = 'own-identity';
    const created = await provider.create(context, { Name });
    expect(created).toEqual({
      physicalId: Name,
      attributes: {
        WorkloadIdentityArn: `arn:aws:bedrock-agentcore:${region}:${account}:workload-identity-directory/default/workload-identity/own-identity`,
      },
    });
    const after = { Name, AllowedResourceOauth2ReturnUrls: ['https://example.com'] };
    await provider.update(context, Name, after, { Name });
    expect(await control.send(new GetWorkloadIdentityCommand({ name: Name }))).toMatchObject({
      allowedResourceOauth2ReturnUrls: ['https://example.com'],
    });
    await provider.delete(context, Name, after);
    await provider.delete(context, Name, after);
    expect(aws.workloadIdentities.has(region, Name)).toBe(false);
  });
});

describe('a runtime that AgentCore would not take is refused', () => {
  const create = async (name: string, more: Partial<RuntimeDefinition>) =>
    aws.runtimes.create(maker(aws), name, await definitionOf(aws, more));
  const image = (containerUri: string) => ({ agentRuntimeArtifact: { containerConfiguration: { containerUri } } });

  it.each(['with-hyphen', '1digit', 'a'.repeat(49), ''])('the name "%s"', async (name) => {
    await expect(create(name, {})).rejects.toThrow(
      'failed to satisfy constraint: Member must satisfy regular expression',
    );
  });

  it('a name that is taken', async () => {
    await create('taken', {});
    await expect(create('taken', {})).rejects.toMatchObject({ code: 'ConflictException' });
  });

  it('an x86 image', async () => {
    const uri = await pushAgent(aws, 'intel', { platform: 'linux/amd64' });
    await expect(create('intel', image(uri))).rejects.toThrow(
      `Architecture incompatible for uri '${uri}'. Supported architectures: [arm64]`,
    );
  });

  it('an image that is not there, or in another Region', async () => {
    const uri = await pushAgent(aws, 'good');
    await expect(create('missing', image(uri.replace(':good', ':gone')))).rejects.toThrow('does not exist');
    await expect(create('elsewhere', image(uri.replace(region, 'us-east-1')))).rejects.toThrow('is not of an image');
  });

  it('an image that starts something else than node', async () => {
    const uri = await pushAgent(aws, 'python', { command: ['python', 'main.py'] });
    await expect(create('python', image(uri))).rejects.toThrow(
      'local-aws does not support agent images that start anything but node (python)',
    );
  });

  it.each(executionActions.slice(0, 3))('an execution role without %s', async (missing) => {
    const actions = executionActions.filter((action) => action !== missing);
    const roleArn = executionRole(aws, `without-${missing.replace(':', '-')}`, actions);
    const uri = await pushAgent(aws, 'good');
    await expect(create('cannotpull', { roleArn })).rejects.toThrow(
      `Access denied while validating ECR URI '${uri}'. The execution role requires permissions for ecr:GetAuthorizationToken, ecr:BatchGetImage, and ecr:GetDownloadUrlForLayer operations.`,
    );
  });

  it.each([
    ['another service', 'ec2.amazonaws.com', {}],
    ['another account', 'bedrock-agentcore.amazonaws.com', { StringEquals: { 'aws:SourceAccount': '999988887777' } }],
    [
      'another runtime',
      'bedrock-agentcore.amazonaws.com',
      { ArnLike: { 'aws:SourceArn': `arn:aws:bedrock-agentcore:*:*:runtime/other*` } },
    ],
  ])('a role that trusts %s', async (title, service, condition) => {
    const { arn } = putRole(aws, title.replace(' ', '-'), service, [allow(...executionActions)], condition);
    await expect(create('untrusted', { roleArn: arn })).rejects.toThrow(
      `Role validation failed for '${arn}'. Please verify that the role exists and its trust policy allows assumption by this service`,
    );
  });

  it.each<[string, Partial<RuntimeDefinition>, string]>([
    [
      '51 variables',
      { environmentVariables: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`V${i}`, ''])) },
      'less than or equal to 50',
    ],
    ['an idle timeout of a second', { lifecycleConfiguration: { idleRuntimeSessionTimeout: 1 } }, "Value '1' at"],
    ['a lifetime of a day', { lifecycleConfiguration: { maxLifetime: 86_400 } }, "Value '86400' at"],
    [
      'an idle timeout beyond the lifetime',
      { lifecycleConfiguration: { idleRuntimeSessionTimeout: 120, maxLifetime: 60 } },
      'less than or equal to maxLifetime',
    ],
    ['a platform that is not there', { platformVersion: 'V9' }, "Value 'V9' at 'platformVersion'"],
    ['another protocol', { protocolConfiguration: { serverProtocol: 'MCP' } }, 'local-aws does not support'],
  ])('%s', async (_title, more, message) => {
    await expect(create('refused', more)).rejects.toThrow(message);
    expect(aws.runtimes.list(region).map(({ name }) => name)).not.toContain('refused');
  });
});
