import type { ChatCompletionRequest, ChatMessage, TextResponse, ToolCall, ToolCallResponse } from '@copilotkit/aimock';
import { findExpressions } from './arithmetic.ts';

type Answer = TextResponse | ToolCallResponse;

const introduction =
  'This is the offline model, a stand-in with no intelligence. It can have the agent calculate ' +
  '("How much is 2X2?") and tell the weather ("What is the weather in Seoul?").';

/**
 * Plays the model for one request: first asks for the tools that the question needs, then passes on what they said.
 *
 * It does not calculate: a number in an answer is the result of the agent's tool, or is in no answer.
 */
export function answer(request: ChatCompletionRequest): Answer {
  const turn = currentTurn(request.messages);
  const results = turn.filter(({ role }) => role === 'tool');
  const response: Answer =
    results.length > 0
      ? { content: tellResults(turn, results) }
      : ask(textOf(request.messages.findLast(isUser)), request);
  return { ...response, usage: usage(request, response) };
}

function ask(question: string, { tools = [], messages }: ChatCompletionRequest): Answer {
  const offered = new Set(tools.map((tool) => tool.function.name));
  const said = withEarlierResult(question, messages);
  const toolCalls = [...calculations(said), ...weatherReports(question)].filter(({ name }) => offered.has(name));
  return toolCalls.length > 0 ? { toolCalls } : { content: introduction };
}

/** Puts the number that the calculator found last in the place of words that point back at it: "that times 10". */
function withEarlierResult(question: string, messages: readonly ChatMessage[]): string {
  const calculated = new Set(
    callsIn(messages)
      .filter((call) => call.function.name === 'calculator')
      .map(({ id }) => id),
  );
  const results = messages.filter(({ role, tool_call_id = '' }) => role === 'tool' && calculated.has(tool_call_id));
  const number = textOf(results.at(-1));
  if (!/^-?\d+(\.\d+)?$/.test(number)) return question;
  return question.replace(
    /\b(?:that|it|the result)\b(?=\s*(?:times|multiplied by|divided by|plus|minus|to the power of|squared|cubed|[-+*/^x×÷−]))/gi,
    number.startsWith('-') ? `(${number})` : number,
  );
}

function calculations(question: string): ToolCall[] {
  return findExpressions(question).map((expression) => ({
    name: 'calculator',
    arguments: JSON.stringify({ expression }),
  }));
}

function weatherReports(question: string): ToolCall[] {
  if (!/\bweather\b/i.test(question)) return [];
  const place =
    /\bweather\b.*?\b(?:in|at|for)\s+(\p{L}[\p{L} .'-]*?)(?=\s*(?:[?!,;.]|$|\b(?:now|today|tonight|tomorrow|right|like|and)\b))/iu.exec(
      question,
    )?.[1];
  return [{ name: 'weather', arguments: JSON.stringify(place ? { place } : {}) }];
}

function tellResults(turn: readonly ChatMessage[], results: readonly ChatMessage[]): string {
  const calls = new Map(callsIn(turn).map((call) => [call.id, call.function]));
  return results
    .map((result) => {
      const call = calls.get(result.tool_call_id ?? '');
      const said = textOf(result);
      if (said.startsWith('[ERROR]')) return `The tool ${call?.name ?? ''} could not do that: ${said.slice(7).trim()}`;
      return call?.name === 'calculator' ? `${expressionOf(call.arguments)} = ${said}.` : said;
    })
    .join(' ');
}

function callsIn(messages: readonly ChatMessage[]) {
  return messages.flatMap(({ tool_calls = [] }) => tool_calls);
}

function expressionOf(args: string): string {
  const { expression } = JSON.parse(args) as { expression?: unknown };
  return typeof expression === 'string' ? expression : '';
}

/** The messages behind the last one of the user: earlier turns have tool results of their own. */
function currentTurn(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.slice(messages.findLastIndex(isUser) + 1);
}

function isUser({ role }: ChatMessage): boolean {
  return role === 'user';
}

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('');
}

/** About four characters to a token, as OpenAI's rule of thumb has it. */
function usage(request: ChatCompletionRequest, response: Answer) {
  const tokens = (value: unknown) => Math.ceil(JSON.stringify(value).length / 4);
  const prompt_tokens = tokens(request.messages);
  const completion_tokens = tokens('content' in response ? response.content : response.toolCalls);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
