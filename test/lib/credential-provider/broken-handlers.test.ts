import fc from 'fast-check';
import { brokenHandlers, load } from './broken-handlers.ts';
import { knownStories } from './known-stories.ts';
import { lifecycleHolds } from './lifecycle-property.ts';

jest.setTimeout(120_000);

describe('the property catches a handler that', () => {
  test.each(brokenHandlers.map((broken) => [broken.what, broken] as const))('%s', async (_, broken) => {
    const serve = await load(broken);
    const { failed } = await fc.check(lifecycleHolds(serve), {
      numRuns: 10_000,
      examples: knownStories.map((story) => [story]),
      endOnFailure: true,
      seed: 3,
    });
    expect(failed).toBe(true);
  });
});

test('and lets the whole handler pass: the way in which they are broken is not what is caught', async () => {
  const whole = { what: 'nothing', file: 'serve.ts', right: "'refresh' in event", wrong: "'refresh' in event" };
  const serve = await load(whole);
  const { failed } = await fc.check(lifecycleHolds(serve), { numRuns: 500, seed: 3 });
  expect(failed).toBe(false);
});
