import { InvocationError } from './invocation-error.ts';

/** What the agent is asked. */
export interface Payload {
  readonly prompt: string;
}

const example = '{"prompt": "What is the weather now?"}';

/**
 * Reads a payload.
 *
 * @param text JSON with a `prompt`; other members are left for later versions to understand
 * @throws InvocationError InvalidPayload, saying which part is wrong
 */
export function parsePayload(text: string): Payload {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('is not a JSON object');
  if (!hasPrompt(value)) throw invalid('has no "prompt"');
  if (typeof value.prompt !== 'string') throw invalid('has a "prompt" that is not a string');
  if (value.prompt.trim() === '') throw invalid('has an empty "prompt"');
  // Half a character, as JSON can write it, is nothing that a model provider takes.
  return { prompt: value.prompt.toWellFormed() };
}

function hasPrompt(value: object): value is { prompt: unknown } {
  return Object.hasOwn(value, 'prompt');
}

function invalid(problem: string): InvocationError {
  return new InvocationError('InvalidPayload', `The payload ${problem}. It must look like ${example}.`);
}
