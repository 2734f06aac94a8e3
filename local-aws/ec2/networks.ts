/** A subnet, by the names that EC2 gives to what it tells of one. */
export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  /** The same in all accounts, such as `use1-az1`. */
  readonly availabilityZoneId: string;
  readonly cidrBlock: string;
}

export interface EgressRule {
  /** `tcp`, `udp`, or `-1` for everything. */
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly ipRanges: readonly { readonly cidrIp: string }[];
}

export interface SecurityGroup {
  readonly groupId: string;
  readonly groupName: string;
  readonly groupDescription: string;
  readonly vpcId: string;
  readonly ipPermissionsEgress: readonly EgressRule[];
}

export interface RouteTable {
  readonly routeTableId: string;
  readonly vpcId: string;
  readonly routeSet: readonly {
    readonly destinationCidrBlock: string;
    readonly gatewayId?: string;
    readonly natGatewayId?: string;
    readonly transitGatewayId?: string;
    readonly state: 'active' | 'blackhole';
  }[];
  /** The subnets that have it; `main` stands for all that have none of their own. */
  readonly associationSet: readonly { readonly main: boolean; readonly subnetId?: string }[];
}

/** What an account has of VPCs: nothing, until somebody puts it here. No packet takes any of these ways. */
export class Networks {
  readonly subnets = new Map<string, Subnet & { readonly region: string }>();
  readonly securityGroups = new Map<string, SecurityGroup & { readonly region: string }>();
  readonly routeTables = new Map<string, RouteTable & { readonly region: string }>();

  /** Adds to what a Region has, or replaces what has the same id. */
  put(
    region: string,
    network: {
      readonly subnets?: readonly Subnet[];
      readonly securityGroups?: readonly SecurityGroup[];
      readonly routeTables?: readonly RouteTable[];
    },
  ): void {
    for (const each of network.subnets ?? []) this.subnets.set(each.subnetId, { ...each, region });
    for (const each of network.securityGroups ?? []) this.securityGroups.set(each.groupId, { ...each, region });
    for (const each of network.routeTables ?? []) this.routeTables.set(each.routeTableId, { ...each, region });
  }
}
