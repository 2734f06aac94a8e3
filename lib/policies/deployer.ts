import { liveEndpoint } from '../agent-runtime/live-endpoint-name.ts';
import type { Environment } from '../environments/index.ts';
import { namedCredentials } from './own-names.ts';
import { arnsOf, type Place } from './place.ts';
import { actionsOf, allow, type PolicyDocument, policyDocument } from './policy-document.ts';

/** The roles of the bootstrap that `cdk deploy`, `cdk diff` and `cdk destroy` take. */
function rolesOfBootstrap({ artifact }: Environment): string[] {
  return ['deploy', 'file-publishing', ...(artifact === 'container' ? ['image-publishing'] : []), 'lookup'];
}

/**
 * What whoever runs `cdk`, `release` and `rollback` needs: to take the roles of the bootstrap, which deploy and move the
 * endpoint `live`; and by itself to ask the agent before, and to see which versions there are and whether what they get
 * their keys from is there.
 *
 * @param former earlier settings of the environment, to whose versions a rollback may lead
 */
export function deployerPolicy(
  environment: Environment,
  place: Place,
  former: readonly Environment[] = [],
): PolicyDocument {
  const arns = arnsOf(place);
  const runtime = arns.runtimeById(environment.runtimeName);
  const endpoints = ['DEFAULT', liveEndpoint].map((name) => `${runtime}/runtime-endpoint/${name}`);
  const providers = [environment, ...former].flatMap(namedCredentials);
  return policyDocument(
    allow('TakeRolesOfBootstrap', ['sts:AssumeRole'], rolesOfBootstrap(environment).map(arns.bootstrapRole)),
    allow('AskAgent', actionsOf('bedrock-agentcore', 'InvokeAgentRuntime', 'InvokeAgentRuntimeForUser'), [
      runtime,
      ...endpoints,
    ]),
    allow('SeeVersions', actionsOf('bedrock-agentcore', 'GetAgentRuntime', 'GetAgentRuntimeEndpoint'), [
      runtime,
      ...endpoints,
    ]),
    allow('SeeCredentialProviders', actionsOf('bedrock-agentcore', 'GetApiKeyCredentialProvider'), [
      arns.tokenVault,
      ...providers.map(({ providerPattern }) => arns.credentialProvider(providerPattern)),
    ]),
  );
}
