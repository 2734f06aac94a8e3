import {
  AfterToolCallEvent,
  Agent,
  type AgentResult,
  configureLogging,
  type ModelStreamEvent,
} from '@strands-agents/sdk';
import type { AnswerEvent } from './answer-event.ts';
import { InvocationError } from './invocation-error.ts';
import { modelLimits } from './limits.ts';
import { createModel } from './model.ts';
import { fromModelError } from './model-errors.ts';
import { itemsOrAborted } from './or-aborted.ts';
import { OverflowManager } from './overflow.ts';
import type { Question } from './question.ts';
import { boundToolResult } from './tool-results.ts';
import { createTools } from './tools/index.ts';

// Its warnings may quote what the model or the user said, and are not the one line per request that the log promises.
const silent = () => undefined;
configureLogging({ debug: silent, info: silent, warn: silent, error: silent });

/**
 * Asks the agent. Only an answer that is whole becomes a part of the conversation.
 *
 * @returns the answer in events, as they happen
 * @throws InvocationError in the middle of the iteration, for whatever ends it early
 */
export async function* ask(question: Question): AsyncGenerator<AnswerEvent> {
  const { prompt, turn, settings, apiKey, signal } = question;
  const end = createEnd(signal, settings.answerTimeoutSeconds);
  const inOurWords = (error: unknown) =>
    fromModelError(error, { model: settings.model, keyName: apiKey.keyName, keyRemedy: apiKey.remedy });
  const agent = createAgent(question, inOurWords);
  try {
    const events = agent.stream(prompt, { cancelSignal: end.signal, limits: { turns: modelLimits.turns } });
    const words = createWords();
    // Not everything in there looks at the signal: a key that is fetched does not, a tool may not.
    for await (const event of itemsOrAborted(events, end.signal)) {
      switch (event.type) {
        case 'modelStreamUpdateEvent': {
          const text = words.in(event.event);
          if (text) yield text;
          break;
        }
        case 'beforeToolCallEvent': {
          const { toolUseId, name, input } = event.toolUse;
          yield { toolUse: { toolUseId, name, input } };
          break;
        }
        case 'toolResultEvent':
          yield { toolResult: { toolUseId: event.result.toolUseId, status: event.result.status } };
          break;
        case 'agentResultEvent':
          checkStopReason(event.result.stopReason, end.signal);
          turn.keep(agent.messages);
          yield messageStop(event.result);
      }
    }
  } catch (error) {
    throw inOurWords(error);
  } finally {
    end.clear();
  }
}

/**
 * A signal that is aborted with another, or after so many seconds, with an InvocationError as the reason in either case.
 * AbortSignal.any would do, but Node.js keeps what it gives in memory for several garbage collections.
 */
function createEnd(signal: AbortSignal, seconds: number) {
  const controller = new AbortController();
  const endToo = () => controller.abort(signal.reason);
  if (signal.aborted) endToo();
  signal.addEventListener('abort', endToo);
  const timer = setTimeout(() => {
    controller.abort(new InvocationError('ModelTimeout', `The agent found no answer in ${seconds} s.`));
  }, seconds * 1000);
  const clear = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', endToo);
  };
  return { signal: controller.signal, clear };
}

/** The text in what the model streams. */
function createWords() {
  let spoken = 0;
  let separator = '';
  return {
    /** @throws InvocationError ModelResponseInvalid when it becomes too much */
    in(update: ModelStreamEvent): string {
      // What the model says before and after a tool call are two paragraphs, and would run into each other.
      if (update.type === 'modelMessageStartEvent' && spoken > 0) separator = '\n\n';
      if (update.type !== 'modelContentBlockDeltaEvent' || update.delta.type !== 'textDelta') return '';
      spoken += update.delta.text.length;
      if (spoken > modelLimits.answer) throw tooLong();
      const text = separator + update.delta.text;
      separator = '';
      return text;
    },
  };
}

/** In Amazon Bedrock's words; the answers that end for another reason are errors. */
const stopReasons: Readonly<Record<string, string>> = { endTurn: 'end_turn', stopSequence: 'stop_sequence' };

function messageStop({ stopReason, metrics }: AgentResult): AnswerEvent {
  const { inputTokens = 0, outputTokens = 0, totalTokens = 0 } = metrics?.accumulatedUsage ?? {};
  return {
    messageStop: {
      // A reason that nobody knows is the provider's own words, which may quote anything.
      stopReason: stopReasons[stopReason] ?? 'other',
      ...(totalTokens > 0 && { usage: { inputTokens, outputTokens, totalTokens } }),
    },
  };
}

function createAgent({ turn, settings, apiKey, toolKeys }: Question, inOurWords: (error: unknown) => Error): Agent {
  const agent = new Agent({
    model: createModel({ settings, apiKey, inOurWords }),
    messages: [...turn.history],
    conversationManager: new OverflowManager(),
    systemPrompt: settings.systemPrompt,
    tools: createTools({ settings, keys: toolKeys }),
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
  signal.throwIfAborted();
  switch (stopReason) {
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
