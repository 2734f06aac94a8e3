import * as z from 'zod';

/** Where an environment lives. */
export const placement = {
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be an AWS account id: a string of twelve digits')
    .optional()
    .describe('AWS account, twelve digits. Default: that of the credentials at hand.'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS Region such as us-east-1')
    .optional()
    .describe('AWS Region. Default: that of the credentials at hand.'),
  bootstrapQualifier: z
    .string()
    .regex(/^[a-z0-9]{1,10}$/, 'must be 1 to 10 lower-case letters and digits')
    .optional()
    .describe(
      'Qualifier of the `cdk bootstrap` that deploys it. Default: `@aws-cdk/core:bootstrapQualifier` of cdk.json, else that of CDK.',
    ),
};
