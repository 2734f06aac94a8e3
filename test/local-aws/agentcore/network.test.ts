import {
  GetAgentRuntimeCommand,
  type NetworkConfiguration,
  type VpcConfig,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { Maker } from '../../../local-aws/agentcore/agent-runtimes.ts';
import type { Aws } from '../../../local-aws/aws.ts';
import { contextFor } from '../lambda/support.ts';
import { allow, clientsOf, createRuntime, definitionOf, openAccount, region, testerRole } from './support.ts';

const subnets = ['subnet-0123456789abcdef0', 'subnet-01234567'];
const securityGroups = ['sg-0123456789abcdef0'];
const inVpc = (networkModeConfig?: object): NetworkConfiguration => ({
  networkMode: 'VPC',
  networkModeConfig: networkModeConfig as VpcConfig,
});

let aws: Aws;
let close: () => Promise<void>;
let control: ReturnType<typeof clientsOf>['control'];

beforeAll(async () => {
  ({ aws, close } = await openAccount());
  ({ control } = clientsOf(aws));
});
afterAll(() => close());

const shown = async (agentRuntimeId: string) =>
  (await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).networkConfiguration;

describe('a runtime in a VPC', () => {
  it('keeps its subnets and security groups, and shows them', async () => {
    const { id } = await createRuntime(aws, 'in_vpc', { networkConfiguration: inVpc({ subnets, securityGroups }) });
    expect(await shown(id)).toEqual(inVpc({ subnets, securityGroups }));
  });

  it('comes from the public network and goes back to it by an update', async () => {
    const { id } = await createRuntime(aws, 'moving');
    const move = async (networkConfiguration: NetworkConfiguration) => {
      aws.runtimes.update(contextFor(aws, 'Runtime', 'any'), id, await definitionOf(aws, { networkConfiguration }));
      return shown(id);
    };
    expect(await move(inVpc({ subnets, securityGroups }))).toMatchObject({ networkMode: 'VPC' });
    expect(await move({ networkMode: 'PUBLIC' })).toEqual({ networkMode: 'PUBLIC' });
  });

  it('joins the subnets and security groups that its maker may choose, and no others', async () => {
    const limits = { 'bedrock-agentcore:subnets': subnets, 'bedrock-agentcore:securityGroups': securityGroups };
    const role = testerRole(aws, [
      {
        ...allow('bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:UpdateAgentRuntime'),
        Condition: { 'ForAllValues:StringEquals': limits },
      },
      allow('iam:PassRole'),
    ]);
    const { principal } = aws.iam.assumeRoleAsService(role, 'test.amazonaws.com', 'tester');
    const limited: Maker = {
      region,
      authorize: (action, resources, context) => aws.iam.authorize(principal, action, resources, context),
    };
    const asked = (subnet: string) =>
      definitionOf(aws, { networkConfiguration: inVpc({ subnets: [subnets[0], subnet], securityGroups }) });
    const { id } = aws.runtimes.create(limited, 'chosen', await asked('subnet-01234567'));
    const elsewhere = await asked('subnet-0fedcba9876543210');
    expect(() => aws.runtimes.create(limited, 'elsewhere', elsewhere)).toThrow('is not authorized');
    expect(() => aws.runtimes.update(limited, id, elsewhere)).toThrow('is not authorized');
  });
});

describe('a network that is refused', () => {
  it.each<[string, NetworkConfiguration, string]>([
    ['a VPC without subnets', inVpc(), 'networkModeConfig is required when networkMode is VPC'],
    ['no subnet at all', inVpc({ subnets: [], securityGroups }), 'greater than or equal to 1'],
    ['no security groups', inVpc({ subnets }), 'Member must not be null'],
    [
      '17 security groups',
      inVpc({ subnets, securityGroups: Array(17).fill(securityGroups[0]) }),
      'less than or equal to 16',
    ],
    ['a subnet by its name', inVpc({ subnets: ['private-a'], securityGroups }), "Value 'private-a' at"],
    [
      'an endpoint for S3, which new runtimes of AWS cannot have',
      inVpc({ subnets, securityGroups, requireServiceS3Endpoint: true }),
      'local-aws does not support agent runtimes with requireServiceS3Endpoint',
    ],
    ['one that is not there', { networkMode: 'MESH' as 'VPC' }, "Value 'MESH' at"],
  ])('%s', async (_, networkConfiguration, message) => {
    await expect(createRuntime(aws, 'refused', { networkConfiguration })).rejects.toThrow(message);
    expect(aws.runtimes.list(region).map(({ name }) => name)).not.toContain('refused');
  });
});
