import type { Environment } from '../lib/environments.ts';
import {
  cloudFormationExecutionPolicy,
  deployerPolicy,
  deployerTrust,
  type Place,
  partitionOf,
  permissionsBoundary,
} from '../lib/policies/index.ts';
import { readArguments, UsageError } from './arguments.ts';
import { qualifierOf, readEnvironment } from './project.ts';
import { UserError } from './user-error.ts';

const help = `Prints a policy for whoever deploys an environment.

  npm run --silent policies -- permissions-boundary --environment prod > boundary.json

Policies
  permissions-boundary   the most that any role of the environment may ever do
  cloudformation         what CloudFormation needs, for cdk bootstrap --cloudformation-execution-policies
  deployer               what whoever runs cdk, release and rollback needs
  deployer-trust         trust policy of a role for GitHub Actions (with --repository)

Options
  --environment NAME        environment of cdk.json (required)
  --account ID, --region R  where it lives, if cdk.json does not say
  --repository OWNER/NAME   repository on GitHub that deploys, from its GitHub environment of the same name
  --former FILE             an earlier cdk.json, whose provider and secret are allowed too: for a change of their names

The qualifier of the bootstrap is the environment's own (bootstrapQualifier), or that of cdk.json (context
"@aws-cdk/core:bootstrapQualifier").

Exit status: 0 printed, 1 settings are wrong, 2 command line not understood.
`;

/** The command `policies`. */
export async function policies(args: string[]): Promise<number> {
  const { values, positional } = readArguments(
    args,
    {
      environment: { type: 'string' },
      account: { type: 'string' },
      region: { type: 'string' },
      repository: { type: 'string' },
      former: { type: 'string' },
      help: { type: 'boolean' },
    },
    'policy',
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!values.environment) throw new UsageError('Say which environment: --environment prod.');
  const environment = readEnvironment(values.environment);
  const place = placeOf(environment, values);
  const former = values.former ? [readEnvironment(environment.name, values.former)] : [];
  const printed = () => {
    switch (positional) {
      case 'permissions-boundary':
        return permissionsBoundary(environment, place, former);
      case 'cloudformation':
        return cloudFormationExecutionPolicy(environment, place, boundaryArn(environment, place));
      case 'deployer':
        return deployerPolicy(environment, place, former);
      case 'deployer-trust':
        return deployerTrust(place, repository(values.repository), environment.name);
      default:
        throw new UsageError(
          `Say which policy: permissions-boundary, cloudformation, deployer or deployer-trust${positional ? `, not "${positional}"` : ''}.`,
        );
    }
  };
  const policy = printed();
  refuseTooLong(policy, environment);
  process.stdout.write(`${JSON.stringify(policy, undefined, 2)}\n`);
  return 0;
}

/** Characters that IAM takes in a managed policy; it does not count white space. */
const longest = 6144;

/** @throws UserError where IAM would refuse the policy, after all has been prepared for it */
function refuseTooLong(policy: unknown, { name }: Environment): void {
  const { length } = JSON.stringify(policy);
  if (length <= longest) return;
  throw new UserError(
    `This policy of ${name} has ${length} characters, and a managed policy holds ${longest}: let fewer of its keys be copies (source), shorten names, or leave out --former.`,
  );
}

function placeOf(environment: Environment, given: { account?: string; region?: string }): Place {
  const account = given.account ?? environment.account;
  const region = given.region ?? environment.region;
  if (!account || !region) {
    throw new UsageError(
      `The environment ${environment.name} names no account or no Region: add --account 111122223333 --region us-east-1.`,
    );
  }
  return { account, region, qualifier: qualifierOf(environment) };
}

function boundaryArn({ name, permissionsBoundary: boundary }: Environment, { account, region }: Place): string {
  if (!boundary) {
    throw new UsageError(
      `The environment ${name} has no permissionsBoundary: without one, whoever makes its roles can make any role. Set it in cdk.json.`,
    );
  }
  return boundary.startsWith('arn:') ? boundary : `arn:${partitionOf(region)}:iam::${account}:policy/${boundary}`;
}

function repository(given: string | undefined): string {
  if (given !== undefined && /^[\w.-]+\/[\w.-]+$/.test(given)) return given;
  throw new UsageError(
    `Say which repository: --repository OWNER/NAME${given === undefined ? '' : `, not "${given}"`}.`,
  );
}
