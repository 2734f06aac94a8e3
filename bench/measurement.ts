import type { GoalId } from './goals.ts';

/** One part of the benchmark, as its figures go into docs/benchmarks.json and onto the page. */
export interface Measurement {
  readonly title: string;
  /** What was done and what stands beside it, for somebody who wants to doubt the figures. */
  readonly how: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the goals of the part are held against. */
  readonly results: Readonly<Partial<Record<GoalId, number>>>;
  /** Where the time went, in the order in which it did. */
  readonly phases?: readonly Phase[];
}

export interface Phase {
  readonly name: string;
  readonly milliseconds: number;
}

/** How thorough a run is. */
export interface Effort {
  /** @returns how often to measure: so often, or a tenth of it in a quick run */
  times(often: number): number;
}
