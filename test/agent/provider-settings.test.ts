import { type ModelSettings, modelEnvironment, readModelSettings } from '../../agent/src/model-settings.ts';
import { readRuntimeSettings } from '../../agent/src/settings.ts';
import { readEnvironments } from '../../lib/environments/index.ts';

const runtime = { CREDENTIAL_PROVIDER_NAME: 'openai-dev', AWS_REGION: 'us-west-2' };
const resource = 'https://my-resource.openai.azure.com';
const azure = {
  OPENAI_PROVIDER: 'azure',
  AZURE_OPENAI_ENDPOINT: resource,
  AZURE_OPENAI_DEPLOYMENT: 'my-deployment',
};
const azureBlock = { endpoint: resource, deployment: 'my-deployment' };

/** What the synth makes of the settings of an environment. */
const synth = (settings: object) => readEnvironments({ dev: { secret: 'team/openai', ...settings } })[0]?.model;
/** What the agent makes of its variables. */
const start = (env: Readonly<Record<string, string>>) => readRuntimeSettings({ ...runtime, ...env }).model;

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing: it was accepted';
}

const endpointRule =
  'must be the https URL that stands before /openai, such as https://my-resource.openai.azure.com, with no key or query ' +
  'in it (http only on this machine, as the key travels with it).';
const versionRule =
  'must be a version of the Azure OpenAI API such as 2024-10-21, and none before 2024-09-01, where a stream has no token ' +
  'usage; without one, the v1 route is asked.';
const baseUrlRule =
  'must be an https URL such as https://api.openai.com/v1 (http only on this machine, as the key travels with it).';

