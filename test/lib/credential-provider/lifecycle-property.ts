import fc from 'fast-check';
import { story } from './operations.ts';
import { type Serve, World } from './world.ts';

/** Holds in every story: whatever happens in it, the handler breaks none of the invariants that {@link World} watches. */
export function lifecycleHolds(serve: Serve) {
  return fc.asyncProperty(story, async ({ lag, duplicatesAs, operations }) => {
    const world = new World(serve, lag, duplicatesAs);
    for (const operation of operations) await world.perform(operation);
    await world.end();
  });
}
