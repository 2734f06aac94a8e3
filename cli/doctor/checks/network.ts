import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type IpPermission,
  type Route,
  type RouteTable,
  type SecurityGroup,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { routeTo } from '../../../agent/src/model-route.ts';
import type { Environment } from '../../../lib/environments/index.ts';
import { type Finding, findingsOf } from '../finding.ts';
import type { Visit } from '../visit.ts';
import { zonesOfAgentCore } from './agentcore-zones.ts';

const { ok, warning, problem } = findingsOf('network');

/** Whether sessions in the environment's subnets come to the model provider. */
export async function networkCheck({ environment, session }: Visit): Promise<Finding[]> {
  const { network } = environment;
  if (!network) return [ok("AgentCore's public network.")];
  const ec2 = new EC2Client(session.config);
  try {
    const [subnets, groups] = await Promise.all([
      foundOf(network.subnets, (id) => describeSubnet(ec2, id)),
      foundOf(network.securityGroups, (id) => describeGroup(ec2, id)),
    ]);
    const missing = [
      ...subnets.missing.map((id) => missingIn('subnet', id, session.region)),
      ...groups.missing.map((id) => missingIn('security group', id, session.region)),
    ];
    if (missing.length > 0) return missing;
    const vpcs = [...new Set(subnets.found.map(({ VpcId = '' }) => VpcId))];
    const [vpc = ''] = vpcs;
    if (vpcs.length > 1) {
      return [problem(`The subnets are in several VPCs: ${vpcs.join(', ')}.`, 'Choose subnets of one VPC.')];
    }
    const tables = await routeTablesOf(ec2, vpc);
    const host = hostOfModel(environment);
    const ofGroups = closed(groups.found);
    const problems = [
      ...strangers(groups.found, vpc),
      ...ofGroups,
      ...subnets.found.flatMap((subnet) => withoutWayOut(subnet, tables, host)),
      ...zones(subnets.found, session.region),
    ];
    if (problems.some(({ verdict }) => verdict === 'problem')) return problems;
    return [
      ...problems,
      ok(
        `${subnets.found.length} subnets of ${vpc} have a way out to ${host}${ofGroups.length === 0 ? ', which the security groups leave open' : ''}.`,
      ),
    ];
  } finally {
    ec2.destroy();
  }
}

function missingIn(what: string, id: string, region: string): Finding {
  return problem(`There is no ${what} ${id} in ${region}.`, 'Correct "network" of the environment.');
}

function strangers(groups: readonly SecurityGroup[], vpc: string): Finding[] {
  return groups
    .filter(({ VpcId }) => VpcId !== vpc)
    .map(({ GroupId, VpcId }) =>
      problem(
        `The security group ${GroupId} is of ${VpcId}, and the subnets are in ${vpc}.`,
        'Choose security groups of the VPC of the subnets.',
      ),
    );
}

/** Rules of several groups add up. */
function closed(groups: readonly SecurityGroup[]): Finding[] {
  const rules = groups.flatMap(({ IpPermissionsEgress = [] }) => IpPermissionsEgress).filter(reachesHttps);
  if (rules.some(({ IpRanges = [] }) => IpRanges.some(({ CidrIp }) => CidrIp === '0.0.0.0/0'))) return [];
  const remedy = 'Add an outbound rule for HTTPS (TCP 443) to 0.0.0.0/0.';
  const names = groups.map(({ GroupId }) => GroupId).join(', ');
  return rules.length === 0
    ? [problem(`The security groups ${names} let nothing out on port 443.`, remedy)]
    : [warning(`The security groups ${names} let port 443 out to some addresses only.`, remedy)];
}

function reachesHttps({ IpProtocol, FromPort = 0, ToPort = 65_535 }: IpPermission): boolean {
  return IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= 443 && ToPort >= 443);
}

/** The interfaces of AgentCore have no public address: an internet gateway does nothing for them. */
function withoutWayOut({ SubnetId }: Subnet, tables: readonly RouteTable[], host: string): Finding[] {
  const own = tables.find(({ Associations = [] }) => Associations.some((each) => each.SubnetId === SubnetId));
  const table = own ?? tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true));
  const way = table?.Routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0');
  const why = obstacleOn(way);
  if (why === undefined) return [];
  return [
    problem(
      `The subnet ${SubnetId} has no way out to ${host}: ${why}.`,
      'Give it a default route to a NAT gateway; VPC endpoints lead to AWS only.',
    ),
  ];
}

/** NAT and transit gateways, firewalls, VPNs: whatever is not known to be wrong may be right. */
function obstacleOn(way: Route | undefined): string | undefined {
  if (way === undefined) return 'its route table has no default route';
  if (way.State === 'blackhole') return 'its default route leads to something that is gone';
  if (!way.GatewayId?.startsWith('igw-')) return undefined;
  return `its default route leads to the internet gateway ${way.GatewayId}, and sessions have no public address`;
}

function zones(subnets: readonly Subnet[], region: string): Finding[] {
  const known = zonesOfAgentCore[region];
  const foreign = subnets.filter(({ AvailabilityZoneId = '' }) => known && !known.includes(AvailabilityZoneId));
  const ids = new Set(subnets.map(({ AvailabilityZoneId }) => AvailabilityZoneId));
  return [
    ...foreign.map(({ SubnetId, AvailabilityZoneId }) =>
      problem(
        `The subnet ${SubnetId} is in the zone ${AvailabilityZoneId}, where AgentCore is not: it is in ${known?.join(', ')}.`,
        'Choose a subnet in one of these zones.',
      ),
    ),
    ...(ids.size > 1
      ? []
      : [
          warning(
            `All subnets are in one zone, ${[...ids][0]}: with the zone, the agent would be gone.`,
            'Add a subnet in another zone.',
          ),
        ]),
  ];
}

function hostOfModel({ model }: Environment): string {
  return new URL(routeTo(model).baseUrl).host;
}

async function foundOf<T>(ids: readonly string[], describe: (id: string) => Promise<T | undefined>) {
  const all = await Promise.all(ids.map(async (id) => ({ id, found: await describe(id) })));
  return {
    found: all.flatMap(({ found }) => (found === undefined ? [] : [found])),
    missing: all.flatMap(({ id, found }) => (found === undefined ? [id] : [])),
  };
}

/** One by one: asked for several, EC2 names only the first that is missing. */
async function describeSubnet(ec2: EC2Client, id: string): Promise<Subnet | undefined> {
  const answer = await unlessMissing(ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] })));
  return answer?.Subnets?.[0];
}

async function describeGroup(ec2: EC2Client, id: string): Promise<SecurityGroup | undefined> {
  const answer = await unlessMissing(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })));
  return answer?.SecurityGroups?.[0];
}

async function routeTablesOf(ec2: EC2Client, vpc: string): Promise<RouteTable[]> {
  const filter = { Name: 'vpc-id', Values: [vpc] };
  const found: RouteTable[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(new DescribeRouteTablesCommand({ Filters: [filter], NextToken }));
    found.push(...(page.RouteTables ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** `InvalidSubnetID.NotFound`, `InvalidGroup.NotFound` and so on. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && /\.(NotFound|Malformed)$|InvalidGroupId/.test(error.name)) return undefined;
    throw error;
  }
}