describe('a wrong setting of the model is refused in one line, by the same rule at the start and at synth', () => {
  describe.each([
    ['http to another machine', 'http://10.0.0.1', 'http://10.0.0.1'],
    ['no URL', 'my-resource', 'my-resource'],
    ['the path of the v1 route', `${resource}/openai/v1`, `${resource}/openai/v1`],
    ['the path of the v1 route, with a slash', `${resource}/openai/v1/`, `${resource}/openai/v1/`],
    ['the path before the routes', `${resource}/openai`, `${resource}/openai`],
    ['the path of a deployment', `${resource}/openai/deployments/x`, `${resource}/openai/deployments/x`],
    ['a key in its query', `${resource}/?api-key=abcdefgh`, `${resource}/?[redacted]`],
    ['a query', `${resource}?x`, `${resource}?[redacted]`],
    ['a fragment', `${resource}#x`, `${resource}#[redacted]`],
    ['a password', 'https://user:password@example.com', 'https://[redacted]@example.com'],
  ])('an endpoint with %s', (_, value, shown) => {
    test('at the start', () =>
      expect(refusal(() => start({ ...azure, AZURE_OPENAI_ENDPOINT: value }))).toBe(
        `AZURE_OPENAI_ENDPOINT is "${shown}", but ${endpointRule}`,
      ));
    test('at synth', () =>
      expect(refusal(() => synth({ azure: { ...azureBlock, endpoint: value } }))).toBe(
        `environments.dev.azure.endpoint: "${shown}" ${endpointRule}`,
      ));
  });

  interface Wrong {
    readonly wrong: string;
    readonly variables?: Readonly<Record<string, string>>;
    readonly atStart?: string;
    readonly settings?: object;
    readonly atSynth?: string;
  }

  const table: readonly Wrong[] = [
    {
      wrong: 'another provider',
      variables: { OPENAI_PROVIDER: 'anthropic' },
      atStart: 'OPENAI_PROVIDER is "anthropic", but must be openai or azure.',
      settings: { anthropic: {} },
      atSynth: expect.stringMatching(/^environments\.dev\.anthropic: no such setting; allowed: .*openai, azure/),
    },
    {
      wrong: 'another API',
      variables: { OPENAI_API: 'completions' },
      atStart: 'OPENAI_API is "completions", but must be chat or responses.',
      settings: { openai: { api: 'completions' } },
      atSynth: 'environments.dev.openai.api: "completions" is not allowed; allowed: chat, responses.',
    },
    {
      wrong: 'Azure without an endpoint',
      variables: { ...azure, AZURE_OPENAI_ENDPOINT: '' },
      atStart: `AZURE_OPENAI_ENDPOINT is not set, but ${endpointRule}`,
      settings: { azure: { deployment: 'my-deployment' } },
      atSynth: 'environments.dev.azure.endpoint: missing; it must be a string.',
    },
    {
      wrong: 'Azure without a deployment',
      variables: { ...azure, AZURE_OPENAI_DEPLOYMENT: '' },
      atStart:
        'AZURE_OPENAI_DEPLOYMENT is not set, but must be the name of an Azure OpenAI deployment: up to 64 letters, digits, hyphens, underscores and dots.',
      settings: { azure: { endpoint: resource } },
      atSynth: 'environments.dev.azure.deployment: missing; it must be a string.',
    },
    {
      wrong: 'a deployment that would lead elsewhere',
      variables: { ...azure, AZURE_OPENAI_DEPLOYMENT: '../x' },
      atStart:
        'AZURE_OPENAI_DEPLOYMENT is "../x", but must be the name of an Azure OpenAI deployment: up to 64 letters, digits, hyphens, underscores and dots.',
      settings: { azure: { ...azureBlock, deployment: '../x' } },
      atSynth:
        'environments.dev.azure.deployment: "../x" must be the name of an Azure OpenAI deployment: up to 64 letters, digits, hyphens, underscores and dots.',
    },
    {
      wrong: 'an API version for the Responses API',
      variables: { ...azure, OPENAI_API: 'responses', AZURE_OPENAI_API_VERSION: '2025-03-01-preview' },
      atStart:
        'AZURE_OPENAI_API_VERSION is "2025-03-01-preview", but must be left out for the Responses API, which Azure OpenAI has on its v1 route, without a version.',
      settings: { azure: { ...azureBlock, api: 'responses', apiVersion: '2025-03-01-preview' } },
      atSynth:
        'environments.dev.azure.apiVersion: "2025-03-01-preview" must be left out for the Responses API, which Azure OpenAI has on its v1 route, without a version.',
    },
    {
      wrong: 'no API version',
      variables: { ...azure, AZURE_OPENAI_API_VERSION: 'latest' },
      atStart: `AZURE_OPENAI_API_VERSION is "latest", but ${versionRule}`,
      settings: { azure: { ...azureBlock, apiVersion: 'latest' } },
      atSynth: `environments.dev.azure.apiVersion: "latest" ${versionRule}`,
    },
    {
      wrong: 'an API version whose streams have no usage',
      variables: { ...azure, AZURE_OPENAI_API_VERSION: '2024-02-15-preview' },
      atStart: `AZURE_OPENAI_API_VERSION is "2024-02-15-preview", but ${versionRule}`,
      settings: { azure: { ...azureBlock, apiVersion: '2024-02-15-preview' } },
      atSynth: `environments.dev.azure.apiVersion: "2024-02-15-preview" ${versionRule}`,
    },
    {
      wrong: 'an organization for Azure',
      variables: { ...azure, OPENAI_ORG_ID: 'org-test' },
      atStart:
        'OPENAI_ORG_ID is set, but OPENAI_PROVIDER is azure: unset it (AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_DEPLOYMENT say what is asked).',
      settings: { azure: { ...azureBlock, organization: 'org-test' } },
      atSynth: 'environments.dev.azure.organization: no such setting; allowed: endpoint, deployment, apiVersion, api.',
    },
    {
      wrong: 'a base URL for Azure',
      variables: { ...azure, OPENAI_BASE_URL: 'https://proxy.example/v1' },
      atStart:
        'OPENAI_BASE_URL is set, but OPENAI_PROVIDER is azure: unset it (AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_DEPLOYMENT say what is asked).',
      settings: { azure: azureBlock, openai: { baseUrl: 'https://proxy.example/v1' } },
      atSynth:
        'environments.dev.azure: {"endpoint":"https://my-resource.openai.azure.com","deployment":"my-deployment"} cannot be beside openai: an environment asks one provider.',
    },
    {
      wrong: "Azure's variables, and nobody said that it is Azure",
      variables: { AZURE_OPENAI_ENDPOINT: resource },
      atStart: 'AZURE_OPENAI_ENDPOINT is set, but OPENAI_PROVIDER is not: set it to azure or openai.',
    },
    {
      wrong: 'a misspelt setting of Azure',
      settings: { azure: { ...azureBlock, apiversion: '2024-10-21' } },
      atSynth:
        'environments.dev.azure.apiversion: no such setting (did you mean apiVersion?); allowed: endpoint, deployment, apiVersion, api.',
    },
    {
      wrong: 'a key in the place of an organization',
      variables: { OPENAI_ORG_ID: 'sk-proj-0123456789' },
      atStart: 'OPENAI_ORG_ID is "[redacted]", but must be the id of an OpenAI organization such as org-abc.',
      settings: { openai: { organization: 'sk-proj-0123456789' } },
      atSynth:
        'environments.dev.openai.organization: "[redacted]" must be the id of an OpenAI organization such as org-abc.',
    },
    {
      wrong: 'no id of a project',
      variables: { OPENAI_PROJECT_ID: 'my project' },
      atStart: 'OPENAI_PROJECT_ID is "my project", but must be the id of an OpenAI project such as proj_abc.',
      settings: { openai: { project: 'my project' } },
      atSynth: 'environments.dev.openai.project: "my project" must be the id of an OpenAI project such as proj_abc.',
    },
    {
      wrong: 'a base URL with a password',
      variables: { OPENAI_BASE_URL: 'https://user:password@proxy.example/v1' },
      atStart: `OPENAI_BASE_URL is "https://[redacted]@proxy.example/v1", but ${baseUrlRule}`,
      settings: { openai: { baseUrl: 'https://user:password@proxy.example/v1' } },
      atSynth: `environments.dev.openai.baseUrl: "https://[redacted]@proxy.example/v1" ${baseUrlRule}`,
    },
    {
      wrong: 'a model with a space',
      variables: { OPENAI_MODEL_ID: 'gpt 4' },
      atStart:
        'OPENAI_MODEL_ID is "gpt 4", but must be the name of a model such as gpt-4.1-mini: up to 256 characters without spaces.',
      settings: { openai: { modelId: 'gpt 4' } },
      atSynth:
        'environments.dev.openai.modelId: "gpt 4" must be the name of a model such as gpt-4.1-mini: up to 256 characters without spaces.',
    },
  ];

  test.each(table.filter(({ variables }) => variables))('at the start: $wrong', ({ variables = {}, atStart }) => {
    expect(refusal(() => start(variables))).toEqual(atStart);
  });

  test.each(table.filter(({ settings }) => settings))('at synth: $wrong', ({ settings = {}, atSynth }) => {
    expect(refusal(() => synth(settings))).toEqual(atSynth);
  });
});

