import { isMissing } from '../../../custom-resource/handler/faults.ts';
import { Refusal } from '../../../custom-resource/handler/refusal.ts';
import type { WantedLogGroups } from './wanted.ts';
import { arnOf, type Work } from './work.ts';

/** How often a log group that vanishes under our hands is made anew. */
const attempts = 3;

/**
 * Brings every log group to the wanted state, whoever made it: AgentCore makes it at the first invocation, which may come
 * at the same moment.
 *
 * @param former what they were set to before by the same resource: what of it is no longer wanted is taken away
 * @returns for the log: what was found
 */
export async function settle(work: Work, wanted: WantedLogGroups, former?: WantedLogGroups): Promise<string> {
  const done: string[] = [];
  for (const name of wanted.names) done.push(`${name} ${await settleOne(work, name, wanted, former)}`);
  return done.join(', ');
}

async function settleOne(
  work: Work,
  name: string,
  wanted: WantedLogGroups,
  former: WantedLogGroups | undefined,
): Promise<'made' | 'found'> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isNew = await make(work, name, wanted);
    try {
      if (!isNew) await bring(work, name, wanted, former);
      await work.call(() => work.calls.putRetention(name, wanted.retentionInDays));
      return isNew ? 'made' : 'found';
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  throw new Refusal(`Somebody deletes the log group ${name} as soon as it is made.`);
}

/** @returns false when there is one already */
async function make({ calls, call }: Work, name: string, { kmsKeyArn, tags }: WantedLogGroups): Promise<boolean> {
  try {
    await call(() => calls.createGroup(name, { kmsKeyArn, tags }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceAlreadyExistsException') return false;
    throw error;
  }
}

/** Key and tags of a log group that is there. A key that somebody else has given it stays, unless we have one. */
async function bring(work: Work, name: string, wanted: WantedLogGroups, former?: WantedLogGroups): Promise<void> {
  const { calls, call } = work;
  const { kmsKeyArn, tags } = wanted;
  const arn = arnOf(work, name);
  await call(() => calls.tag(arn, tags));
  const outdated = Object.keys(former?.tags ?? {}).filter((key) => !(key in tags));
  if (outdated.length > 0) await call(() => calls.untag(arn, outdated));
  if (kmsKeyArn) await call(() => calls.associateKey(name, kmsKeyArn));
  else if (former?.kmsKeyArn) await call(() => calls.disassociateKey(name));
}
