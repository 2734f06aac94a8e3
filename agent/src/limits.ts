import type { ConversationLimits } from './conversations.ts';

/** How much one caller may send, and how slowly. */
export interface RequestLimits {
  /** In bytes, all headers together: AgentCore sends the workload access token, some 3 KB, under three names. */
  readonly headerBytes: number;
  /** In milliseconds, until the headers of a request are there. */
  readonly headersMs: number;
  /** In milliseconds, from there until its body is there. */
  readonly bodyMs: number;
  /** In milliseconds that a caller may read nothing while the agent has something to say. */
  readonly unreadMs: number;
  /** In milliseconds of silence, after which an event stream gets a comment: else a proxy may take it for dead. */
  readonly heartbeatMs: number;
}

export const requestLimits: RequestLimits = {
  headerBytes: 32 * 1024,
  headersMs: 10_000,
  bodyMs: 30_000,
  unreadMs: 60_000,
  heartbeatMs: 15_000,
};

/** How much of the conversations one process remembers. */
export const conversationLimits: ConversationLimits = {
  turns: 20,
  // Some 50,000 tokens, which all but the smallest models can read; for those, the older half goes as often as needed.
  characters: 200_000,
  waiting: 16,
  // AgentCore Runtime gives each session a machine of its own: these are for an agent that runs elsewhere.
  sessions: 1000,
  allCharacters: 16_000_000,
};

/** How long a service that a tool asks may take, and how much it may say. */
export const serviceLimits = {
  /** In milliseconds, from the question to the last byte of the answer. */
  timeoutMs: 10_000,
  responseBytes: 256 * 1024,
} as const;

/** How much one model may say and make the agent do. */
export const modelLimits = {
  /** How often it may be asked for one prompt: it ends a model that calls tools without end. */
  turns: 10,
  /** Tools that it may call at once. */
  toolCalls: 16,
  /** Characters of their arguments, all together. */
  toolArguments: 64 * 1024,
  /** Characters of one result of a tool, on its way back to the model. */
  toolResult: 20_000,
  /** Characters of the whole answer: several times what any model says at once. */
  answer: 1_000_000,
  /** Bytes of one answer on the wire, where each token takes some 300. */
  responseBytes: 16 * 1024 * 1024,
  /** Bytes of one event in it: the OpenAI client reads an unfinished one anew with every packet that arrives. */
  eventBytes: 1024 * 1024,
  /** Events of one answer; most have one token, and no model says more than 128,000. */
  events: 150_000,
} as const;
