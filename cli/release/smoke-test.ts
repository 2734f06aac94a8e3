import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import type { AwsClientConfig } from '../aws.ts';
import { AgentError, ask } from '../invoke/ask.ts';
import { describeError, UserError } from '../user-error.ts';

/** A question that the model answers with a tool: the key, the model and the tools have to work. */
export const defaultPrompt = 'How much is 2X2?';

/** Milliseconds: a container that starts, and an answer with a tool. */
const longestAnswer = 120_000;

/** Who asks what, and through which endpoint. */
export interface SmokeTest {
  readonly runtimeArn: string;
  readonly qualifier: string;
  readonly userId: string;
  readonly prompt: string;
  /** Name of the environment, for what to do about an error. */
  readonly environment: string;
}

/**
 * Asks an agent in a session of its own. What the agent itself calls worth another try is asked once more.
 *
 * @param longest milliseconds that one answer may take
 * @returns the text of its answer
 * @throws UserError in one sentence where there is no answer, or one that is empty or not whole
 */
export async function smokeTest(client: AwsClientConfig, test: SmokeTest, longest = longestAnswer): Promise<string> {
  const agentCore = new BedrockAgentCoreClient(client);
  try {
    return await answerOf(agentCore, test, longest).catch((error: unknown) => {
      if (error instanceof AgentError && error.retryable) return answerOf(agentCore, test, longest);
      throw error;
    });
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(describeError(error));
  } finally {
    agentCore.destroy();
  }
}

async function answerOf(agentCore: BedrockAgentCoreClient, test: SmokeTest, longest: number): Promise<string> {
  const signal = AbortSignal.timeout(longest);
  let text = '';
  let isWhole = false;
  try {
    for await (const event of ask(agentCore, { ...test, sessionId: `release-${randomUUID()}`, signal })) {
      if (typeof event === 'string') text += event;
      else isWhole ||= 'messageStop' in event;
    }
  } catch (error) {
    if (signal.aborted) throw new UserError(`no whole answer came within ${longest / 1_000} seconds`);
    throw error;
  }
  if (!isWhole) throw new UserError('the answer broke off');
  if (text.trim() === '') throw new UserError('the answer is empty');
  return text;
}
