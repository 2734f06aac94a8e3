import type { ConditionContext } from './conditions.ts';

/** The condition key by which a policy lets roles be made and changed only with a permissions boundary. */
export function boundaryContext(permissionsBoundary: string | undefined): ConditionContext {
  return permissionsBoundary === undefined ? {} : { 'iam:PermissionsBoundary': permissionsBoundary };
}
