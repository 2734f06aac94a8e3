import type { Operation, Story, Wish } from './operations.ts';

const wish: Wish = {
  name: 'a',
  source: 'EXTERNAL',
  secret: 'one',
  jsonKey: 'apiKey',
  adopt: false,
  onDelete: undefined,
  tags: {},
};

function deploy(name: string, more: Partial<Wish> = {}): Operation {
  return {
    kind: 'deploy',
    wish: { ...wish, name, ...more },
    disturbances: [],
    repeated: false,
    rolledBack: false,
    abandoned: false,
    cancelledAt: undefined,
  };
}

const moveAgent: Operation = { kind: 'move agent', disturbances: [] };
const aDayPasses: Operation = { kind: 'a day passes', disturbances: [] };
const release: Operation = { kind: 'release' };
const endpointGoesBack: Operation = { kind: 'endpoint goes back' };
const story = (operations: readonly Operation[], lag = 0): Story => ({
  lag,
  duplicatesAs: 'ValidationException',
  operations,
});

/** Stories that chance rarely tells: they come first in every run. */
export const knownStories: readonly Story[] = [
  // The agent goes back to the provider before, and stays there.
  story([deploy('a'), moveAgent, deploy('b'), moveAgent, { kind: 'agent goes back' }, aDayPasses]),
  // An endpoint stays on a version of before, is released, and goes back.
  story([deploy('a'), moveAgent, release, deploy('b'), moveAgent, aDayPasses]),
  story([deploy('a'), moveAgent, release, deploy('b'), moveAgent, release, endpointGoesBack, aDayPasses]),
  // One that only the endpoint stays on is not what open sessions of the agent use.
  story([
    deploy('a'),
    moveAgent,
    release,
    deploy('b'),
    moveAgent,
    deploy('c'),
    moveAgent,
    deploy('c', { tags: { team: 'x' } }),
  ]),
  // The provider before is looked at while sessions of before are open.
  story([deploy('a'), moveAgent, deploy('b'), moveAgent, { kind: 'refresh', of: 'now', disturbances: [] }]),
  // One that is kept is replaced, while the agent uses an older one still and lists lag.
  story([deploy('c'), moveAgent, deploy('a', { onDelete: 'Retain' }), deploy('b')], 4_000),
  // A replacement is cancelled, and the one that goes with the stack hides its tags for a moment.
  story([
    deploy('c', { source: 'MANAGED', secret: 'plain', jsonKey: undefined }),
    { ...deploy('a'), cancelledAt: 5 } as Operation,
    { kind: 'destroy', disturbances: [{ at: 4, what: 'denied' }] },
  ]),
  // The answer to a create is lost.
  story([deploy('a'), { ...deploy('b'), disturbances: [{ at: 5, what: 'answer lost' }] } as Operation]),
];