describe('the settings of the model', () => {
  test.each([
    'https://my-resource.openai.azure.com',
    'https://my-resource.openai.azure.com/',
    'https://my-resource.openai.azure.us',
    'https://my-resource.openai.azure.cn',
    'https://eastus.api.cognitive.microsoft.com',
    'https://my-resource.cognitiveservices.azure.com',
    'https://my-resource.services.ai.azure.com',
    'https://my-resource.services.ai.azure.com/api/projects/my-project',
    'https://my-gateway.azure-api.net/team/openai-eu',
    'http://localhost:4000',
    'http://127.0.0.1:4000',
  ])('take as an endpoint of Azure: %s', (endpoint) => {
    expect(start({ ...azure, AZURE_OPENAI_ENDPOINT: endpoint })).toMatchObject({
      provider: 'azure',
      endpoint: endpoint.replace(/\/$/, ''),
    });
    expect(synth({ azure: { ...azureBlock, endpoint } })).toMatchObject({ provider: 'azure', endpoint });
  });

  test.each<[string, object, ModelSettings]>([
    ['nothing is said', {}, { provider: 'openai', api: 'chat', modelId: 'gpt-4.1-mini' }],
    [
      'all of OpenAI is said',
      {
        openai: {
          modelId: 'gpt-5.4',
          baseUrl: 'https://proxy.example/v1',
          organization: 'org-test',
          project: 'proj_test',
          api: 'responses',
        },
      },
      {
        provider: 'openai',
        api: 'responses',
        modelId: 'gpt-5.4',
        baseUrl: 'https://proxy.example/v1',
        organization: 'org-test',
        project: 'proj_test',
      },
    ],
    ['Azure is asked by its v1 route', { azure: azureBlock }, { provider: 'azure', api: 'chat', ...azureBlock }],
    [
      'Azure is asked by its v1 route for the Responses API',
      { azure: { ...azureBlock, api: 'responses' } },
      { provider: 'azure', api: 'responses', ...azureBlock },
    ],
    [
      'Azure is asked by a version',
      { azure: { ...azureBlock, apiVersion: '2024-10-21' } },
      { provider: 'azure', api: 'chat', ...azureBlock, apiVersion: '2024-10-21' },
    ],
  ])('mean at the start what they mean at synth: %s', (_, settings, model) => {
    expect(synth(settings)).toEqual(model);
    expect(readModelSettings(modelEnvironment(model))).toEqual(model);
  });

  test('become the variables that apply, and no other', () => {
    expect(modelEnvironment({ provider: 'azure', api: 'chat', ...azureBlock, apiVersion: '2024-10-21' })).toEqual({
      ...azure,
      OPENAI_API: 'chat',
      AZURE_OPENAI_API_VERSION: '2024-10-21',
    });
    expect(modelEnvironment({ provider: 'openai', api: 'responses', modelId: 'gpt-4.1' })).toEqual({
      OPENAI_PROVIDER: 'openai',
      OPENAI_API: 'responses',
      OPENAI_MODEL_ID: 'gpt-4.1',
    });
  });

  test('of OpenAI may stand beside variables of Azure that somebody has for something else, once OpenAI is chosen', () => {
    expect(start({ OPENAI_PROVIDER: 'openai', AZURE_OPENAI_ENDPOINT: resource })).toMatchObject({ provider: 'openai' });
  });
});
