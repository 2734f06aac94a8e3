import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import type { AnswerEvent } from '../../agent/src/answer-event.ts';
import { terminalText } from '../../agent/src/terminal-text.ts';
import { describeError } from '../user-error.ts';

/** What a chat needs of the world. */
export interface ChatOptions {
  readonly sessionId: string;
  /** Asks within a session; ends with the signal. */
  readonly ask: (prompt: string, sessionId: string, signal: AbortSignal) => AsyncIterable<AnswerEvent>;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const help = `/new begins a new conversation, /exit or Ctrl-D ends the chat, Ctrl-C ends an answer.`;

/**
 * Asks again and again within one session: prompts come line by line, answers as they are said. An answer that fails, or
 * that Ctrl-C ends, does not end the chat.
 *
 * @returns how many prompts got an error for an answer
 */
export async function chat({ sessionId: first, ask, input, output }: ChatOptions): Promise<number> {
  const lines = createInterface({ input, output, terminal: output.isTTY ?? false });
  const show = (text: string) => void output.write(terminalText(text, output));
  // Our own style comes last: a terminal gets no control characters of the text.
  const showAside = (text: string) => {
    if (text !== '') output.write(styleText('dim', terminalText(text, output), { stream: output }));
  };
  let sessionId = first;
  let answer: AbortController | undefined;
  let unanswered = 0;
  let closed = false;
  lines.once('close', () => {
    closed = true;
  });

  lines.on('SIGINT', () => {
    if (answer) answer.abort();
    else lines.close();
  });

  async function tell(prompt: string): Promise<void> {
    answer = new AbortController();
    try {
      for await (const event of ask(prompt, sessionId, answer.signal)) {
        if (typeof event === 'string') show(event);
        else showAside(note(event));
      }
      show('\n');
    } catch (error) {
      if (answer.signal.aborted) return showAside('\n(ended; it is not part of the conversation)\n');
      unanswered++;
      show(`\n${describeError(error)}\n`);
    } finally {
      answer = undefined;
    }
  }

  showAside(`${help}\nSession ${sessionId}\n`);
  lines.setPrompt(output.isTTY ? '> ' : '');
  lines.prompt();
  for await (const line of lines) {
    const prompt = line.trim();
    if (prompt === '/exit') break;
    if (prompt === '/new') {
      sessionId = `session-${randomUUID()}`;
      showAside(`Session ${sessionId}\n`);
    } else if (prompt.startsWith('/')) {
      showAside(`${help}\n`);
    } else if (prompt !== '') {
      await tell(prompt);
    }
    // A file or a pipe was read to its end long ago.
    if (!closed) lines.prompt();
  }
  lines.close();
  return unanswered;
}

/** What a person sees of an event that is no text: which tool the model calls, and whether it failed. */
function note(event: Exclude<AnswerEvent, string>): string {
  if ('toolUse' in event) return `[${event.toolUse.name} ${JSON.stringify(event.toolUse.input)}]\n`;
  if ('toolResult' in event) return event.toolResult.status === 'error' ? '[the tool failed]\n' : '';
  const { usage } = event.messageStop;
  return usage ? `\n[${usage.inputTokens} tokens read, ${usage.outputTokens} said]` : '';
}
