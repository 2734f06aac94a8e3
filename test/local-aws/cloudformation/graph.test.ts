import { reversed, runGraph } from '../../../local-aws/cloudformation/engine/graph.ts';

const graph = (edges: Record<string, string[]>) =>
  new Map(Object.entries(edges).map(([node, needs]) => [node, new Set(needs)]));

test('what does not depend on each other runs at the same time, the rest in order', async () => {
  const log: string[] = [];
  await runGraph(graph({ C: ['A', 'B'], A: [], B: [] }), async (node) => {
    log.push(`+${node}`);
    await new Promise(setImmediate);
    log.push(`-${node}`);
  });
  expect(log).toEqual(['+A', '+B', '-A', '-B', '+C', '-C']);
});

test('after a failure nothing more starts, and work under way is told', async () => {
  const started: string[] = [];
  let told = false;
  const failures = await runGraph(graph({ Bad: [], Slow: [], After: ['Slow'] }), async (node, run) => {
    started.push(node);
    if (node === 'Bad') throw new Error('no');
    await new Promise((resolve) => setTimeout(resolve, 5));
    told = run.failed;
  });
  expect(started).toEqual(['Bad', 'Slow']);
  expect([...failures.keys()]).toEqual(['Bad']);
  expect(told).toBe(true);
});

test('told to keep going, it leaves out only what needs the failed node', async () => {
  const done: string[] = [];
  await runGraph(
    graph({ Bad: [], NeedsBad: ['Bad'], Good: [], NeedsGood: ['Good'] }),
    async (node) => {
      if (node === 'Bad') throw new Error('no');
      done.push(node);
    },
    true,
  );
  expect(done).toEqual(['Good', 'NeedsGood']);
});

test('reversed, what was needed first comes last', () => {
  expect(reversed(graph({ A: [], B: ['A'], C: ['A', 'B'] }))).toEqual(graph({ A: ['B', 'C'], B: ['C'], C: [] }));
});
