import { notMinimal, notRefused, notSufficient, problems } from './judgement.ts';
import { findings } from './minimal.ts';
import type { Evidence } from './proof.ts';
import { reasons } from './reasons.ts';
import { referenceProblems } from './reference.ts';
import { predicted } from './trials.ts';
import { weakenings } from './weakenings.ts';

/** One line of the table that `npm run proof` prints. */
export interface Row {
  readonly what: string;
  readonly proven: number;
  readonly of: number;
  /** What is not proven, each with its explanation or its fault. */
  readonly remarks: readonly string[];
  readonly isFault: boolean;
}

function row(what: string, of: number, faults: readonly string[], remarks: readonly string[] = []): Row {
  return { what, proven: of - faults.length, of, remarks: [...faults, ...remarks], isFault: faults.length > 0 };
}

/** The table: all that the evidence proves. */
export async function proofTable(evidence: Evidence): Promise<Row[]> {
  const rows: Row[] = [];
  for (const role of evidence.roles) {
    const { name, calls, refused } = role;
    const normalize = evidence.normalizer(name);
    const found = findings(role, normalize);
    rows.push(
      row(`${name}: calls allowed`, calls.length, notSufficient(role)),
      row(
        `${name}: statements, actions, resources and wildcards proven minimal`,
        found.length - Object.keys(reasons[name]).reduce((sum, sid) => sum + unbroken(found, sid), 0),
        notMinimal(role, found),
        explanations(name),
      ),
      row(`${name}: questions refused`, refused.length, notRefused(role)),
      row(`${name}: conditions, trust and reasons`, 1, othersOf(problems(role, normalize))),
      row(`${name}: in AWS’s reference`, 1, await referenceProblems(role)),
    );
  }
  const { refusals, trials } = evidence;
  rows.push(
    row(
      'denials proven',
      refusals.length,
      refusals
        .filter(({ answer }) => !isDenial(answer))
        .map(({ role, what, answer }) => `${role}: ${what}: ${answer ?? 'it was let'}`),
    ),
    row(
      'mutations deployed, and refused as predicted',
      trials.length,
      trials
        .filter(({ role, mutation, refused }) => {
          const expected = predicted(evidence.role(role), mutation, evidence.normalizer(role));
          return refused.length === 0 || !refused.every((each) => expected.includes(each));
        })
        .map(
          ({ mutation, refused }) =>
            `${mutation.sid} ${mutation.title}: ${refused.join(', ') || 'nothing was refused'}`,
        ),
    ),
    row(
      'weakenings caught',
      weakenings.length,
      weakenings
        .filter(({ role, apply, caughtAs }) => {
          const weak = apply(evidence.role(role));
          return !problems(weak, evidence.normalizer(role)).some((problem) => caughtAs.test(problem));
        })
        .map(({ title }) => title),
    ),
  );
  return rows;
}

/** Whether AWS refused for want of a permission, and not for another reason. */
export function isDenial(answer: string | undefined): boolean {
  return answer !== undefined && /^AccessDenied(Exception)?: .*(is not authorized to perform|not allowed)/.test(answer);
}

function unbroken(found: ReturnType<typeof findings>, sid: string): number {
  return found.filter((finding) => finding.sid === sid && finding.breaks === undefined).length;
}

function explanations(role: keyof typeof reasons): string[] {
  return Object.entries(reasons[role]).flatMap(([sid, { awsItself, unproven }]) => [
    ...(awsItself ? [`${sid}: ${awsItself.actions.join(', ')}: AWS itself, ${awsItself.source}`] : []),
    ...(unproven ? [`${sid}: ${unproven.actions.join(', ')}: ${unproven.because}`] : []),
  ]);
}

function othersOf(all: readonly string[]): string[] {
  return all.filter((problem) => !/^(not allowed|nothing breaks|allowed, and must not be)/.test(problem));
}

/** The table as text. */
export function renderTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows
    .flatMap(({ what, proven, of, remarks, isFault }) => [
      `${isFault ? 'FAILED' : '    ok'}  ${what.padEnd(width)}  ${String(proven).padStart(4)} of ${of}`,
      ...remarks.map((remark) => `          ${remark}`),
    ])
    .join('\n');
}
