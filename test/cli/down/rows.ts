const unprotect =
  'aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name outbound-auth-dev-agent';

/** What is in the way of a deletion, whether the environment is a production, and what `down` says. */
export const protectedRows: readonly (readonly [what: string, production: boolean, line: string])[] = [
  [
    'an environment of production is to be deleted',
    true,
    `The stack outbound-auth-dev-agent is protected from deletion: ${unprotect}, ` +
      'then npm run down -- --environment dev again. The credential providers and the logs stay then, as in production.',
  ],
  [
    'somebody has protected a stack',
    false,
    `The stack outbound-auth-dev-agent is protected from deletion: ${unprotect}, then npm run down -- --environment dev again.`,
  ],
];

export const sharedSecretRow = [
  'a secret is to be deleted that another environment needs',
  'The environment staging has its key from team/openai too: leave out --delete-secret, or take staging down first and out of cdk.json.',
] as const;
