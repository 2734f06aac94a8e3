import type { Message } from '@strands-agents/sdk';

/** How much of a conversation is kept. */
export interface WindowLimits {
  readonly turns: number;
  /** Of all its messages as JSON. */
  readonly characters: number;
}

/**
 * The last turns of a conversation, whole: no tool call without its result, no answer without its prompt.
 *
 * @returns the last turn in any case, however long
 */
export function lastTurns(messages: readonly Message[], limits: WindowLimits): Message[] {
  const starts = turnStarts(messages);
  let from = starts.at(-1) ?? 0;
  for (const start of starts.slice(-limits.turns).reverse()) {
    if (charactersOf(messages.slice(start)) > limits.characters) break;
    from = start;
  }
  return messages.slice(from);
}

/**
 * Takes the older half of the turns out of a conversation.
 *
 * @returns false if there is but one, which nothing can be taken from
 */
export function dropOlderHalf(messages: Message[]): boolean {
  const starts = turnStarts(messages);
  const kept = starts[Math.ceil(starts.length / 2)];
  if (kept === undefined) return false;
  messages.splice(0, kept);
  return true;
}

export function charactersOf(messages: readonly Message[]): number {
  return JSON.stringify(messages).length;
}

/** Where each turn begins: at the prompts, which unlike the results of tools a person wrote. */
function turnStarts(messages: readonly Message[]): number[] {
  return messages.flatMap(({ role, content }, index) =>
    role === 'user' && !content.some(({ type }) => type === 'toolResultBlock') ? [index] : [],
  );
}
