/** A place where a key has nothing to look for, and where the canary looks for it. */
export interface Place {
  readonly name: string;
  readonly what: string;
  /** Something that the journey, and nothing else, must have left there: without it, nothing was proven. */
  readonly witness: RegExp;
}

/** Every place that the canary searches. */
export const places = {
  assembly: {
    name: 'cdk.out',
    what: 'templates, manifests and assets as cdk synthesized them, of every deployment',
    witness: /AWS::BedrockAgentCore::Runtime/,
  },
  published: {
    name: 'published assets',
    what: 'what cdk put into S3, unzipped, and the files of the image in ECR',
    witness: /CreateApiKeyCredentialProvider/,
  },
  cloudFormationRequests: {
    name: 'requests to CloudFormation',
    what: 'headers and body of every one',
    witness: /Action=CreateChangeSet/,
  },
  stacks: {
    name: 'stacks',
    what: 'templates, parameters, tags, resources, outputs and events, as CloudFormation holds and answers them',
    witness: /Received response status \[FAILED\] from custom resource/,
  },
  customResourceAnswers: {
    name: 'answers of the custom resources',
    what: 'what the handler sent to the ResponseURL',
    witness: /"Status":"FAILED"/,
  },
  handlerEnvironment: {
    name: 'environment of the handler',
    what: 'every variable of its Lambda function',
    witness: /AWS_LAMBDA_FUNCTION_NAME":"outbound-auth-dev-/,
  },
  handlerEvents: {
    name: 'events of the handler',
    what: 'from CloudFormation, and from EventBridge when a secret changed',
    witness: /"refresh":/,
  },
  handlerResults: {
    name: 'results of the handler',
    what: 'what its Lambda function returned or threw, with the stack trace',
    witness: /"trace":\[/,
  },
  handlerLogs: {
    name: 'logs of the handler',
    what: "every line, Node.js's own debug log included",
    witness: /AgentCore does not take the apiKey/,
  },
  runtimeEnvironment: {
    name: 'environment of the runtime',
    what: 'every variable of the agent’s process',
    witness: /CREDENTIAL_PROVIDER_NAME/,
  },
  agentLogs: {
    name: 'logs of the agent',
    what: 'every line of stdout and stderr, with the debug logs of the libraries',
    witness: /"code":"ModelKeyRefused"/,
  },
  agentAnswers: {
    name: 'answers of the agent',
    what: 'headers and body as the caller gets them, whole and streamed, errors included',
    witness: /"code":"ModelKeyRefused"/,
  },
  traces: {
    name: 'traces',
    what: 'every OpenTelemetry span of the agent: name, attributes, events, exceptions, status',
    witness: /"exception"/,
  },
  cdkOutput: {
    name: 'output of cdk',
    what: 'stdout and stderr of deploy and destroy with --debug and -vvv, where deployments failed, too',
    witness: /ROLLBACK/,
  },
  ownOutput: {
    name: 'output of our commands',
    what: 'stdout and stderr of npm run invoke, agent, set-key, doctor, status, logs and release, errors included',
    witness: /failed its smoke test: ModelKeyRefused/,
  },
  commandLines: {
    name: 'command lines',
    what: 'of every process on this machine while the journey lasted',
    witness: /aws-cdk\/bin\/cdk deploy dev\/\*/,
  },
  processEnvironments: {
    name: 'environments of processes',
    what: 'every variable of every process of the journey; but for OPENAI_API_KEY where a person set it for npm run agent',
    witness: /CREDENTIAL_PROVIDER_NAME/,
  },
  temporaryFiles: {
    name: 'temporary files',
    what: 'names and contents below the TMPDIR of every process of the journey, also of files that were removed again',
    witness: /docker/,
  },
  deadLetters: {
    name: 'dead letters',
    what: 'messages in SQS, with their attributes: refreshes that failed, events that Lambda gave up',
    witness: /was not refreshed/,
  },
  events: {
    name: 'events of EventBridge',
    what: 'every event that a changed secret made',
    witness: /"name":"team\/canary-json"/,
  },
  trail: {
    name: 'records of CloudTrail',
    what: 'of every call that changed a secret',
    witness: /"secretId":"team\/canary-json"/,
  },
  tags: {
    name: 'tags',
    what: 'of everything, in every request and answer',
    witness: /outbound-auth:stack-id/,
  },
  modelRequests: {
    name: 'requests to the model',
    what: 'but for the header Authorization',
    witness: /How much is 2X2/,
  },
  otherTraffic: {
    name: 'all other calls to AWS',
    what: 'headers and bodies of requests and answers, but for the fields that are made for the key',
    witness: /GetResourceApiKey/,
  },
  repository: {
    name: 'the repository',
    what: 'every file of the checkout that git does not ignore, snapshots of tests included',
    witness: /exports\[`the stacks /,
  },
} as const satisfies Record<string, Place>;

export type PlaceId = keyof typeof places;

/** A field that is made for the key. Everything around it is searched. */
export interface Allowed {
  readonly name: string;
  readonly why: string;
}

/** The only fields where the key may be. */
export const allowed = {
  storedSecret: {
    name: 'SecretString of CreateSecret, PutSecretValue',
    why: 'a person stores the key in Secrets Manager',
  },
  readSecret: {
    name: 'SecretString in the answer of GetSecretValue',
    why: 'the handler checks the secret, and reads it for a copy',
  },
  providerKey: {
    name: 'apiKey of Create/UpdateApiKeyCredentialProvider',
    why: 'a copy (MANAGED) is handed to the token vault',
  },
  resourceKey: {
    name: 'apiKey in the answer of GetResourceApiKey',
    why: 'the agent gets the key from AgentCore Identity',
  },
  authorization: {
    name: 'Authorization of requests to the model',
    why: 'the agent shows the key to the model provider',
  },
  quotedByAws: {
    name: 'message of errors of AgentCore that the canary made quote the key',
    why: 'what the handler and the agent must not pass on',
  },
} as const satisfies Record<string, Allowed>;

export type AllowedId = keyof typeof allowed;
