import fc from 'fast-check';
import { serve } from '../../../lib/credential-provider/handler/serve.ts';
import { knownStories } from './known-stories.ts';
import { lifecycleHolds } from './lifecycle-property.ts';

jest.setTimeout(300_000);

test('in 10,000 stories of deployments, faults, kills and refreshes, no invariant is broken', async () => {
  // What fails prints its seed and path: PROPERTY_SEED=… repeats it.
  const { PROPERTY_SEED: seed, PROPERTY_RUNS: runs } = process.env;
  await fc.assert(lifecycleHolds(serve), {
    numRuns: Number(runs ?? 10_000),
    examples: knownStories.map((story) => [story]),
    ...(seed && { seed: Number(seed) }),
  });
});
