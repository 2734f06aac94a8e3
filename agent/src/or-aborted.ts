/**
 * Waits for something that knows nothing of the signal, and no longer than until the signal is aborted: what is waited
 * for goes on, and its outcome is lost.
 *
 * @throws the signal's reason, or what was waited for throws
 */
export function orAborted<T>(waitedFor: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void waitedFor.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * The same for each item of an iteration. One that hangs when the signal is aborted is told to end, and not waited for.
 */
export async function* itemsOrAborted<T>(items: AsyncIterator<T, unknown>, signal: AbortSignal): AsyncGenerator<T> {
  let ended = false;
  try {
    for (;;) {
      const next = await orAborted(items.next(), signal);
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!ended) void items.return?.()?.catch(() => {});
  }
}
