import { bytes, count, percent, time, times } from './format.ts';

export interface Goal {
  /** File of `parts/` that measures it. */
  readonly part: string;
  readonly what: string;
  readonly limit: number;
  /** A share that should be high; everything else should be low. */
  readonly atLeast?: true;
  readonly format: (value: number) => string;
  /** Where the goal cannot be met: why, and what the floor is. Shown while it is missed. */
  readonly floor?: string;
}

/** Everything that the benchmark is for. */
export const goals = {
  agentStart: {
    part: 'agent-start',
    what: 'Agent: spawn to first healthy /ping, against a bare node:http server',
    limit: 2,
    format: times,
  },
  warmMedian: {
    part: 'invocation',
    what: 'Warm invocation: added to the model call, p50',
    limit: 5,
    format: time,
  },
  warmTail: {
    part: 'invocation',
    what: 'Warm invocation: added to the model call, p99',
    limit: 15,
    format: time,
  },
  identityCalls: {
    part: 'invocation',
    what: 'Calls to AgentCore Identity per warm invocation',
    limit: 0,
    format: count,
  },
  linear: {
    part: 'concurrency',
    what: 'Up to 500 streams: chunks in time, while the core is not full',
    limit: 0.95,
    atLeast: true,
    format: percent,
  },
  sessionMemory: {
    part: 'concurrency',
    what: 'Memory of an open session, 500 at once',
    limit: 200_000,
    format: bytes,
  },
  synth: {
    part: 'synth',
    what: 'cdk synth of dev, against an app of one bucket',
    limit: 1.3,
    format: times,
    floor:
      "most of it is CDK's own validation, which has two templates of thirteen resource types to look at instead of one of one type: the rows without it say that this alone is a quarter of the one bucket's synth. Most of the rest is cdk-nag, whose rules load the classes of sixty services: the row without the security checks, and a synth that leaves them out could be deployed with a finding.",
  },
  furtherEnvironment: {
    part: 'synth',
    what: 'cdk synth: each further environment',
    limit: 40,
    format: time,
    floor:
      "CDK validates each template of the environment, one after the other, in WebAssembly. What is ours is the row without CDK's validation; the difference is the floor.",
  },
  bundles: {
    part: 'synth',
    what: 'Bundles built for 50 environments: of the agent and two handlers',
    limit: 3,
    format: count,
  },
  handlerSize: {
    part: 'handler',
    what: 'Handler: zip',
    limit: 250_000,
    format: bytes,
  },
  handlerLoad: {
    part: 'handler',
    what: 'Handler: load time over an empty one',
    limit: 100,
    format: time,
  },
  handlerCalls: {
    part: 'handler',
    what: 'Handler: calls to AWS that no event of the lifecycle needs',
    limit: 0,
    format: count,
  },
  start: {
    part: 'deploy',
    what: 'npm start: to the first streamed character',
    limit: 20_000,
    format: time,
    floor: 'the phases are below; most of it is the `cdk` command and its synth.',
  },
  tests: {
    part: 'tests',
    what: 'npm test',
    limit: 120_000,
    format: time,
    floor:
      'the CPU of the tests and of the programs that they start, below, shared by the cores: no order of the files makes it shorter.',
  },
} as const satisfies Record<string, Goal>;

export type GoalId = keyof typeof goals;

export function isMet(goal: Goal, value: number): boolean {
  return goal.atLeast ? value >= goal.limit : value <= goal.limit;
}
