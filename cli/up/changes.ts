import type { Stack } from '@aws-sdk/client-cloudformation';
import { parts, type Stacks } from '../stacks.ts';

/** Whether a deployment has done anything, as CloudFormation tells it: another stack, or one that was updated. */
export function hasChanged(before: Stacks, after: Stacks): boolean {
  return parts.some((part) => mark(before[part]) !== mark(after[part]));
}

function mark(stack: Stack | undefined): string {
  return `${stack?.StackId} ${(stack?.LastUpdatedTime ?? stack?.CreationTime)?.getTime()}`;
}
