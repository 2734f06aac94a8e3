/** Milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** The best of several: what a busy machine adds is not the agent's. */
export async function best(measure: () => Promise<number>, goodEnough = 0): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 12 && least > goodEnough; i++) least = Math.min(least, await measure());
  return least;
}
