import * as z from 'zod';
import { kmsKeyArnOfTemplate } from './rules.ts';

/** Days that CloudWatch Logs takes. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const alarms = z
  .strictObject({
    topicArn: z
      .string()
      .regex(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'must be the ARN of an SNS topic')
      .optional()
      .describe('SNS topic that is there already. Default: none; this or `email` is required.'),
    email: z
      .email('must be an e-mail address')
      .optional()
      .describe('Address that gets them by e-mail, once it has confirmed it: a topic is made for it. Default: none.'),
    latencySeconds: z
      .number()
      .min(1)
      .max(900)
      .default(60)
      .describe('Longest time in seconds that nine of ten invocations may take, 1 to 900.'),
  })
  .refine(({ topicArn, email }) => (topicArn === undefined) !== (email === undefined), {
    error: 'must name one of topicArn and email',
  });

/** What people who depend on an environment want of it. */
export const operations = {
  production: z
    .boolean()
    .default(false)
    .describe(
      'Whether people depend on it: its stacks cannot be deleted by mistake, what they hold outlives them, and the handler never runs twice at a time.',
    ),
  logRetentionDays: z
    .literal(retentionDays)
    .default(30)
    .describe(
      'How long the logs of the agent and of the handlers are kept, in days: one of the numbers that CloudWatch Logs takes.',
    ),
  logEncryptionKeyArn: kmsKeyArnOfTemplate
    .optional()
    .describe(
      "Customer managed KMS key, of this Region, that the log groups of the stacks and of the agent are encrypted with. Default: AWS's own.",
    ),
  alarms: alarms
    .optional()
    .describe(
      'Who hears of the alarms. Default: nobody; then there are none but that of a refresh that was given up, no metrics of the agent and no dashboard.',
    ),
};
