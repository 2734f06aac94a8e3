import { SecretCache } from '../../agent/src/secret-cache.ts';

const maxAge = 5 * 60_000;

describe('a secret in memory', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('is fetched once for all that need it at the same time', async () => {
    const cache = new SecretCache(maxAge);
    const fetchKey = jest.fn(async () => 'key 1');
    const keys = await Promise.all(Array.from({ length: 50 }, () => cache.get('token', fetchKey)));
    expect(new Set(keys)).toEqual(new Set(['key 1']));
    expect(fetchKey).toHaveBeenCalledTimes(1);
  });

  test('stays for its time and not longer', async () => {
    const cache = new SecretCache(maxAge);
    await cache.get('token', async () => 'key 1');
    jest.advanceTimersByTime(maxAge - 1);
    expect(await cache.get('token', async () => 'key 2')).toBe('key 1');
    jest.advanceTimersByTime(1);
    expect(await cache.get('token', async () => 'key 2')).toBe('key 2');
  });

  test('is not kept in a session that falls silent, however the clock is set', async () => {
    const cache = new SecretCache(maxAge);
    await cache.get('token', async () => 'key 1');
    const before = Date.now();
    jest.advanceTimersByTime(maxAge);
    jest.setSystemTime(before);
    expect(await cache.get('token', async () => 'key 2')).toBe('key 2');
  });

  test('leaves memory at the end of its time, and not only at the next request', async () => {
    const cache = new SecretCache(maxAge);
    await cache.get('token', async () => 'key 1');
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(maxAge);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('one caller’s bad token does not fail another caller', async () => {
    const cache = new SecretCache(maxAge);
    const bad = cache.get('bad token', async () => {
      throw new Error('rejected');
    });
    const good = cache.get('good token', async () => 'key 1');
    await expect(bad).rejects.toThrow('rejected');
    expect(await good).toBe('key 1');
  });

  test('is gone once it was refused', async () => {
    const cache = new SecretCache(maxAge);
    await cache.get('token', async () => 'key 1');
    cache.drop('key 1');
    expect(await cache.get('token', async () => 'key 2')).toBe('key 2');
  });

  test('is not dropped for the refusal of the key before it', async () => {
    const cache = new SecretCache(maxAge);
    await cache.get('token', async () => 'key 2');
    cache.drop('key 1');
    expect(await cache.get('token', async () => 'key 3')).toBe('key 2');
  });

  test('a failure reaches everyone who waits and is forgotten', async () => {
    const cache = new SecretCache(maxAge);
    const failure = new Error('throttled');
    const waiting = [1, 2].map(() =>
      cache.get('token', async () => {
        throw failure;
      }),
    );
    for (const result of await Promise.allSettled(waiting))
      expect(result).toEqual({ status: 'rejected', reason: failure });
    expect(await cache.get('token', async () => 'key 1')).toBe('key 1');
  });
});
