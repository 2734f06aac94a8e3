import type { Statement } from '../../local-aws/iam/policy.ts';
import { listOf, type RecordedCall } from './calls.ts';
import type { Normalize } from './mutations.ts';

/** A statement as it is in all the environments together. */
export interface KnownStatement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Each as `Operator key = value`. */
  readonly conditions: readonly string[];
}

/** Every statement that a role had on the journey, by Sid, in the order of the policies. */
export function statementsById(calls: readonly RecordedCall[], normalize: Normalize): Map<string, KnownStatement> {
  const all = [...new Set(calls.map(({ statements }) => statements))].flat();
  const sids = [...new Set(all.map(({ Sid }) => Sid ?? 'without a Sid'))];
  return new Map(
    sids.map((sid) => {
      const statements = all.filter(({ Sid }) => (Sid ?? 'without a Sid') === sid);
      return [
        sid,
        {
          actions: unique(statements.flatMap(({ Action }) => listOf(Action))).sort(),
          resources: unique(statements.flatMap(({ Resource }) => listOf(Resource).map(normalize))).sort(),
          conditions: unique(statements.flatMap((statement) => conditionsOf(statement, normalize))),
        },
      ];
    }),
  );
}

/** The conditions of a statement, one line each. */
export function conditionsOf({ Condition }: Statement, normalize: Normalize = (text) => text): string[] {
  return Object.entries(Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${operator} ${key} = ${normalize([value].flat().join(', '))}`),
  );
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
