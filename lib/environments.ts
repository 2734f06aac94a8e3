import * as z from 'zod';
import { defaults, type Rule, rules } from '../agent/src/settings.ts';
import { problemOfSecretId } from './credential-provider/secret-id.ts';
import { SettingsError } from './settings-error.ts';
import { describeIssues } from './settings-issues.ts';

const text = z.string().trim().min(1, { abort: true });

/** A setting that the agent reads: it is checked here by the agent's own rule, as there it would fail at the start. */
function agentSetting(rule: Rule<unknown>) {
  return text.refine((value) => rule.parse(value) !== undefined, `must be ${rule.allowed}`);
}

const openai = z.strictObject({
  /** Model that the agent asks. */
  modelId: agentSetting(rules.modelId).default(defaults.modelId),
  /** Where the OpenAI API is, for a proxy or a compatible service. Default: OpenAI's own. */
  baseUrl: agentSetting(rules.baseUrl).optional(),
});

const secret = text.superRefine((value, { addIssue }) => {
  const message = problemOfSecretId(value);
  if (message) addIssue({ code: 'custom', message });
});

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
  /** Secrets Manager secret that holds the API key: its name or its ARN. It must exist before the deployment. */
  secret,
  /** Whether the credential provider refers to the secret, or AgentCore keeps a copy of the key. */
  source: z.enum(['reference', 'copy']).default('reference'),
  /** Key of the secret's JSON object under which the API key stands. Default: `apiKey`; for a copy, the whole secret. */
  secretJsonKey: text.optional(),
  /** Customer managed KMS key that the secret is encrypted with. Default: AWS's own. */
  encryptionKeyArn: z
    .string()
    .regex(/^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, 'must be the ARN of a KMS key (not of an alias)')
    .optional(),
  /** Name of the credential provider. Default: `outbound-auth-ENVIRONMENT-openai-…`, another one for another source. */
  credentialProviderName: z
    .string()
    .regex(/^[a-zA-Z0-9-]{1,128}$/, 'must be 1 to 128 letters, digits and hyphens')
    .optional(),
  /** Take over a credential provider of this name that somebody else made. */
  adoptExisting: z.boolean().default(false),
  /** What becomes of the credential provider with its stack. Default: ours is destroyed, an adopted one retained. */
  removalPolicy: z.enum(['destroy', 'retain']).optional(),
  /** Whether the agent answers callers that name no user, with a workload identity of its own. */
  callersWithoutUser: z.boolean().default(false),
  /** Name of the agent runtime. Default: `outbound_auth_ENVIRONMENT`. */
  runtimeName: z
    .string()
    .regex(
      /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/,
      'must start with a letter and have at most 48 letters, digits and underscores (AgentCore allows no hyphens)',
    )
    .optional(),
  /** Version of the AgentCore Runtime platform, pinned so that AWS's default cannot change under a running agent. */
  platformVersion: z.enum(['V1', 'V2']).default('V2'),
  /** System prompt of the agent. Default: the agent's own. */
  systemPrompt: text.max(2048, 'must have at most 2048 characters (the limit of an environment variable)').optional(),
  openai: openai.prefault({}),
});

const environmentName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,29}$/, 'must be 1 to 30 lower-case letters, digits and hyphens, beginning with a letter');

const environments = z
  .record(environmentName, environment)
  .refine((all) => Object.keys(all).length > 0, 'must have at least one environment');

/** The settings of one environment, checked and with every default filled in. */
export interface Environment extends z.output<typeof environment> {
  readonly name: string;
  readonly runtimeName: string;
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
  return Object.entries(parsed.data).map(([name, settings]) => ({
    ...settings,
    name,
    ...(settings.source === 'reference' && { secretJsonKey: settings.secretJsonKey ?? 'apiKey' }),
    runtimeName: settings.runtimeName ?? `outbound_auth_${name.replaceAll('-', '_')}`,
  }));
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new SettingsError('The context "environments" is not JSON.');
  }
}
