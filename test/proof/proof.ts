import { ProofAccount } from './account.ts';
import { type ProvenRole, rolesOf } from './calls.ts';
import { travel } from './journey.ts';
import type { Normalize } from './mutations.ts';
import { type Refusal, tryRefusals } from './refusals.ts';
import { runTrials, type Trial } from './trials.ts';

/** All that the proof is made from: it is judged without another call. */
export interface Evidence {
  readonly roles: readonly ProvenRole[];
  readonly refusals: readonly Refusal[];
  readonly trials: readonly Trial[];
  normalizer(role: ProvenRole['name']): Normalize;
  role(name: ProvenRole['name']): ProvenRole;
}

/** Makes the journey, the refusals and the trials, on an AWS of its own. */
export async function gatherEvidence(): Promise<Evidence> {
  const account = await ProofAccount.open();
  try {
    let refusals: Refusal[] = [];
    let trials: Promise<Trial[]> | undefined;
    await travel(account, async () => {
      refusals = await tryRefusals(account);
      // Beside the replacements, which wait most of their time for what the agent may have begun.
      trials = runTrials(account);
      trials.catch(() => {});
    });
    const roles = rolesOf(
      account.recording,
      (arn) => account.roleOf(arn),
      (authorization, index) => account.stepOf(authorization, index),
    );
    return {
      roles,
      refusals,
      trials: (await trials) ?? [],
      normalizer: (role) => account.placeholders.normalizer(role),
      role: (name) => roles.find((role) => role.name === name) as ProvenRole,
    };
  } finally {
    await account.close();
  }
}
