import * as z from 'zod';

/** AWS takes fifty, and the handler marks the credential provider with some of its own. */
const mostTags = 40;

// Not as a pattern: not every reader of JSON Schema knows these classes of characters.
const isOfTags = (text: string) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text);
const ofTags = 'must be letters, digits, spaces and _.:/=+-@';

/** AWS's rules for tags. */
const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(
        /^(?!aws:)(?!outbound-auth:)/i,
        'must not begin with aws: or outbound-auth:, by which AWS and the handler know what is theirs',
      )
      .refine(isOfTags, ofTags),
    z.string().max(256).refine(isOfTags, ofTags),
  )
  .superRefine((all, context) => {
    const names = Object.keys(all);
    if (names.length > mostTags) context.addIssue({ code: 'custom', message: `must have at most ${mostTags} tags` });
    const known = new Map<string, string>();
    for (const name of names) {
      const other = known.get(name.toLowerCase());
      if (other) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `is the value of a tag that differs from ${other} in capitals only, which IAM does not take`,
        });
      }
      known.set(name.toLowerCase(), name);
    }
  });

/** What the owner of the account wants of every resource. */
export const governance = {
  tags: tags
    .default({})
    .describe(
      'Tags of every resource, by name, 40 at most, and of the secret that `set-key` makes. A secret that is there already is not ours to tag.',
    ),
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
