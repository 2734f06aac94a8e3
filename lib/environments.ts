import * as z from 'zod';
import {
  apis,
  contradicts,
  type ModelSettings,
  modelDefaults,
  modelRules,
  responsesNeedV1,
} from '../agent/src/model-settings.ts';
import { tracingDefaults, tracingModes } from '../agent/src/tracing-settings.ts';
import type { Rule } from '../agent/src/variables.ts';
import { weatherDefaults, weatherRules } from '../agent/src/weather-settings.ts';
import { looksLikeApiKey, problemOfSecretId } from './credential-provider/secret-id.ts';
import { credentialsOf } from './outbound-credentials.ts';
import { SettingsError } from './settings-error.ts';
import { describeIssues } from './settings-issues.ts';

const text = z.string().trim().min(1, { abort: true });

/** IAM does not know aliases. */
const kmsKeyArn = z.string().regex(/^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, {
  error: 'must be the ARN of a KMS key (not of an alias)',
  abort: true,
});

/** CDK holds what stands in a template against the format of key ids, and fails in many words. */
const kmsKeyArnOfTemplate = kmsKeyArn.regex(
  /key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
  'must end with the id of a KMS key, such as 1234abcd-12ab-34cd-56ef-1234567890ab',
);

/** A setting that the agent reads: it is checked here by the agent's own rule, as there it would fail at the start. */
function agentSetting(rule: Rule<unknown>) {
  return text.refine((value) => rule.parse(value) !== undefined, `must be ${rule.allowed}`);
}

/** By which of its APIs the provider is asked: Chat Completions or Responses. */
const api = z.enum(apis).default(modelDefaults.api);

const openai = z.strictObject({
  /** Model that the agent asks. */
  modelId: agentSetting(modelRules.modelId).default(modelDefaults.modelId),
  /** Where the OpenAI API is, for a proxy or a compatible service. Default: OpenAI's own. */
  baseUrl: agentSetting(modelRules.baseUrl).optional(),
  /** Organization and project that pay, where the key belongs to several. */
  organization: agentSetting(modelRules.organization).optional(),
  project: agentSetting(modelRules.project).optional(),
  api,
});

const azure = z
  .strictObject({
    /** URL of the Azure OpenAI resource, or of a gateway in front of it: what stands before `/openai`. */
    endpoint: agentSetting(modelRules.endpoint),
    /** Deployment that the agent asks. */
    deployment: agentSetting(modelRules.deployment),
    /** Version of the API. Default: none, which is the v1 route. */
    apiVersion: agentSetting(modelRules.apiVersion).optional(),
    api,
  })
  .refine((settings) => !contradicts(settings), { path: ['apiVersion'], error: responsesNeedV1 });

