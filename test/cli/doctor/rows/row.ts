import type { Patient } from '../patient.ts';

/** Something that is wrong, how it comes to be, and every line of the doctor that is not ok. */
export type Row = readonly [what: string, infect: (patient: Patient) => void, lines: readonly string[]];

export const all = { Effect: 'Allow', Action: '*', Resource: '*' } as const;

export function deny(action: string) {
  return { Effect: 'Deny', Action: action, Resource: '*' } as const;
}
