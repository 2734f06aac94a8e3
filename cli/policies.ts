import type { Environment } from '../lib/environments/index.ts';
import {
  cloudFormationExecutionPolicy,
  deployerPolicy,
  deployerTrust,
  diffPolicy,
  diffTrust,
  inParts,
  lengthOf,
  longestPolicy,
  type Place,
  type PolicyDocument,
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
  diff                   what cdk diff --method template needs, for pull requests
  diff-trust             trust policy of a role for that on GitHub (with --repository)

Options
  --environment NAME        environment of cdk.json (required)
  --account ID, --region R  where it lives, if cdk.json does not say
  --part N                  of a cloudformation policy that is longer than IAM takes: its first part, its second, …
  --repository OWNER/NAME   repository on GitHub: it deploys from its GitHub environment that is called as this one, and
                            compares in pull requests and on main. One of after 2026-07-15: OWNER@ID/NAME@ID
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
      part: { type: 'string' },
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
        return part(
          cloudFormationExecutionPolicy(environment, place, boundaryArn(environment, place)),
          environment,
          values.part,
        );
      case 'deployer':
        return deployerPolicy(environment, place, former);
      case 'deployer-trust':
        return deployerTrust(place, repository(values.repository), environment.name);
      case 'diff':
        return diffPolicy(environment, place);
      case 'diff-trust':
        return diffTrust(place, repository(values.repository));
      default:
        throw new UsageError(
          `Say which policy: permissions-boundary, cloudformation, deployer, deployer-trust, diff or diff-trust${positional ? `, not "${positional}"` : ''}.`,
        );
    }
  };
  const policy = printed();
  refuseTooLong(policy, environment);
  process.stdout.write(`${JSON.stringify(policy, undefined, 2)}\n`);
  return 0;
}

/** @throws UserError where the policy has to be printed in parts, UsageError where it has no such part */
function part(policy: PolicyDocument, { name }: Environment, given: string | undefined): PolicyDocument {
  const parts = inParts(policy);
  if (given === undefined) {
    if (parts.length === 1) return policy;
    const options = parts.map((_, index) => `--part ${index + 1}`).join(', ');
    throw new UserError(
      `The policy cloudformation of ${name} has ${lengthOf(policy)} characters, and a managed policy holds ${longestPolicy}: print it in ${parts.length} parts (${options}), and give cdk bootstrap all of them.`,
    );
  }
  const found = /^[1-9]\d*$/.test(given) ? parts[Number(given) - 1] : undefined;
  if (!found) {
    throw new UsageError(`The policy cloudformation of ${name} has no part "${given}": it has ${parts.length}.`);
  }
  return found;
}

/** @throws UserError where IAM would refuse the policy, after all has been prepared for it */
function refuseTooLong(policy: PolicyDocument, { name }: Environment): void {
  const length = lengthOf(policy);
  if (length <= longestPolicy) return;
  throw new UserError(
    `This policy of ${name} has ${length} characters, and a managed policy holds ${longestPolicy}: let fewer of its keys be copies (source), shorten names, or leave out --former.`,
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
  const names = /^[\w.-]+\/[\w.-]+$/;
  const namesWithIds = /^[\w.-]+@\d+\/[\w.-]+@\d+$/;
  if (given !== undefined && [names, namesWithIds].some((form) => form.test(given))) return given;
  throw new UsageError(
    `Say which repository: --repository OWNER/NAME or OWNER@ID/NAME@ID${given === undefined ? '' : `, not "${given}"`}.`,
  );
}
