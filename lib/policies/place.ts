/** Where an environment lives, and the bootstrap that it is deployed by. */
export interface Place {
  /** AWS account id, twelve digits. */
  readonly account: string;
  /** For example `us-east-1`. */
  readonly region: string;
  /** Qualifier of the bootstrap: a part of the names of its roles, bucket and repository. */
  readonly qualifier: string;
}

/** The qualifier of `cdk bootstrap` without `--qualifier`. */
export const defaultQualifier = 'hnb659fds';

/** The partition of a Region: China and GovCloud have their own. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** ARNs of the place. */
export function arnsOf({ account, region, qualifier }: Place) {
  const partition = partitionOf(region);
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const iam = (resource: string) => `arn:${partition}:iam::${account}:${resource}`;
  const agentCore = (resource: string) => arn('bedrock-agentcore', resource);
  return {
    /** For services whose ARNs begin in one way. */
    arn,
    iam,
    tokenVault: agentCore('token-vault/default'),
    credentialProvider: (name: string) => agentCore(`token-vault/default/apikeycredentialprovider/${name}`),
    workloadIdentityDirectory: agentCore('workload-identity-directory/default'),
    workloadIdentity: (name: string) => agentCore(`workload-identity-directory/default/workload-identity/${name}`),
    /** What the id of a runtime begins with is its name. */
    runtime: (runtimeName: string) => agentCore(`runtime/${runtimeName}-*`),
    /** The same and nothing below it: a `*` would match its endpoints too. AWS adds ten characters to the name. */
    runtimeById: (runtimeName: string) => agentCore(`runtime/${runtimeName}-??????????`),
    secret: (name: string) => arn('secretsmanager', `secret:${name}`),
    /** The secret in which AgentCore keeps the key of a MANAGED provider. */
    copy: (name: string) => arn('secretsmanager', `secret:bedrock-agentcore-identity!default/apikey/${name}`),
    logGroup: (name: string) => arn('logs', `log-group:${name}`),
    logStreams: (name: string) => arn('logs', `log-group:${name}:log-stream:*`),
    dashboard: (name: string) => `arn:${partition}:cloudwatch::${account}:dashboard/${name}`,
    /** Every stack of a name, whatever its id. */
    stack: (name: string) => arn('cloudformation', `stack/${name}/*`),
    bootstrapRole: (role: string) => iam(`role/cdk-${qualifier}-${role}-role-${account}-${region}`),
    assetsOfFiles: `arn:${partition}:s3:::cdk-${qualifier}-assets-${account}-${region}/*`,
    assetsOfImages: arn('ecr', `repository/cdk-${qualifier}-container-assets-${account}-${region}`),
  };
}
