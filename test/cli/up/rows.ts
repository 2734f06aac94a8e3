import type { StackStatus } from '@aws-sdk/client-cloudformation';

const agent = 'The stack outbound-auth-dev-agent';
const rollback = "Take it back: npx cdk rollback 'dev/agent', then npm run up -- --environment dev again.";

/** The reason that CloudFormation gives in these rows. */
export const reason = 'The role\n could not be deleted';
const because = '(The role could not be deleted)';

/** What a former deployment has left, the status of the stack, and what `up` says. */
export type StandRow = readonly [what: string, status: StackStatus, line: string];

/** The deployment goes ahead. */
export const readyRows: readonly StandRow[] = [
  [
    'a deployment was interrupted before CloudFormation began',
    'REVIEW_IN_PROGRESS',
    `${agent} is REVIEW_IN_PROGRESS: a deployment was interrupted before it began; it begins now.`,
  ],
  [
    'the first deployment failed',
    'ROLLBACK_COMPLETE',
    `${agent} is ROLLBACK_COMPLETE: its first deployment failed; cdk deletes it and makes it anew.`,
  ],
  [
    'the first deployment failed, and its rollback',
    'ROLLBACK_FAILED',
    `${agent} is ROLLBACK_FAILED: its first deployment failed; cdk deletes it and makes it anew.`,
  ],
  [
    'an update failed',
    'UPDATE_ROLLBACK_COMPLETE',
    `${agent} is UPDATE_ROLLBACK_COMPLETE: its last update failed and was taken back; it is tried again.`,
  ],
];

/** A person has to decide. */
export const stuckRows: readonly StandRow[] = [
  [
    'a first deployment with --no-rollback failed',
    'CREATE_FAILED',
    `${agent} is CREATE_FAILED ${because}. ${rollback}`,
  ],
  ['an update with --no-rollback failed', 'UPDATE_FAILED', `${agent} is UPDATE_FAILED ${because}. ${rollback}`],
  [
    'an update failed, and its rollback',
    'UPDATE_ROLLBACK_FAILED',
    `${agent} is UPDATE_ROLLBACK_FAILED ${because}. ${rollback}`,
  ],
  [
    'a deletion failed',
    'DELETE_FAILED',
    `${agent} is DELETE_FAILED ${because}. Delete it: npm run down -- --environment dev, then npm run up -- --environment dev again.`,
  ],
  [
    'somebody imported resources by hand',
    'IMPORT_ROLLBACK_FAILED',
    `${agent} is IMPORT_ROLLBACK_FAILED ${because}, which is unknown here: look at it in CloudFormation.`,
  ],
];

/** The same in production, where the stack is protected: cdk could not delete it. */
export const protectedStandRow: StandRow = [
  'the first deployment of an environment of production failed',
  'ROLLBACK_COMPLETE',
  `${agent} is ROLLBACK_COMPLETE and protected from deletion: its first deployment failed, and cdk cannot delete it. ` +
    'aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name outbound-auth-dev-agent, ' +
    'then npm run up -- --environment dev again.',
];

/** CloudFormation is still at work after an interruption. */
export const busyLine = (status: StackStatus) =>
  `${agent} is ${status}: waiting for its end. Ctrl-C ends the waiting only.`;

/** What a command says where nobody can be asked. */
export const unattendedRows = [
  ['up', 'Nobody is at a terminal to say yes: add --yes, and all that is missing is made without a question.'],
  ['down', 'Nobody is at a terminal to say yes: add --yes, and it is deleted without a question.'],
] as const;
