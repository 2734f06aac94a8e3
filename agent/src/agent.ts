import { AfterToolCallEvent, Agent, configureLogging } from '@strands-agents/sdk';
import type { ApiKeySource } from './api-key.ts';
import { InvocationError } from './invocation-error.ts';
import { modelLimits } from './limits.ts';
import { createModel } from './model.ts';
import { fromModelError } from './model-errors.ts';
import type { AgentSettings } from './settings.ts';
import { boundToolResult } from './tool-results.ts';
import { calculator } from './tools/calculator.ts';
import { weather } from './tools/weather.ts';

/** AgentCore Runtime gives up a request after 15 minutes; the agent does before, so that the caller gets a reason. */
const maxDurationMs = 14 * 60 * 1000;

/** One prompt and what answering it takes. */
export interface Question {
  readonly prompt: string;
  readonly settings: AgentSettings;
  readonly apiKey: ApiKeySource;
  /** Aborted when nobody waits for the answer any more, with an InvocationError as the reason. */
  readonly signal: AbortSignal;
}

// Its warnings may quote what the model or the user said, and are not the one line per request that the log promises.
const silent = () => undefined;
configureLogging({ debug: silent, info: silent, warn: silent, error: silent });

/**
 * Asks the agent.
 *
 * @returns the text of the answer in pieces, as the model sends them
 * @throws InvocationError in the middle of the iteration, for whatever ends it early
 */
export async function* ask({ prompt, settings, apiKey, signal }: Question): AsyncGenerator<string> {
  const deadline = AbortSignal.timeout(maxDurationMs);
  const inOurWords = (error: unknown) =>
    fromModelError(error, { modelId: settings.modelId, keyName: apiKey.keyName, keyRemedy: apiKey.remedy });
  const agent = createAgent(settings, apiKey, inOurWords);
  try {
    const events = agent.stream(prompt, {
      cancelSignal: AbortSignal.any([signal, deadline]),
      limits: { turns: modelLimits.turns },
    });
    let spoken = 0;
    let separator = '';
    for await (const event of events) {
      if (event.type === 'agentResultEvent') checkStopReason(event.result.stopReason, signal);
      if (event.type !== 'modelStreamUpdateEvent') continue;
      const update = event.event;
      // What the model says before and after a tool call are two paragraphs, and would run into each other.
      if (update.type === 'modelMessageStartEvent' && spoken > 0) separator = '\n\n';
      if (update.type === 'modelContentBlockDeltaEvent' && update.delta.type === 'textDelta') {
        spoken += update.delta.text.length;
        if (spoken > modelLimits.answer) throw tooLong();
        yield separator + update.delta.text;
        separator = '';
      }
    }
  } catch (error) {
    throw inOurWords(error);
  }
}

function createAgent(settings: AgentSettings, apiKey: ApiKeySource, inOurWords: (error: unknown) => Error): Agent {
  const agent = new Agent({
    model: createModel({ settings, apiKey, inOurWords, maxDurationMs }),
    systemPrompt: settings.systemPrompt,
    tools: [calculator, weather],
    retryStrategy: null,
    printer: false,
  });
  agent.addHook(AfterToolCallEvent, boundToolResult);
  return agent;
}

function tooLong(): InvocationError {
  return new InvocationError(
    'ModelResponseInvalid',
    `The answer of the model has more than ${modelLimits.answer.toLocaleString('en')} characters: the agent stopped reading it.`,
  );
}

function checkStopReason(stopReason: string, signal: AbortSignal): void {
  switch (stopReason) {
    case 'cancelled':
      signal.throwIfAborted();
      throw new InvocationError('ModelTimeout', `The agent found no answer in ${maxDurationMs / 60_000} minutes.`);
    case 'limitTurns':
      throw new InvocationError(
        'ToolLoopLimitExceeded',
        `The model kept calling tools: the agent stopped it after ${modelLimits.turns} rounds without a final answer.`,
      );
    case 'contentFiltered':
      throw new InvocationError(
        'ModelRejectedRequest',
        'The model provider rejected the request or its answer (content_filter).',
      );
  }
}
