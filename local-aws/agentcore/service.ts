import type { Aws } from '../aws.ts';
import { type Route, restJsonService } from '../http/rest-json.ts';
import type { Service } from '../service.ts';
import { headerNames } from './invocation.ts';
import { runtimeRoutes } from './runtime-routes.ts';

/** Amazon Bedrock AgentCore: control plane and data plane, which share the signing name `bedrock-agentcore`. */
export function agentCoreService(aws: Aws): Service {
  return restJsonService({
    signingName: 'bedrock-agentcore',
    title: 'Amazon Bedrock AgentCore',
    routes: [
      ...credentialProviderRoutes(aws),
      ...workloadIdentityRoutes(aws),
      ...tagRoutes(aws),
      ...runtimeRoutes(aws),
      ...dataPlaneRoutes(aws),
    ],
  });
}

const identity = (name: string, status: number, run: Route['run']): Route => ({
  name,
  method: 'POST',
  path: `/identities/${name}`,
  status,
  run,
});

function credentialProviderRoutes({ credentialProviders }: Aws): Route[] {
  return [
    identity('CreateApiKeyCredentialProvider', 201, (input, call) => credentialProviders.create(call, input)),
    identity('GetApiKeyCredentialProvider', 200, (input, call) => credentialProviders.get(call, input)),
    identity('UpdateApiKeyCredentialProvider', 200, (input, call) => credentialProviders.update(call, input)),
    identity('DeleteApiKeyCredentialProvider', 204, (input, call) => credentialProviders.delete(call, input)),
    identity('ListApiKeyCredentialProviders', 200, (input, call) => credentialProviders.list(call, input)),
    {
      name: 'GetTokenVault',
      method: 'POST',
      path: '/identities/get-token-vault',
      run: (input, call) => credentialProviders.tokenVault(call, input),
    },
    {
      name: 'SetTokenVaultCMK',
      method: 'POST',
      path: '/identities/set-token-vault-cmk',
      run: (_input, call) => credentialProviders.setTokenVaultKey(call),
    },
  ];
}

function workloadIdentityRoutes({ workloadIdentities }: Aws): Route[] {
  return [
    identity('CreateWorkloadIdentity', 201, (input, call) => workloadIdentities.create(call, input)),
    identity('GetWorkloadIdentity', 200, (input, call) => workloadIdentities.get(call, input)),
    identity('UpdateWorkloadIdentity', 200, (input, call) => workloadIdentities.update(call, input)),
    identity('DeleteWorkloadIdentity', 204, (input, call) => workloadIdentities.delete(call, input)),
    identity('ListWorkloadIdentities', 200, (input, call) => workloadIdentities.list(call, input)),
    identity('GetWorkloadAccessToken', 200, (input, call) => workloadIdentities.getToken(call, input, false)),
    identity('GetWorkloadAccessTokenForUserId', 200, (input, call) => workloadIdentities.getToken(call, input, true)),
  ];
}

function tagRoutes({ credentialProviders }: Aws): Route[] {
  const path = '/tags/{resourceArn}';
  const arnOf = (labels: Readonly<Record<string, string>>) => labels.resourceArn ?? '';
  return [
    {
      name: 'ListTagsForResource',
      method: 'GET',
      path,
      run: (_input, call, labels) => credentialProviders.tagsOf(call, arnOf(labels)),
    },
    {
      name: 'TagResource',
      method: 'POST',
      path,
      status: 204,
      run: (input, call, labels) => credentialProviders.tagResource(call, arnOf(labels), input.tags ?? {}),
    },
    {
      name: 'UntagResource',
      method: 'DELETE',
      path,
      status: 204,
      run: (_input, call, labels) =>
        credentialProviders.untagResource(call, arnOf(labels), call.request.query.getAll('tagKeys')),
    },
  ];
}

function dataPlaneRoutes({ credentialProviders, runtimes }: Aws): Route[] {
  return [
    {
      name: 'GetResourceApiKey',
      method: 'POST',
      path: '/identities/api-key',
      run: (input, call) => credentialProviders.getResourceApiKey(call, input),
    },
    {
      name: 'InvokeAgentRuntime',
      method: 'POST',
      path: '/runtimes/{agentRuntimeArn}/invocations',
      rawPayload: true,
      run: (payload: Buffer, call, labels) => runtimes.invoke(call, labels.agentRuntimeArn ?? '', payload),
    },
    {
      name: 'StopRuntimeSession',
      method: 'POST',
      path: '/runtimes/{agentRuntimeArn}/stopruntimesession',
      async run(_input, call, labels) {
        const sessionId = await runtimes.stopSession(call, labels.agentRuntimeArn ?? '');
        return {
          httpResponse: {
            status: 200,
            headers: {
              'content-type': 'application/json',
              'x-amzn-requestid': call.requestId,
              [headerNames.sessionId]: sessionId,
            },
            body: '{}',
          },
        };
      },
    },
  ];
}
