import { itemsOrAborted, orAborted } from '../../agent/src/or-aborted.ts';

const never = new Promise<never>(() => {});

describe('waiting for what knows nothing of the signal', () => {
  test('gives what it gives, or throws what it throws', async () => {
    const { signal } = new AbortController();
    expect(await orAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(orAborted(Promise.reject(new Error('No.')), signal)).rejects.toThrow('No.');
  });

  test.each(['before', 'after'])('ends with the reason of a signal that is aborted %s it began', async (when) => {
    const controller = new AbortController();
    if (when === 'before') controller.abort(new Error('Enough.'));
    const waiting = orAborted(never, controller.signal);
    controller.abort(new Error('Enough.'));
    await expect(waiting).rejects.toThrow('Enough.');
  });
});

describe('an iteration', () => {
  test('gives its items', async () => {
    async function* items() {
      yield 1;
      yield 2;
    }
    expect(await Array.fromAsync(itemsOrAborted(items(), new AbortController().signal))).toEqual([1, 2]);
  });

  test('that hangs, as in a tool that never returns, ends with the reason of the signal', async () => {
    async function* items() {
      yield 1;
      await never;
    }
    const controller = new AbortController();
    const all = itemsOrAborted(items(), controller.signal);
    expect(await all.next()).toEqual({ done: false, value: 1 });
    const next = all.next();
    controller.abort(new Error('Enough.'));
    await expect(next).rejects.toThrow('Enough.');
  });

  test('that nobody reads to its end is told so', async () => {
    let cleanedUp = false;
    async function* items() {
      try {
        yield 1;
        yield 2;
      } finally {
        cleanedUp = true;
      }
    }
    for await (const item of itemsOrAborted(items(), new AbortController().signal)) if (item === 1) break;
    expect(cleanedUp).toBe(true);
  });
});
