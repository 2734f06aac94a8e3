import * as z from 'zod';
import { looksLikeApiKey, problemOfSecretId } from '../credential-provider/secret-id.ts';
import { kmsKeyArn, text } from './rules.ts';

const secret = text.superRefine((value, context) => {
  const message = problemOfSecretId(value);
  if (message) context.addIssue({ code: 'custom', message });
});

/** Where one key comes from, and the credential provider that holds it. */
export const credential = {
  secret: secret.describe(
    'Secrets Manager secret that holds the API key: its name or its ARN. It must exist before the deployment.',
  ),
  source: z
    .enum(['reference', 'copy'])
    .default('reference')
    .describe(
      '`reference`: AgentCore reads the secret, a JSON object. `copy`: AgentCore keeps a copy of the key, for a secret that is a plain string.',
    ),
  secretJsonKey: text
    .refine((value) => !looksLikeApiKey(value), 'looks like an API key: give the name that it has in the JSON object')
    .optional()
    .describe(
      "Key of the secret's JSON object under which the API key stands. Default: `apiKey`; for a copy none, which takes the whole secret.",
    ),
  encryptionKeyArn: kmsKeyArn
    .optional()
    .describe("Customer managed KMS key of the secret; needed for a secret of another account. Default: AWS's own."),
  credentialProviderName: z
    .string()
    .regex(/^[a-zA-Z0-9-]{1,128}$/, 'must be 1 to 128 letters, digits and hyphens')
    .optional()
    .describe(
      'Name of the credential provider: letters, digits, hyphens. A change replaces the provider without a gap; a change of `source` needs one, and one of `secret` better has one. Default: `outbound-auth-ENVIRONMENT-SERVICE-…`, which ends with a hash of the source.',
    ),
  adoptExisting: z
    .boolean()
    .default(false)
    .describe('Take over a credential provider of this name that somebody else made.'),
  removalPolicy: z
    .enum(['destroy', 'retain'])
    .optional()
    .describe(
      'What becomes of the credential provider with its stack. Default: ours `destroy`, an adopted one and those of `production` `retain`.',
    ),
};

/** Where one key comes from, and the credential provider that holds it. */
export type CredentialSettings = z.output<z.ZodObject<typeof credential>>;
