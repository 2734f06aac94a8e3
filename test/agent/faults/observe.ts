import { setTimeout as sleep } from 'node:timers/promises';
import { eventsOf, type LogLine, tokenHeader, until } from '../support/running-agent.ts';
import { atOnce, type Fault } from './fault.ts';
import type { Bench, Lab } from './lab.ts';

/** The two ways in which a caller can read an answer. */
export const ways = ['JSON', 'event stream'] as const;
export type Way = (typeof ways)[number];

/** What one request of a caller led to. */
export interface Observation {
  readonly way: Way;
  readonly status: number;
  /** The body, as it came. */
  readonly body: string;
  /** What it says: one thing for JSON, the data of each event otherwise. */
  readonly events: readonly unknown[];
  /** In milliseconds, until the last byte. */
  readonly took: number;
  readonly asked: number;
  readonly requestId: string;
  readonly sessionId: string;
  /** What the log says about it. */
  readonly lines: readonly LogLine[];
}

export interface ObservedFault {
  readonly fault: Fault;
  readonly observations: readonly Observation[];
  /** What the next request was answered, when the place behaved well again; undefined where it never can. */
  readonly next: unknown;
  /** Status of the ping after all. */
  readonly ping: number;
  /** All that the agent has written until then. */
  readonly output: string;
}

/** Runs every row, in both ways: the quick ones a few at a time, as milliseconds count there, then the others side by side. */
export async function observeFaults({ benches }: Lab, faults: readonly Fault[]): Promise<ObservedFault[]> {
  const observed = new Map<Fault, ObservedFault>();
  const run = async (fault: Fault) => void observed.set(fault, await observeFault(fault, benches[fault.at]));
  // What Node.js compiles on first use is no part of any row.
  await Promise.all([benches.model, benches.identity].map((bench) => next(bench)));
  const quick = faults.filter(({ time }) => time === atOnce);
  const worker = async () => {
    for (let fault = quick.shift(); fault; fault = quick.shift()) await run(fault);
  };
  await Promise.all([worker(), worker()]);
  await Promise.all(faults.filter(({ time }) => time !== atOnce).map(run));
  return faults.flatMap((fault) => observed.get(fault) ?? []);
}

async function observeFault(fault: Fault, bench: Bench): Promise<ObservedFault> {
  const observations = await Promise.all(ways.map((way) => observe(fault, bench, way)));
  await bench.mend?.();
  const answer = bench.mend && (await next(bench));
  const { status: ping } = await bench.agent.ping();
  return { fault, observations, next: answer, ping, output: bench.agent.output };
}

let requests = 0;

/** @returns a word that the places recognize the request by, and its headers */
function newRequest() {
  const word = `request-${++requests}.`;
  const sessionId = `session-of-${word}`.padEnd(33, '0');
  const headers = {
    'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id': sessionId,
    'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id': word,
  };
  return { word, sessionId, headers };
}

/** A token under this name only gets a key from AgentCore, and leaves none in memory: the next row asks again. */
const freshToken = (word: string) => ({ 'X-Amz-Bedrock-AgentCore-Identity-WAT': word });
const ownToken = (word: string) => Object.fromEntries(Object.keys(tokenHeader).map((name) => [name, word]));

function tokenOf({ at, gives, withoutToken }: Fault, word: string): Record<string, string> {
  if (withoutToken) return {};
  return at === 'identity' && gives === 'the answer' ? freshToken(word) : ownToken(word);
}

async function observe(fault: Fault, { agent, server }: Bench, way: Way): Promise<Observation> {
  const { word, sessionId, headers } = newRequest();
  server?.misbehave(word, fault.scripts);
  const startedAt = performance.now();
  const response = await agent.invoke({
    prompt: word,
    headers: { ...headers, ...tokenOf(fault, word) },
    accept: way === 'JSON' ? 'application/json' : 'text/event-stream',
  });
  const body = await response.text();
  const took = performance.now() - startedAt;
  const lines = () => agent.log.filter(({ requestId }) => requestId === word);
  await until(() => lines().length > 0);
  // A second line, or another question to the place, would come late.
  await sleep(50);
  return {
    way,
    status: response.status,
    body,
    events: way === 'JSON' ? [JSON.parse(body)] : eventsOf(body),
    took,
    asked: server?.asked(word) ?? 0,
    requestId: word,
    sessionId,
    lines: lines(),
  };
}

function next({ agent }: Bench): Promise<unknown> {
  const { word, headers } = newRequest();
  return agent.ask(word, { headers: { ...headers, ...freshToken(word) } });
}
