import type { PlaceId } from './places.ts';

/** A line of the sources, and what a careless hand made of it. */
export interface Edit {
  /** Below `lib/credential-provider/handler/` or `agent/src/`. */
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

/** A change that leaks the key, and where the canary must find it. */
export interface Weakening {
  readonly what: string;
  readonly found: PlaceId;
  readonly handler?: readonly Edit[];
  readonly agent?: readonly Edit[];
  /** The changed property of the only resource of a type. */
  readonly template?: {
    readonly stack: 'identity' | 'agent';
    readonly type: string;
    readonly property: readonly string[];
  };
}

const whereTheKeyIs = { file: 'aws-calls.ts', right: 'function requestOf(key: KeySource) {' };

/** The handler, doing something more with the key that it is about to hand over. */
const handlerAlso = (statement: string): readonly Edit[] => [
  { ...whereTheKeyIs, wrong: `${whereTheKeyIs.right} const { apiKey } = key as { apiKey: string }; ${statement}` },
];

/** What a template says to have CloudFormation put the key there. */
export const resolvedKey = (secret: string) => `{{resolve:secretsmanager:${secret}}}`;

export const weakenings: readonly Weakening[] = [
  {
    what: 'the handler logs what it is about to send',
    found: 'handlerLogs',
    handler: handlerAlso('console.log(JSON.stringify(key));'),
  },
  {
    what: 'the handler logs the key in base64, in a header as for Basic authentication',
    found: 'handlerLogs',
    handler: handlerAlso("console.log(Buffer.from('user:' + apiKey).toString('base64'));"),
  },
  {
    what: 'the handler logs the first characters of the key, to be helpful',
    found: 'handlerLogs',
    handler: handlerAlso("console.log(apiKey.replace('sk-proj-', '').slice(0, 8) + '…');"),
  },
  {
    what: "the handler passes AWS's words on, which quote the key",
    found: 'stacks',
    handler: [
      {
        file: 'faults.ts',
        right: "if (!(error instanceof Error) || !('$fault' in error) ||",
        wrong: "if (error || !(error instanceof Error) || !('$fault' in error) ||",
      },
    ],
  },
  {
    what: 'the handler answers CloudFormation with the key among the attributes',
    found: 'customResourceAnswers',
    handler: [
      ...handlerAlso('Object.assign(globalThis, { apiKey });'),
      {
        file: '../../custom-resource/handler/answer.ts',
        right: 'JSON.stringify({ ...response,',
        wrong:
          'JSON.stringify({ ...response, Data: { ...response.Data, ApiKey: (globalThis as { apiKey?: string }).apiKey },',
      },
    ],
  },
  {
    what: 'the handler returns the key from its Lambda function',
    found: 'handlerResults',
    handler: [
      ...handlerAlso('Object.assign(globalThis, { apiKey });'),
      {
        file: 'index.ts',
        right: 'remainingTime: context.getRemainingTimeInMillis() }, answer);',
        wrong:
          'remainingTime: context.getRemainingTimeInMillis() }, answer); return (globalThis as { apiKey?: string }).apiKey as never;',
      },
    ],
  },
  {
    what: 'the handler tags the credential provider with the key',
    found: 'tags',
    handler: [
      {
        file: 'aws-calls.ts',
        right: '...requestOf(key), tags }));',
        wrong: '...requestOf(key), tags: { ...tags, key: (key as { apiKey: string }).apiKey } }));',
      },
    ],
  },
  {
    what: 'the handler writes the key into a temporary file',
    found: 'temporaryFiles',
    handler: handlerAlso(
      "require('node:fs').writeFileSync(require('node:path').join(require('node:os').tmpdir(), 'key'), apiKey);",
    ),
  },
  {
    what: 'the handler gives the key to a program on its command line',
    found: 'commandLines',
    handler: handlerAlso(
      "require('node:child_process').spawnSync(process.execPath, ['-e', 'setTimeout(() => {}, 300)', apiKey]);",
    ),
  },
  {
    what: 'the template puts the key into a variable of the runtime',
    found: 'runtimeEnvironment',
    template: {
      stack: 'agent',
      type: 'AWS::BedrockAgentCore::Runtime',
      property: ['EnvironmentVariables', 'OPENAI_API_KEY'],
    },
  },
  {
    what: 'the template puts the key into a variable of the handler',
    found: 'handlerEnvironment',
    template: { stack: 'identity', type: 'AWS::Lambda::Function', property: ['Environment', 'Variables', 'KEY'] },
  },
  {
    what: 'the template hands the key to the custom resource as a property',
    found: 'handlerEvents',
    template: { stack: 'identity', type: 'Custom::ApiKeyCredentialProvider', property: ['ApiKey'] },
  },
  {
    what: 'the agent prints the key to stdout, as the tutorial does',
    found: 'agentLogs',
    agent: [
      {
        file: 'model-fetch.ts',
        right: 'const key = await apiKey.get();',
        wrong: 'const key = await apiKey.get(); console.log(key);',
      },
    ],
  },
  {
    what: "the agent answers the caller in the model provider's words, which quote the key",
    found: 'agentAnswers',
    agent: [
      {
        file: 'model-errors.ts',
        right: '  if (api) {',
        wrong: "  if (api) { throw new InvocationError('ModelKeyRefused', api.message);",
      },
    ],
  },
  {
    what: "the agent lets Strands trace the model provider's own error",
    found: 'traces',
    agent: [
      {
        file: 'quiet-model.ts',
        right: "throw this.#inOurWords(misshapen ? new SyntaxError('misshapen', { cause: error }) : error);",
        wrong: 'throw error;',
      },
    ],
  },
  {
    what: 'the agent sends the key in the address of the request',
    found: 'modelRequests',
    agent: [
      {
        file: 'model-fetch.ts',
        right: 'return sendWithRetries(input, { ...init, headers });',
        wrong: 'return sendWithRetries(`${input}?key=${encodeURIComponent(key)}`, { ...init, headers });',
      },
    ],
  },
];
