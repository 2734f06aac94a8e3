import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { Networks } from '../../../local-aws/ec2/networks.ts';
import { ec2Service } from '../../../local-aws/ec2/service.ts';
import { region, type Started, startServices } from '../http/start-services.ts';

let started: Started;
let ec2: EC2Client;

beforeAll(async () => {
  started = await startServices(
    (aws) => {
      aws.networks = new Networks();
    },
    [ec2Service],
  );
  ec2 = new EC2Client(started.client());
  const vpcId = 'vpc-1';
  const zone = { availabilityZone: 'eu-central-1a', availabilityZoneId: 'euc1-az2', cidrBlock: '10.0.0.0/24' };
  const { networks } = started.aws;
  networks.put(region, {
    subnets: [
      { subnetId: 'subnet-1', vpcId, ...zone },
      { subnetId: 'subnet-2', vpcId: 'vpc-2', ...zone },
    ],
    securityGroups: [
      {
        groupId: 'sg-1',
        groupName: 'agents',
        groupDescription: 'of <agents>',
        vpcId,
        ipPermissionsEgress: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: [{ cidrIp: '0.0.0.0/0' }] }],
      },
    ],
    routeTables: [
      {
        routeTableId: 'rtb-1',
        vpcId,
        routeSet: [{ destinationCidrBlock: '0.0.0.0/0', natGatewayId: 'nat-1', state: 'active' }],
        associationSet: [{ main: true }, { main: false, subnetId: 'subnet-1' }],
      },
    ],
  });
  networks.put('us-east-1', { subnets: [{ subnetId: 'subnet-far', vpcId, ...zone }] });
});
afterAll(() => started.close());

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    ({ name, message }: Error) => `${name}: ${message}`,
  );

describe('EC2', () => {
  test('tells subnets by id, by VPC, and all of the Region', async () => {
    const ids = async (input: object) =>
      (await ec2.send(new DescribeSubnetsCommand(input))).Subnets?.map(({ SubnetId }) => SubnetId);
    expect(await ids({ SubnetIds: ['subnet-2', 'subnet-1'] })).toEqual(['subnet-2', 'subnet-1']);
    expect(await ids({ Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }] })).toEqual(['subnet-1']);
    expect(await ids({})).toEqual(['subnet-1', 'subnet-2']);
  });

  test('tells rules and routes as the SDK reads them', async () => {
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-1'] }));
    expect(SecurityGroups).toMatchObject([
      {
        GroupId: 'sg-1',
        Description: 'of <agents>',
        VpcId: 'vpc-1',
        IpPermissionsEgress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      },
    ]);
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({}));
    expect(RouteTables).toMatchObject([
      {
        RouteTableId: 'rtb-1',
        Routes: [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1', State: 'active' }],
        Associations: [
          { Main: true, RouteTableId: 'rtb-1' },
          { Main: false, SubnetId: 'subnet-1' },
        ],
      },
    ]);
  });

  test('says in the words of EC2 what is not there, also what is in another Region', async () => {
    expect(await codeOf(ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-far'] })))).toBe(
      "InvalidSubnetID.NotFound: The subnet ID 'subnet-far' does not exist",
    );
    expect(await codeOf(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-2'] })))).toBe(
      "InvalidGroup.NotFound: The security group 'sg-2' does not exist",
    );
  });

  test('authorizes every call', async () => {
    started.role('reader', { Effect: 'Allow', Action: 'ec2:DescribeSubnets', Resource: '*' });
    const reader = new EC2Client(started.client('reader'));
    expect(await codeOf(reader.send(new DescribeSubnetsCommand({})))).toBe('no error');
    expect(await codeOf(reader.send(new DescribeRouteTablesCommand({})))).toMatch(
      /^UnauthorizedOperation: .* is not authorized to perform: ec2:DescribeRouteTables /,
    );
  });

  test('refuses by name what it does not know', async () => {
    expect(await codeOf(ec2.send(new DescribeVpcsCommand({})))).toMatch(/^NotSupportedByLocalAws: .*DescribeVpcs/);
    expect(await codeOf(ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:a', Values: ['b'] }] })))).toMatch(
      /^NotSupportedByLocalAws: .*the filter tag:a of DescribeSubnets/,
    );
    expect(await codeOf(ec2.send(new DescribeSubnetsCommand({ MaxResults: 5 })))).toMatch(
      /^NotSupportedByLocalAws: .*the parameter MaxResults of DescribeSubnets/,
    );
  });
});
