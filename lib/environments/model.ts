import * as z from 'zod';
import { apis, contradicts, modelDefaults, modelRules, responsesNeedV1 } from '../../agent/src/model-settings.ts';
import { agentSetting } from './rules.ts';

const api = z
  .enum(apis)
  .default(modelDefaults.api)
  .describe('Which API is asked: `chat` (Chat Completions) or `responses` (Responses).');

export const openai = z.strictObject({
  modelId: agentSetting(modelRules.modelId).default(modelDefaults.modelId).describe('Model that the agent asks.'),
  baseUrl: agentSetting(modelRules.baseUrl)
    .optional()
    .describe("Where the OpenAI API is, for a proxy or a compatible service. Default: OpenAI's own."),
  organization: agentSetting(modelRules.organization)
    .optional()
    .describe("Organization that pays, where the key belongs to several. Default: the key's own."),
  project: agentSetting(modelRules.project)
    .optional()
    .describe("Project that pays, where the key belongs to several. Default: the key's own."),
  api,
});

const azure = z
  .strictObject({
    endpoint: agentSetting(modelRules.endpoint).describe(
      'URL of the Azure OpenAI resource, or of a gateway in front of it, without `/openai`.',
    ),
    deployment: agentSetting(modelRules.deployment).describe('Deployment of a model there, which the agent asks.'),
    apiVersion: agentSetting(modelRules.apiVersion)
      .optional()
      .describe(
        'Version of the API, for the deployments route. Not with `responses`. Default: none, which is the v1 route.',
      ),
    api,
  })
  .refine((settings) => !contradicts(settings), { path: ['apiVersion'], error: responsesNeedV1 });

/** Who is asked: one of the two. */
export const model = {
  openai: openai
    .optional()
    .describe('Model of OpenAI, or of a service with the same API. Default: this one, unless there is `azure`.'),
  azure: azure.optional().describe('Model of Azure OpenAI, in the place of `openai`.'),
};
