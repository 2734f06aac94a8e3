import { describeError } from '../user-error.ts';
import { type Finding, findingsOf } from './finding.ts';

const denials = new Set(['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation']);

/** Whether AWS refuses a call for want of a permission. */
export function isDenied(error: unknown): error is Error {
  return error instanceof Error && denials.has(error.name);
}

/**
 * One look, which never fails: what AWS does not let be seen is a warning, and any other error a problem.
 *
 * @param permission what the look needs
 */
export async function look(
  check: string,
  permission: string,
  findings: () => Promise<readonly Finding[] | Finding>,
): Promise<readonly Finding[]> {
  const { warning, problem } = findingsOf(check);
  try {
    return [await findings()].flat();
  } catch (error) {
    return isDenied(error)
      ? [warning(`Not looked at: ${describeError(error)}.`.replace(/\.\.$/, '.'), `Allow ${permission}.`)]
      : [
          problem(
            `Not looked at: ${describeError(error)}`,
            'Try again; if it stays so, look at it with the aws command.',
          ),
        ];
  }
}
