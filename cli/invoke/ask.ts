import { addAbortSignal, type Readable } from 'node:stream';
import { type BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import type { AnswerEvent } from '../../agent/src/answer-event.ts';
import { UserError } from '../user-error.ts';
import { eventData } from './server-sent-events.ts';

interface ErrorOfAgent {
  readonly code: string;
  readonly message: string;
  readonly retryable?: boolean;
}

/** An error that the agent itself has told its caller. */
export class AgentError extends UserError {
  /** Whether the agent says that the same question may be answered later. */
  readonly retryable: boolean;

  /** @param environment whose key a command can exchange; the agent does not know in which one it is */
  constructor({ code, message, retryable = false }: ErrorOfAgent, environment?: string) {
    const isForKey = code === 'ModelKeyRefused' && environment !== undefined;
    super(`${code}: ${message}${isForKey ? ` Store one: npm run set-key -- --environment ${environment}.` : ''}`);
    this.retryable = retryable;
  }
}

/** One question to a runtime. */
export interface Question {
  readonly runtimeArn: string;
  readonly prompt: string;
  /** 33 to 256 characters; the same id goes on with the same conversation. */
  readonly sessionId: string;
  /** Whom the workload access token is made for; without it the agent gets no token and no key. */
  readonly userId: string;
  /** Name of the environment, for what to do about an error. */
  readonly environment?: string;
  /** Endpoint of the runtime. Default: `DEFAULT`, which serves the newest version. */
  readonly qualifier?: string;
  /** Ends the question: the agent then ends its call of the model. */
  readonly signal?: AbortSignal;
}

/**
 * Asks an agent and yields the events of its answer, as they come.
 *
 * @throws AgentError with the agent's own words when it answers with an error; the SDK's errors as they are
 */
export async function* ask(client: BedrockAgentCoreClient, question: Question): AsyncGenerator<AnswerEvent> {
  const { runtimeArn, prompt, sessionId, userId, environment, qualifier = 'DEFAULT', signal } = question;
  const { contentType, response } = await client.send(
    new InvokeAgentRuntimeCommand({
      agentRuntimeArn: runtimeArn,
      runtimeSessionId: sessionId,
      runtimeUserId: userId,
      qualifier,
      contentType: 'application/json',
      accept: 'text/event-stream',
      payload: Buffer.from(JSON.stringify({ prompt })),
    }),
    { ...(signal && { abortSignal: signal }) },
  );
  if (!contentType?.startsWith('text/event-stream')) {
    yield eventIn((await response?.transformToString()) ?? '""', environment);
    return;
  }
  const body = response as unknown as Readable;
  // The signal of the SDK ends with the headers of the answer.
  if (signal) addAbortSignal(signal, body);
  for await (const data of eventData(body)) yield eventIn(data, environment);
}

/** The text alone, for those who want nothing else. */
export async function* textIn(events: AsyncIterable<AnswerEvent>): AsyncGenerator<string> {
  for await (const event of events) if (typeof event === 'string') yield event;
}

function eventIn(json: string, environment: string | undefined): AnswerEvent {
  const value = JSON.parse(json) as AnswerEvent | { readonly error: ErrorOfAgent };
  if (typeof value !== 'string' && 'error' in value) throw new AgentError(value.error, environment);
  return value;
}
