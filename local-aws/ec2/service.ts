import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { ec2QueryService } from '../http/ec2-query.ts';
import type { Call, Service } from '../service.ts';

interface Filter {
  readonly Name: string;
  readonly Value: readonly string[];
}

/** EC2: what there is of subnets, security groups and route tables. */
export function ec2Service({ networks, account }: Pick<Aws, 'networks' | 'account'>): Service {
  return ec2QueryService({
    signingName: 'ec2',
    title: 'EC2',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    operations: {
      DescribeSubnets: (input: { SubnetId?: string[]; Filter?: Filter[] }, call: Call) => {
        call.authorize('ec2:DescribeSubnets', '*');
        const { SubnetId: ids, Filter: filters, ...others } = input;
        refuse('DescribeSubnets', others);
        const found = select(networks.subnets, call.region, ids, (id) => {
          return new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
        });
        return {
          subnetSet: filtered('DescribeSubnets', found, filters).map(({ region: _region, ...subnet }) => ({
            ...subnet,
            ownerId: account,
            state: 'available',
          })),
        };
      },

      DescribeSecurityGroups: (input: { GroupId?: string[]; Filter?: Filter[] }, call: Call) => {
        call.authorize('ec2:DescribeSecurityGroups', '*');
        const { GroupId: ids, Filter: filters, ...others } = input;
        refuse('DescribeSecurityGroups', others);
        const found = select(networks.securityGroups, call.region, ids, (id) => {
          return new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
        });
        return {
          securityGroupInfo: filtered('DescribeSecurityGroups', found, filters).map(
            ({ region: _region, ...group }) => ({ ...group, ownerId: account, ipPermissions: [] }),
          ),
        };
      },

      DescribeRouteTables: (input: { RouteTableId?: string[]; Filter?: Filter[] }, call: Call) => {
        call.authorize('ec2:DescribeRouteTables', '*');
        const { RouteTableId: ids, Filter: filters, ...others } = input;
        refuse('DescribeRouteTables', others);
        const found = select(networks.routeTables, call.region, ids, (id) => {
          return new AwsError('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`);
        });
        return {
          routeTableSet: filtered('DescribeRouteTables', found, filters).map(({ region: _region, ...table }) => ({
            ...table,
            ownerId: account,
            associationSet: table.associationSet.map((each) => ({ ...each, routeTableId: table.routeTableId })),
          })),
        };
      },
    },
  });
}

function refuse(operation: string, others: object): void {
  const [other] = Object.keys(others);
  if (other) throw notSupported(`the parameter ${other} of ${operation}`);
}

function select<T extends { readonly region: string }>(
  all: ReadonlyMap<string, T>,
  region: string,
  ids: readonly string[] | undefined,
  missing: (id: string) => AwsError,
): T[] {
  if (ids === undefined) return [...all.values()].filter((each) => each.region === region);
  return ids.map((id) => {
    const found = all.get(id);
    if (found?.region !== region) throw missing(id);
    return found;
  });
}

function filtered<T extends { readonly vpcId: string }>(
  operation: string,
  all: readonly T[],
  filters: readonly Filter[] = [],
): T[] {
  const other = filters.find(({ Name }) => Name !== 'vpc-id');
  if (other) throw notSupported(`the filter ${other.Name} of ${operation}`);
  return all.filter(({ vpcId }) => filters.every(({ Value }) => Value.includes(vpcId)));
}
