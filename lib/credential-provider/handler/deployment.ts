import { Refusal } from '../../custom-resource/handler/refusal.ts';
import type { Calls } from './calls.ts';

/**
 * What CloudFormation is doing with the stack: going forward, removing what an update has replaced, going back, deleting
 * it, or nothing.
 */
export type Phase = 'forward' | 'clean-up' | 'back' | 'deletion' | 'none';

/** @param status of the stack; undefined when there is none */
export function phaseOf(status: string | undefined): Phase {
  if (!status?.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS') return 'none';
  if (status.includes('ROLLBACK')) return 'back';
  if (status === 'DELETE_IN_PROGRESS') return 'deletion';
  return status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' ? 'clean-up' : 'forward';
}

/** In which phases CloudFormation sends which event. */
const phases: Readonly<Record<'Create' | 'Update' | 'Delete', readonly Phase[]>> = {
  Create: ['forward'],
  Update: ['forward', 'back'],
  Delete: ['forward', 'clean-up', 'back', 'deletion'],
};

/**
 * The phase in which an event has come.
 *
 * @throws Refusal when CloudFormation cannot be waiting for it any more: Lambda has repeated the event, or kept it
 */
export async function phaseFor(
  requestType: 'Create' | 'Update' | 'Delete',
  stackId: string,
  calls: Pick<Calls, 'stackStatus'>,
): Promise<Phase> {
  const status = await calls.stackStatus(stackId);
  const phase = phaseOf(status);
  if (phases[requestType].includes(phase)) return phase;
  throw new Refusal(`The ${requestType} came too late: the stack is ${status ?? 'gone'}.`);
}

/**
 * The calls, of which those that change something are made only while the stack is in this phase. CloudFormation cancels
 * what it is waiting for when another resource has failed, and goes back while the run that it has cancelled goes on.
 */
export function onlyDuring(phase: Phase, stackId: string, calls: Calls): Calls {
  const unlessCancelled = async <T>(change: () => Promise<T>): Promise<T> => {
    const status = await calls.stackStatus(stackId);
    if (phaseOf(status) === phase) return change();
    throw new Refusal(`CloudFormation waits for this no longer: the stack is ${status ?? 'gone'}.`);
  };
  return {
    stackStatus: (id) => calls.stackStatus(id),
    describeSecret: (id) => calls.describeSecret(id),
    readSecret: (arn) => calls.readSecret(arn),
    getProvider: (name) => calls.getProvider(name),
    listProviders: (token) => calls.listProviders(token),
    tagsOf: (arn) => calls.tagsOf(arn),
    createProvider: (name, key, tags) => unlessCancelled(() => calls.createProvider(name, key, tags)),
    updateProvider: (name, key) => unlessCancelled(() => calls.updateProvider(name, key)),
    deleteProvider: (name) => unlessCancelled(() => calls.deleteProvider(name)),
    tag: (arn, tags) => unlessCancelled(() => calls.tag(arn, tags)),
    untag: (arn, names) => unlessCancelled(() => calls.untag(arn, names)),
  };
}
