/** How a run of `runGraph` goes so far; `failed` tells work under way that it is no longer wanted. */
export interface GraphRun {
  failed: boolean;
}

/**
 * Runs the work of every node as soon as the nodes it needs are done, independent ones at the same time.
 *
 * @param nodes the nodes and what each needs first; names that are not nodes count as done
 * @param keepGoing after a failure: true goes on with all that does not need the failed node, false starts nothing more
 * @returns the failures by node, in the order in which they happened; empty when all went well
 */
export async function runGraph(
  nodes: ReadonlyMap<string, ReadonlySet<string>>,
  work: (node: string, run: GraphRun) => Promise<void>,
  keepGoing = false,
): Promise<Map<string, unknown>> {
  const waiting = new Map(
    [...nodes].map(([node, needs]) => [node, new Set([...needs].filter((need) => nodes.has(need)))]),
  );
  const failures = new Map<string, unknown>();
  const run: GraphRun = { failed: false };

  const startReady = async (): Promise<void> => {
    if (run.failed && !keepGoing) return;
    const ready = [...waiting].filter(([, needs]) => needs.size === 0).map(([node]) => node);
    for (const node of ready) waiting.delete(node);
    await Promise.all(ready.map(finish));
  };
  const finish = async (node: string): Promise<void> => {
    try {
      await work(node, run);
    } catch (error) {
      failures.set(node, error);
      run.failed = true;
      return;
    }
    for (const needs of waiting.values()) needs.delete(node);
    await startReady();
  };
  await startReady();
  return failures;
}

/** Turns the arrows round: what was needed first comes last. */
export function reversed(nodes: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const result = new Map([...nodes.keys()].map((node) => [node, new Set<string>()]));
  for (const [node, needs] of nodes) for (const need of needs) result.get(need)?.add(node);
  return result;
}
