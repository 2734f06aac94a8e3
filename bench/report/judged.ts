import { type Goal, type GoalId, goals, isMet } from '../goals.ts';
import type { Results } from '../results.ts';

/** A goal, and what was measured. */
export interface Judged extends Goal {
  readonly value: number;
  readonly met: boolean;
}

/** The goals that were measured, in the order of the table of goals. */
export function judge(results: Results): Judged[] {
  return Object.entries<Goal>(goals).flatMap(([id, goal]) => {
    const value = results[goal.part]?.results[id as GoalId];
    return value === undefined ? [] : [{ ...goal, value, met: isMet(goal, value) }];
  });
}

export function limitOf({ limit, atLeast, format }: Goal): string {
  return limit === 0 ? 'none' : `${atLeast ? '≥' : '≤'} ${format(limit)}`;
}
