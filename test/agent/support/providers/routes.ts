import type * as z from 'zod';
import { azureChatStream, chatRequest, chatStream } from './chat-completions.ts';
import type { Reply } from './reply.ts';
import { responsesRequest, responsesStream } from './responses.ts';

/** How one provider is asked, as its public reference has it. */
export interface Route {
  readonly name: string;
  /** The agent's variables for it. */
  readonly variables: (url: string) => Readonly<Record<string, string>>;
  /** Path and query, exactly. */
  readonly target: string;
  /** The headers that a request must have for this provider, besides those of all HTTP requests; and no other. */
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  readonly body: z.ZodType;
  readonly model: string;
  readonly stream: (reply: Reply) => string;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const apiKey = (key: string) => ({ 'api-key': key });

const azure = (url: string) => ({
  OPENAI_PROVIDER: 'azure',
  AZURE_OPENAI_ENDPOINT: `${url}/`,
  AZURE_OPENAI_DEPLOYMENT: 'my-deployment',
});

/** @see https://platform.openai.com/docs/api-reference/authentication */
const openai = (url: string) => ({
  OPENAI_PROVIDER: 'openai',
  OPENAI_BASE_URL: `${url}/v1`,
  OPENAI_MODEL_ID: 'gpt-4.1-mini',
  OPENAI_ORG_ID: 'org-test',
  OPENAI_PROJECT_ID: 'proj_test',
});
const ofOpenAI = (key: string) => ({
  ...bearer(key),
  'openai-organization': 'org-test',
  'openai-project': 'proj_test',
});

export const openaiChat: Route = {
  name: 'OpenAI, chat',
  variables: openai,
  target: '/v1/chat/completions',
  headers: ofOpenAI,
  body: chatRequest,
  model: 'gpt-4.1-mini',
  stream: chatStream,
};

export const openaiResponses: Route = {
  ...openaiChat,
  name: 'OpenAI, responses',
  variables: (url) => ({ ...openai(url), OPENAI_API: 'responses' }),
  target: '/v1/responses',
  body: responsesRequest,
  stream: responsesStream,
};

/** @see https://learn.microsoft.com/azure/ai-foundry/openai/reference */
export const azureDeployments: Route = {
  name: 'Azure OpenAI, deployments route',
  variables: (url) => ({ ...azure(url), AZURE_OPENAI_API_VERSION: '2024-10-21' }),
  target: '/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21',
  headers: apiKey,
  body: chatRequest,
  model: 'my-deployment',
  stream: azureChatStream,
};

/** @see https://learn.microsoft.com/azure/ai-foundry/openai/latest */
export const azureV1: Route = {
  ...azureDeployments,
  name: 'Azure OpenAI, v1 route, chat',
  variables: azure,
  target: '/openai/v1/chat/completions',
};

export const azureV1Responses: Route = {
  ...azureV1,
  name: 'Azure OpenAI, v1 route, responses',
  variables: (url) => ({ ...azure(url), OPENAI_API: 'responses' }),
  target: '/openai/v1/responses',
  body: responsesRequest,
  stream: responsesStream,
};

export const routes: readonly Route[] = [openaiChat, openaiResponses, azureDeployments, azureV1, azureV1Responses];
