import { isAccessDenied, isTransient } from '../../custom-resource/handler/faults.ts';
import { Patience } from '../../custom-resource/handler/patience.ts';
import type { Calls } from './calls.ts';
import { isConflict, isRefused } from './faults.ts';

/** Milliseconds until what was attached to a role is known everywhere. */
const propagation = 20_000;

/** How a run about a credential provider waits. */
export class ProviderPatience extends Patience {
  #mayHaveCreated = false;

  /**
   * The calls, repeated while they may succeed later.
   *
   * @param policiesAreNew whether the role or its policies may have been made a moment ago: then a denied access is
   * waited out, for some seconds only, since a missing secret is denied too
   */
  calls(calls: Calls, policiesAreNew: boolean): Calls {
    const again = (error: unknown) =>
      isTransient(error) || (policiesAreNew && isAccessDenied(error) && this.elapsed < propagation);
    const whenever = <T>(call: () => Promise<T>) => this.repeat(call, again);
    const unlessBusy = <T>(call: () => Promise<T>) => this.repeat(call, (error) => again(error) || isConflict(error));
    return {
      stackStatus: (id) => whenever(() => calls.stackStatus(id)),
      describeSecret: (id) => whenever(() => calls.describeSecret(id)),
      readSecret: (arn) => whenever(() => calls.readSecret(arn)),
      getProvider: (name) => whenever(() => calls.getProvider(name)),
      // A conflict here means that the name is taken, which waiting does not change.
      createProvider: (name, key, tags) => whenever(() => this.#creating(calls.createProvider(name, key, tags))),
      updateProvider: (name, key) => unlessBusy(() => calls.updateProvider(name, key)),
      deleteProvider: (name) => unlessBusy(() => calls.deleteProvider(name)),
      listProviders: (token) => whenever(() => calls.listProviders(token)),
      tagsOf: (arn) => whenever(() => calls.tagsOf(arn)),
      tag: (arn, tags) => unlessBusy(() => calls.tag(arn, tags)),
      untag: (arn, names) => unlessBusy(() => calls.untag(arn, names)),
    };
  }

  /** Whether a create has succeeded, or ended without an answer that says that it has not. */
  get mayHaveCreated(): boolean {
    return this.#mayHaveCreated;
  }

  async #creating(create: Promise<void>): Promise<void> {
    try {
      await create;
      this.#mayHaveCreated = true;
    } catch (error) {
      this.#mayHaveCreated ||= !isRefused(error);
      throw error;
    }
  }
}
