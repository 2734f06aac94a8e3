import type { Networks } from '../../../../local-aws/ec2/networks.ts';
import { region } from '../patient.ts';
import type { Row } from './row.ts';

export const vpc = 'vpc-0aaaaaaaaaaaaaaaa';
export const [first, second, group] = ['subnet-0000000000000000a', 'subnet-0000000000000000b', 'sg-0000000000000000a'];
export type Network = Required<Parameters<Networks['put']>[1]>;

const subnet = (subnetId: string, availabilityZoneId: string, vpcId = vpc) => ({
  subnetId,
  vpcId,
  availabilityZone: `us-east-1${availabilityZoneId.at(-1)}`,
  availabilityZoneId,
  cidrBlock: '10.0.0.0/24',
});
const https = { ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: [{ cidrIp: '0.0.0.0/0' }] };
const securityGroup = (ipPermissionsEgress: Network['securityGroups'][number]['ipPermissionsEgress'], vpcId = vpc) => ({
  groupId: group,
  groupName: 'agents',
  groupDescription: 'agents',
  vpcId,
  ipPermissionsEgress,
});
const local = { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' } as const;
export const nat = { destinationCidrBlock: '0.0.0.0/0', natGatewayId: 'nat-1', state: 'active' } as const;
const internet = { destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-1', state: 'active' } as const;
export const table = (
  routeTableId: string,
  routes: Network['routeTables'][number]['routeSet'],
  associationSet: Network['routeTables'][number]['associationSet'],
) => ({ routeTableId, vpcId: vpc, routeSet: [local, ...routes], associationSet });
export const main = [{ main: true }];

/** Two private subnets behind a NAT gateway, which is the way of the main route table. */
const good: Network = {
  subnets: [subnet(first, 'use1-az1'), subnet(second, 'use1-az2')],
  securityGroups: [securityGroup([https])],
  routeTables: [table('rtb-main', [nat], main)],
};

/** The environment in that VPC, but for what is different. */
export function within(network: Partial<Network> | undefined): Row[1] {
  return (patient) => {
    patient.settings = { ...patient.settings, network: { subnets: [first, second], securityGroups: [group] } };
    if (network) patient.aws.networks.put(region, { ...good, ...network });
  };
}

export const networkRows: readonly Row[] = [
  [
    'a subnet without a default route, by a route table of its own',
    within({
      routeTables: [table('rtb-main', [nat], main), table('rtb-own', [], [{ main: false, subnetId: second }])],
    }),
    [
      `✗ network: The subnet ${second} has no way out to api.openai.com: its route table has no default route. → Give it a default route to a NAT gateway; VPC endpoints lead to AWS only.`,
    ],
  ],
  [
    'a public subnet',
    within({
      routeTables: [table('rtb-main', [nat], main), table('rtb-own', [internet], [{ main: false, subnetId: first }])],
    }),
    [
      `✗ network: The subnet ${first} has no way out to api.openai.com: its default route leads to the internet gateway igw-1, and sessions have no public address. → Give it a default route to a NAT gateway; VPC endpoints lead to AWS only.`,
    ],
  ],
  [
    'a NAT gateway that was deleted',
    within({
      routeTables: [
        table('rtb-main', [nat], main),
        table('rtb-own', [{ ...nat, state: 'blackhole' }], [{ main: false, subnetId: first }]),
      ],
    }),
    [
      `✗ network: The subnet ${first} has no way out to api.openai.com: its default route leads to something that is gone. → Give it a default route to a NAT gateway; VPC endpoints lead to AWS only.`,
    ],
  ],
  [
    'a security group that lets nothing out',
    within({ securityGroups: [securityGroup([{ ...https, fromPort: 80, toPort: 80 }])] }),
    [
      `✗ network: The security groups ${group} let nothing out on port 443. → Add an outbound rule for HTTPS (TCP 443) to 0.0.0.0/0.`,
    ],
  ],
  [
    'a security group that lets out to the VPC only',
    within({ securityGroups: [securityGroup([{ ipProtocol: '-1', ipRanges: [{ cidrIp: '10.0.0.0/16' }] }])] }),
    [
      `! network: The security groups ${group} let port 443 out to some addresses only. → Add an outbound rule for HTTPS (TCP 443) to 0.0.0.0/0.`,
    ],
  ],
  [
    'a security group of another VPC',
    within({ securityGroups: [securityGroup([https], 'vpc-0bbbbbbbbbbbbbbbb')] }),
    [
      `✗ network: The security group ${group} is of vpc-0bbbbbbbbbbbbbbbb, and the subnets are in ${vpc}. → Choose security groups of the VPC of the subnets.`,
    ],
  ],
  [
    'subnets of two VPCs',
    within({ subnets: [subnet(first, 'use1-az1'), subnet(second, 'use1-az2', 'vpc-0bbbbbbbbbbbbbbbb')] }),
    [`✗ network: The subnets are in several VPCs: ${vpc}, vpc-0bbbbbbbbbbbbbbbb. → Choose subnets of one VPC.`],
  ],
  [
    'subnets in one zone',
    within({ subnets: [subnet(first, 'use1-az1'), subnet(second, 'use1-az1')] }),
    [
      '! network: All subnets are in one zone, use1-az1: with the zone, the agent would be gone. → Add a subnet in another zone.',
    ],
  ],
  [
    'a subnet in a zone without AgentCore',
    within({ subnets: [subnet(first, 'use1-az1'), subnet(second, 'use1-az3')] }),
    [
      `✗ network: The subnet ${second} is in the zone use1-az3, where AgentCore is not: it is in use1-az1, use1-az2, use1-az4. → Choose a subnet in one of these zones.`,
    ],
  ],
  [
    'subnets and security groups that are not there',
    within(undefined),
    [
      `✗ network: There is no subnet ${first} in us-east-1. → Correct "network" of the environment.`,
      `✗ network: There is no subnet ${second} in us-east-1. → Correct "network" of the environment.`,
      `✗ network: There is no security group ${group} in us-east-1. → Correct "network" of the environment.`,
    ],
  ],
];