function idOf(kind: 'subnet' | 'sg') {
  return z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be an id such as ${kind}-0123456789abcdef0`);
}

const sessionSeconds = z.int().min(60, 'must be at least 60').max(28_800, 'must be at most 28800');

const secret = text.superRefine((value, context) => {
  const message = problemOfSecretId(value);
  if (message) context.addIssue({ code: 'custom', message });
});

/** Where one key comes from, and the credential provider that holds it. */
const credential = {
  /** Secrets Manager secret that holds the API key: its name or its ARN. It must exist before the deployment. */
  secret,
  /** Whether the credential provider refers to the secret, or AgentCore keeps a copy of the key. */
  source: z.enum(['reference', 'copy']).default('reference'),
  /** Key of the secret's JSON object under which the API key stands. Default: `apiKey`; for a copy, the whole secret. */
  secretJsonKey: text
    .refine((value) => !looksLikeApiKey(value), 'looks like an API key: give the name that it has in the JSON object')
    .optional(),
  /** Customer managed KMS key that the secret is encrypted with. Default: AWS's own. */
  encryptionKeyArn: kmsKeyArn.optional(),
  /** Name of the credential provider. Default: `outbound-auth-ENVIRONMENT-SERVICE-…`, another one for another source. */
  credentialProviderName: z
    .string()
    .regex(/^[a-zA-Z0-9-]{1,128}$/, 'must be 1 to 128 letters, digits and hyphens')
    .optional(),
  /** Take over a credential provider of this name that somebody else made. */
  adoptExisting: z.boolean().default(false),
  /** What becomes of the credential provider with its stack. Default: ours is destroyed, an adopted one retained. */
  removalPolicy: z.enum(['destroy', 'retain']).optional(),
};

const weather = z.strictObject({
  ...credential,
  /** Degrees Celsius and metres a second, or Fahrenheit and miles an hour. */
  units: agentSetting(weatherRules.units).default(weatherDefaults.units),
  /** Where the weather is told for when nobody names a place. Default: the agent asks for one. */
  place: agentSetting(weatherRules.place).optional(),
  /** Where the service is, for a proxy. Default: Tomorrow.io's own. */
  baseUrl: agentSetting(weatherRules.baseUrl).optional(),
});

/** The network that the agent's sessions are in, in the place of AgentCore's public one. */
const network = z.strictObject({
  /** Subnets of one VPC with a way out to the model provider: at best private ones, in two availability zones. */
  subnets: z.array(idOf('subnet')).min(1).max(16),
  securityGroups: z.array(idOf('sg')).min(1).max(16),
});

/** How long AgentCore keeps a session, in seconds. */
const lifecycle = z
  .strictObject({
    /** Without a request. AgentCore's own default: 900. */
    idleSeconds: sessionSeconds.optional(),
    /** In all. AgentCore's own default: 28,800. */
    maxSeconds: sessionSeconds.optional(),
  })
  .refine(({ idleSeconds = 0, maxSeconds = 28_800 }) => idleSeconds <= maxSeconds, {
    path: ['idleSeconds'],
    error: 'cannot be more than maxSeconds',
  });

const alarms = z
  .strictObject({
    /** SNS topic that is there already. */
    topicArn: z
      .string()
      .regex(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'must be the ARN of an SNS topic')
      .optional(),
    /** Address that gets them by e-mail, once it has confirmed it: a topic is made for it. */
    email: z.email('must be an e-mail address').optional(),
    /** Longest time in seconds that nine of ten invocations may take. */
    latencySeconds: z.number().min(1).max(900).default(60),
  })
  .refine(({ topicArn, email }) => (topicArn === undefined) !== (email === undefined), {
    error: 'must name one of topicArn and email',
  });

/** Days that CloudWatch Logs takes. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** AWS's rules for tags, and CDK's own prefix. */
const tags = z.record(
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/iu, 'must be the name of a tag, and not begin with aws:'),
  z
    .string()
    .max(256)
    .regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, 'must be letters, digits, spaces and _.:/=+-@'),
);

const environment = z.strictObject({
  /** AWS account, twelve digits. Default: the account of the credentials at hand. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be an AWS account id: a string of twelve digits')
    .optional(),
  /** AWS Region. Default: the Region of the credentials at hand. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS Region such as us-east-1')
    .optional(),
  ...credential,
  /** Whether the agent answers callers that name no user, with a workload identity of its own. */
  callersWithoutUser: z.boolean().default(false),
  /** Name of the agent runtime. Default: `outbound_auth_ENVIRONMENT`, and with `artifact: code` `…_zip`. */
  runtimeName: z
    .string()
    .regex(
      /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/,
      'must start with a letter and have at most 48 letters, digits and underscores (AgentCore allows no hyphens)',
    )
    .optional(),
  /** Version of the AgentCore Runtime platform, pinned so that AWS's default cannot change under a running agent. */
  platformVersion: z.enum(['V1', 'V2']).default('V2'),
  /** How the agent comes to AgentCore: as a container image, or as a zip of its code, which needs no Docker. */
  artifact: z.enum(['container', 'code']).default('container'),
  /** Default: AgentCore's public network. */
  network: network.optional(),
  /** Default: AgentCore's own times. */
  lifecycle: lifecycle.optional(),
  /** System prompt of the agent. Default: the agent's own. */
  systemPrompt: text.max(2048, 'must have at most 2048 characters (the limit of an environment variable)').optional(),
  /** Model of OpenAI, or of a service with the same API. The default, with its own defaults. */
  openai: openai.optional(),
  /** Model of Azure OpenAI, in the place of `openai`. */
  azure: azure.optional(),
  /** The weather service that the agent's tool asks, with a key of its own. Default: none, and it is always sunny. */
  weather: weather.optional(),
  /** Whether the agent sends traces to AWS X-Ray, and whether they hold what was said. */
  tracing: z.enum(tracingModes).default(tracingDefaults.tracing),
  /**
   * Whether people depend on it: its stacks cannot be deleted by mistake, what they hold outlives them, and the handler
   * never runs twice at a time.
   */
  production: z.boolean().default(false),
  /** Tags of every resource. */
  tags: tags.default({}),
  /** Qualifier of the `cdk bootstrap` that the environment is deployed by. Default: that of the app, or CDK's own. */
  bootstrapQualifier: z
    .string()
    .regex(/^[a-z0-9]{1,10}$/, 'must be 1 to 10 lower-case letters and digits')
    .optional(),
  /** How long the logs of agent and handler are kept, in days. */
  logRetentionDays: z.literal(retentionDays).default(30),
  /** Customer managed KMS key, of this Region, that the stacks' log groups are encrypted with. Default: AWS's own. */
  logEncryptionKeyArn: kmsKeyArnOfTemplate.optional(),
  /** Who hears of the alarms. Default: nobody, and they are in the console only. */
  alarms: alarms.optional(),
  /** Managed policy, by name (with its path) or ARN, that bounds every role of the environment. */
  permissionsBoundary: z
    .string()
    .regex(
      /^(arn:aws[\w-]*:iam::(\d{12}|aws):policy\/)?[\w+=,.@-]+(\/[\w+=,.@-]+)*$/,
      'must be the name or the ARN of a managed policy',
    )
    .optional(),
  /** Path of every role of the environment. Default: `/`. */
  rolePath: z
    .string()
    .max(512)
    .regex(/^\/([\w+=,.@-]+\/)*$/, 'must begin and end with a slash, such as /outbound-auth/')
    .optional(),
});

const environmentName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,29}$/, 'must be 1 to 30 lower-case letters, digits and hyphens, beginning with a letter');

const environmentOfOneProvider = environment.refine((settings) => !settings.openai || !settings.azure, {
  path: ['azure'],
  error: 'cannot be beside openai: an environment asks one provider',
});

const environments = z
  .record(environmentName, environmentOfOneProvider)
  .refine((all) => Object.keys(all).length > 0, 'must have at least one environment');

/** Where one key comes from, and the credential provider that holds it. */
export type CredentialSettings = z.output<z.ZodObject<typeof credential>>;

/** The settings of one environment, checked and with every default filled in. */
export interface Environment extends Omit<z.output<typeof environment>, 'openai' | 'azure'> {
  readonly name: string;
  readonly runtimeName: string;
  /** From `openai` or `azure`. */
  readonly model: ModelSettings;
}

/**
 * Reads the context value `environments` of cdk.json.
 *
 * @param value the object, or its JSON text as `cdk --context environments=…` passes it
 * @throws SettingsError with one line for each setting that is wrong: which one, its value, and what is allowed
 */
export function readEnvironments(value: unknown): Environment[] {
  if (value === undefined) {
    throw new SettingsError('cdk.json has no context "environments": add {"dev": {"secret": "NAME OR ARN"}}.');
  }
  const given = typeof value === 'string' ? parseJson(value) : value;
  const parsed = environments.safeParse(given);
  if (!parsed.success) throw new SettingsError(describeIssues(environments, parsed.error.issues, given));
  const all = Object.entries(parsed.data).map(([name, { openai: ofOpenAI, azure: ofAzure, ...settings }]) => ({
    ...withJsonKey(settings),
    name,
    ...(settings.weather && { weather: withJsonKey(settings.weather) }),
    model: ofAzure
      ? { provider: 'azure' as const, ...ofAzure }
      : { provider: 'openai' as const, ...openai.parse(ofOpenAI ?? {}) },
    runtimeName: settings.runtimeName ?? defaultRuntimeName(name, settings.artifact),
  }));
  refuseSharedNames(all);
  return all;
}

/** Another one for each artifact: AgentCore changes that of a runtime never, so the other needs a runtime of its own. */
function defaultRuntimeName(environmentName: string, artifact: 'container' | 'code'): string {
  const name = `outbound_auth_${environmentName.replaceAll('-', '_')}`;
  // Of the longest name of an environment, AgentCore's 48 characters leave four.
  return artifact === 'code' ? `${name}_zip` : name;
}

/** A reference needs the key of the JSON object. */
function withJsonKey<T extends CredentialSettings>(settings: T): T {
  return settings.source === 'reference'
    ? { ...settings, secretJsonKey: settings.secretJsonKey ?? 'apiKey' }
    : settings;
}

/** AgentCore has each name once in an account and Region: the second deployment would fail, or fight with the first. */
function refuseSharedNames(all: readonly Environment[]): void {
  const names = all.flatMap(namesGiven);
  const lines = names.flatMap(({ environment, setting, kind, name }, index) => {
    const earlier = names
      .slice(0, index)
      .find(
        (other) =>
          other.kind === kind &&
          other.name === name &&
          other.environment.account === environment.account &&
          other.environment.region === environment.region,
      );
    if (!earlier) return [];
    const whose =
      earlier.environment === environment
        ? `that of ${earlier.setting} too`
        : `that of the environment ${earlier.environment.name} too, in the same account and Region`;
    return `environments.${environment.name}.${setting}: "${name}" is ${whose}; give one of them another.`;
  });
  if (lines.length > 0) throw new SettingsError(lines.join('\n'));
}

function namesGiven(environment: Environment) {
  const ofRuntime = { kind: 'runtime', setting: 'runtimeName', name: environment.runtimeName };
  const ofProviders = credentialsOf(environment).map(({ setting, credentialProviderName: name }) => ({
    kind: 'provider',
    setting: `${setting}credentialProviderName`,
    name,
  }));
  return [ofRuntime, ...ofProviders].filter(({ name }) => name !== undefined).map((each) => ({ ...each, environment }));
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new SettingsError('The context "environments" is not JSON.');
  }
}
