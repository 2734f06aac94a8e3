import { type Place, partitionOf } from './place.ts';
import { type PolicyDocument, policyDocument } from './policy-document.ts';

const issuer = 'token.actions.githubusercontent.com';

/**
 * Trusts workflows of one repository.
 *
 * @param repository `OWNER/NAME`, or `OWNER@ID/NAME@ID` where GitHub's tokens name it so
 * @param workflows which of them, as the end of the token's `sub`
 * @see https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
 */
function githubTrust(
  { account, region }: Place,
  repository: string,
  workflows: readonly [string, ...string[]],
): PolicyDocument {
  const [first, ...others] = workflows.map((each) => `repo:${repository}:${each}`);
  return policyDocument({
    Sid: 'TrustWorkflows',
    Effect: 'Allow',
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Principal: { Federated: `arn:${partitionOf(region)}:iam::${account}:oidc-provider/${issuer}` },
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: others.length === 0 ? String(first) : [String(first), ...others],
      },
    },
  });
}

/**
 * Trusts what runs in one of the repository's GitHub environments only: who may deploy there is for its protection rules
 * to say.
 *
 * @param githubEnvironment name of the environment in the repository's settings
 */
export function deployerTrust(place: Place, repository: string, githubEnvironment: string): PolicyDocument {
  return githubTrust(place, repository, [`environment:${githubEnvironment}`]);
}

/** Trusts pull requests, but not those of forks, for which GitHub makes no token; and the main branch, for a look at night. */
export function diffTrust(place: Place, repository: string): PolicyDocument {
  return githubTrust(place, repository, ['pull_request', 'ref:refs/heads/main']);
}
