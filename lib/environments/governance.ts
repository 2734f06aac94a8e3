import * as z from 'zod';

/** AWS's rules for tags. */
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

/** What the owner of the account wants of every resource. */
export const governance = {
  tags: tags.default({}).describe('Tags of every resource, by name.'),
  permissionsBoundary: z
    .string()
    .regex(
      /^(arn:aws[\w-]*:iam::(\d{12}|aws):policy\/)?[\w+=,.@-]+(\/[\w+=,.@-]+)*$/,
      'must be the name or the ARN of a managed policy',
    )
    .optional()
    .describe('Managed policy, by name (with its path) or ARN, that bounds every role. Default: none.'),
  rolePath: z
    .string()
    .max(512)
    .regex(/^\/([\w+=,.@-]+\/)*$/, 'must begin and end with a slash, such as /outbound-auth/')
    .optional()
    .describe('Path of every role. Default: `/`.'),
};
