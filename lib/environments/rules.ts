import * as z from 'zod';
import type { Rule } from '../../agent/src/variables.ts';

/** Text that is not empty. */
export const text = z.string().trim().min(1, { abort: true });

/** IAM does not know aliases. */
export const kmsKeyArn = z.string().regex(/^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, {
  error: 'must be the ARN of a KMS key (not of an alias)',
  abort: true,
});

/** CDK holds what stands in a template against the format of key ids, and fails in many words. */
export const kmsKeyArnOfTemplate = kmsKeyArn.regex(
  /key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
  'must end with the id of a KMS key, such as 1234abcd-12ab-34cd-56ef-1234567890ab',
);

/** A setting that the agent reads: it is checked here by the agent's own rule, as there it would fail at the start. */
export function agentSetting(rule: Rule<unknown>) {
  return text.refine((value) => rule.parse(value) !== undefined, `must be ${rule.allowed}`);
}
