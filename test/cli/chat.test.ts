import { PassThrough } from 'node:stream';
import type { AnswerEvent } from '../../agent/src/answer-event.ts';
import { type ChatOptions, chat } from '../../cli/invoke/chat.ts';
import { UserError } from '../../cli/user-error.ts';

interface Asked {
  readonly prompt: string;
  readonly sessionId: string;
}

/** A chat with an agent that answers with these events, or throws. */
function startChat(answer: (prompt: string, signal: AbortSignal) => AsyncIterable<AnswerEvent>, isTTY = false) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { isTTY });
  const asked: Asked[] = [];
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const ask: ChatOptions['ask'] = (prompt, sessionId, signal) => {
    asked.push({ prompt, sessionId });
    return answer(prompt, signal);
  };
  const ended = chat({ sessionId: 'session-1', ask, input, output });
  return { input, asked, ended, shown: () => shown };
}

async function* says(...events: readonly AnswerEvent[]): AsyncGenerator<AnswerEvent> {
  yield* events;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 2000; !condition(); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (Date.now() > end) throw new Error(`Still not true: ${condition}`);
  }
}

describe('a chat', () => {
  test('asks line by line in one session, and passes over empty lines', async () => {
    const { input, asked, ended, shown } = startChat((prompt) => says(`You said ${prompt}.`));
    input.end('one\n\n  two  \n');
    expect(await ended).toBe(0);
    expect(asked).toEqual([
      { prompt: 'one', sessionId: 'session-1' },
      { prompt: 'two', sessionId: 'session-1' },
    ]);
    expect(shown()).toContain('You said one.\n');
    expect(shown()).toContain('You said two.\n');
  });

  test('has a style of its own on a terminal, and lets no other through', async () => {
    const { input, ended, shown } = startChat(
      () => says({ toolUse: { toolUseId: '1', name: '\x1b[31mred', input: {} } }, '\x1b]0;title\x07Hello.'),
      true,
    );
    input.end('one\n');
    await ended;
    expect(shown()).toContain('\x1b[2m/new begins a new conversation');
    expect(shown()).toContain('\x1b[2m[[31mred {}]\n\x1b[22m');
    expect(shown()).toContain(']0;titleHello.');
    expect(shown().replaceAll('\x1b[2m', '').replaceAll('\x1b[22m', '')).not.toMatch(/\[22?m/);
  });

  test('shows which tools the model calls, and what it cost', async () => {
    const { input, ended, shown } = startChat(() =>
      says(
        { toolUse: { toolUseId: '1', name: 'calculator', input: { expression: '1/0' } } },
        { toolResult: { toolUseId: '1', status: 'error' } },
        'I cannot.',
        { messageStop: { stopReason: 'end_turn', usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11 } } },
      ),
    );
    input.end('How much is 1/0?\n');
    await ended;
    expect(shown()).toContain(
      '[calculator {"expression":"1/0"}]\n[the tool failed]\nI cannot.\n[9 tokens read, 2 said]\n',
    );
  });

  test('begins a new conversation with /new, ends with /exit, and explains itself', async () => {
    const { input, asked, ended, shown } = startChat(() => says('Yes.'));
    input.end('/help\nold\n/new\nnew\n/exit\nnever\n');
    expect(await ended).toBe(0);
    expect(asked.map(({ prompt }) => prompt)).toEqual(['old', 'new']);
    expect(asked[1]?.sessionId).toMatch(/^session-[\w-]{36}$/);
    expect(shown()).toMatch(/\/new begins a new conversation/);
  });

  test('goes on after an answer that failed, and counts it', async () => {
    const { input, ended, shown } = startChat((prompt) => {
      if (prompt === 'fail') throw new UserError('ModelThrottled: Later.');
      return says('Yes.');
    });
    input.end('fail\nwork\n');
    expect(await ended).toBe(1);
    expect(shown()).toContain('ModelThrottled: Later.\n');
    expect(shown()).toContain('Yes.\n');
  });

  test('ends an answer with Ctrl-C, and itself with another at the prompt', async () => {
    let aborted = false;
    const { input, asked, ended, shown } = startChat(async function* (_prompt, signal) {
      yield 'Well';
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      aborted = true;
    }, true);
    input.write('long\r');
    await until(() => shown().includes('Well'));
    input.write('\u0003');
    await until(() => shown().includes('it is not part of the conversation'));
    expect(aborted).toBe(false);
    expect(asked).toHaveLength(1);
    input.write('\u0003');
    expect(await ended).toBe(0);
  });

  test('lets no answer steer the terminal', async () => {
    const { input, ended, shown } = startChat(() => says('a\u001b[2Jb'), true);
    input.write('Hi\r');
    await until(() => shown().includes('b\n'));
    input.write('\u0004');
    await ended;
    expect(shown()).toContain('a[2Jb');
  });
});
