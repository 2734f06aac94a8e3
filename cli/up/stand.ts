import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Environment } from '../../lib/environments/index.ts';
import { stackName } from '../../lib/stack-name.ts';
import { type Part, unprotectCommand } from '../stacks.ts';

/** What a former deployment, whole or interrupted, has left of a stack, and what that means for the next. */
export type Stand =
  /** The deployment can go ahead; `says` where a person should know how. */
  | { readonly kind: 'ready'; readonly says?: string }
  /** A person has to decide. */
  | { readonly kind: 'stuck'; readonly says: string };

/**
 * Reads the status of a stack that CloudFormation is not at work on.
 *
 * @param stack undefined where there is none
 */
export function standOf(
  { name, region }: Pick<Environment, 'name' | 'region'>,
  part: Part,
  stack: Pick<Stack, 'StackStatus' | 'StackStatusReason' | 'EnableTerminationProtection'> | undefined,
): Stand {
  const status = stack?.StackStatus;
  const subject = `The stack ${stackName({ name }, part)} is ${status}`;
  const reason = stack?.StackStatusReason ? ` (${stack.StackStatusReason.replaceAll(/\s+/g, ' ')})` : '';
  const again = `then npm run up -- --environment ${name} again`;
  switch (status) {
    case undefined:
    case 'CREATE_COMPLETE':
    case 'UPDATE_COMPLETE':
    case 'IMPORT_COMPLETE':
      return { kind: 'ready' };
    case 'UPDATE_ROLLBACK_COMPLETE':
      return { kind: 'ready', says: `${subject}: its last update failed and was taken back; it is tried again.` };
    case 'REVIEW_IN_PROGRESS':
      return { kind: 'ready', says: `${subject}: a deployment was interrupted before it began; it begins now.` };
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
      if (stack?.EnableTerminationProtection) {
        const unprotect = unprotectCommand({ region }, stackName({ name }, part));
        return {
          kind: 'stuck',
          says: `${subject} and protected from deletion: its first deployment failed, and cdk cannot delete it. ${unprotect}, ${again}.`,
        };
      }
      return { kind: 'ready', says: `${subject}: its first deployment failed; cdk deletes it and makes it anew.` };
    case 'CREATE_FAILED':
    case 'UPDATE_FAILED':
    case 'UPDATE_ROLLBACK_FAILED':
      return {
        kind: 'stuck',
        says: `${subject}${reason}. Take it back: npx cdk rollback '${name}/${part}', ${again}.`,
      };
    case 'DELETE_FAILED':
      return {
        kind: 'stuck',
        says: `${subject}${reason}. Delete it: npm run down -- --environment ${name}, ${again}.`,
      };
    default:
      return { kind: 'stuck', says: `${subject}${reason}, which is unknown here: look at it in CloudFormation.` };
  }
}
