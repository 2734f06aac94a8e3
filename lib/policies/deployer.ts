import type { Environment } from '../environments.ts';
import { arnsOf, type Place, partitionOf } from './place.ts';
import { allow, type PolicyDocument, policyDocument } from './policy-document.ts';

/** The roles of the bootstrap that `cdk deploy`, `cdk diff` and `cdk destroy` take. */
function rolesOfBootstrap({ artifact }: Environment): string[] {
  return ['deploy', 'file-publishing', ...(artifact === 'container' ? ['image-publishing'] : []), 'lookup'];
}

/** What whoever runs `cdk` needs: to take the roles of the bootstrap. Nothing is deployed with its own permissions. */
export function deployerPolicy(environment: Environment, place: Place): PolicyDocument {
  const { bootstrapRole } = arnsOf(place);
  return policyDocument(
    allow('TakeRolesOfBootstrap', ['sts:AssumeRole'], rolesOfBootstrap(environment).map(bootstrapRole)),
  );
}

const issuer = 'token.actions.githubusercontent.com';

/**
 * Trusts the workflows of one repository, in one of its GitHub environments only: who may deploy there is for its
 * protection rules to say.
 *
 * @param repository `OWNER/NAME`
 * @param githubEnvironment name of the environment in the repository's settings
 * @see https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
 */
export function deployerTrust(
  { account, region }: Place,
  repository: string,
  githubEnvironment: string,
): PolicyDocument {
  return policyDocument({
    Sid: 'TrustWorkflows',
    Effect: 'Allow',
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Principal: { Federated: `arn:${partitionOf(region)}:iam::${account}:oidc-provider/${issuer}` },
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: `repo:${repository}:environment:${githubEnvironment}`,
      },
    },
  });
}
