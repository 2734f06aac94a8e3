import { type BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { UserError } from '../user-error.ts';
import { eventData } from './server-sent-events.ts';

/** One question to a runtime. */
export interface Question {
  readonly runtimeArn: string;
  readonly prompt: string;
  /** 33 to 256 characters; the same id goes on with the same session. */
  readonly sessionId: string;
  /** Whom the workload access token is made for; without it the agent gets no token and no key. */
  readonly userId: string;
}

/**
 * Asks an agent and yields its answer in pieces, as they come.
 *
 * @throws UserError with the agent's own words when it answers with an error; the SDK's errors as they are
 */
export async function* ask(client: BedrockAgentCoreClient, question: Question): AsyncGenerator<string> {
  const { contentType, response } = await client.send(
    new InvokeAgentRuntimeCommand({
      agentRuntimeArn: question.runtimeArn,
      runtimeSessionId: question.sessionId,
      runtimeUserId: question.userId,
      qualifier: 'DEFAULT',
      contentType: 'application/json',
      accept: 'text/event-stream',
      payload: Buffer.from(JSON.stringify({ prompt: question.prompt })),
    }),
  );
  if (!contentType?.startsWith('text/event-stream')) {
    yield textOf((await response?.transformToString()) ?? '""');
    return;
  }
  for await (const data of eventData(response as unknown as AsyncIterable<Uint8Array>)) yield textOf(data);
}

function textOf(json: string): string {
  const value = JSON.parse(json) as string | { error?: { code: string; message: string } };
  if (typeof value === 'string') return value;
  if (value.error) throw new UserError(`${value.error.code}: ${value.error.message}`);
  return '';
}
