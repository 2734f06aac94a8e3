import type { Environment } from '../environments/index.ts';
import { stackName } from '../stack-name.ts';
import { arnsOf, type Place } from './place.ts';
import { actionsOf, allow, type PolicyDocument, policyDocument } from './policy-document.ts';

/**
 * What `cdk diff --method template` needs, for a role that the code of a pull request works with: to read the templates
 * of the environment's stacks. Not the lookup role of the bootstrap, which may read nearly everything in the account.
 */
export function diffPolicy(environment: Pick<Environment, 'name'>, place: Place): PolicyDocument {
  const { stack } = arnsOf(place);
  return policyDocument(
    allow(
      'ReadStacks',
      actionsOf('cloudformation', 'DescribeStacks', 'GetTemplate'),
      (['identity', 'agent'] as const).map((part) => stack(stackName(environment, part))),
    ),
  );
}
