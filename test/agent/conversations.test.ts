import { charactersOf } from '../../agent/src/conversation-window.ts';
import { Conversations, type Turn } from '../../agent/src/conversations.ts';
import { said } from './support/messages.ts';

const limits = { turns: 10, characters: 10_000, waiting: 2, sessions: 3, allCharacters: 100_000 };
const { signal: never } = new AbortController();
const prompt = (text: string) => said('user', text);

/** One turn that adds a prompt to its conversation. */
async function say(conversations: Conversations, sessionId: string, text: string): Promise<Turn['history']> {
  const turn = await conversations.begin(sessionId, never);
  turn.keep([...turn.history, prompt(text)]);
  turn.end();
  return turn.history;
}

async function historyOf(conversations: Conversations, sessionId: string): Promise<string[]> {
  const turn = await conversations.begin(sessionId, never);
  turn.end();
  return turn.history.map(({ content: [block] }) => (block?.type === 'textBlock' ? block.text : ''));
}

test('a conversation goes on where it ended', async () => {
  const conversations = new Conversations(limits);
  expect(await say(conversations, 'a', 'one')).toEqual([]);
  await say(conversations, 'a', 'two');
  expect(await historyOf(conversations, 'a')).toEqual(['one', 'two']);
});

test('sessions know nothing of each other', async () => {
  const conversations = new Conversations(limits);
  await say(conversations, 'a', 'of a');
  expect(await say(conversations, 'b', 'of b')).toEqual([]);
  expect(await historyOf(conversations, 'a')).toEqual(['of a']);
});

test('a prompt outside of sessions has no history and leaves none', async () => {
  const conversations = new Conversations(limits);
  const turn = await conversations.begin(undefined, never);
  turn.keep([prompt('nowhere')]);
  turn.end();
  expect((await conversations.begin(undefined, never)).history).toEqual([]);
});

test('a turn that keeps nothing leaves the conversation as it was', async () => {
  const conversations = new Conversations(limits);
  await say(conversations, 'a', 'one');
  (await conversations.begin('a', never)).end();
  expect(await historyOf(conversations, 'a')).toEqual(['one']);
});

describe('prompts of one session', () => {
  test('have their turns one after the other, in the order in which they came', async () => {
    const conversations = new Conversations(limits);
    const order: string[] = [];
    const first = await conversations.begin('a', never);
    const others = ['second', 'third'].map(async (name) => {
      const turn = await conversations.begin('a', never);
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`end of ${name}`);
      turn.end();
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    first.end();
    await Promise.all(others);
    expect(order).toEqual(['second', 'end of second', 'third', 'end of third']);
  });

  test('do not wait for those of another', async () => {
    const conversations = new Conversations(limits);
    await conversations.begin('a', never);
    expect((await conversations.begin('b', never)).history).toEqual([]);
  });

  test('wait no longer than somebody waits for them, and those behind keep their places', async () => {
    const conversations = new Conversations(limits);
    const first = await conversations.begin('a', never);
    const gone = new AbortController();
    const second = conversations.begin('a', gone.signal);
    let thirdBegan = false;
    const third = conversations.begin('a', never).then((turn) => {
      thirdBegan = true;
      return turn;
    });
    gone.abort(new Error('went away'));
    await expect(second).rejects.toThrow('went away');
    await new Promise((resolve) => setImmediate(resolve));
    expect(thirdBegan).toBe(false);
    first.end();
    (await third).end();
  });

  test('that are too many are refused, until others have had their turn', async () => {
    const conversations = new Conversations(limits);
    const first = await conversations.begin('a', never);
    const waiting = [conversations.begin('a', never), conversations.begin('a', never)];
    await expect(conversations.begin('a', never)).rejects.toMatchObject({
      code: 'SessionBusy',
      message: 'The session has 2 prompts waiting for their turn already.',
    });
    first.end();
    for (const turn of waiting) (await turn).end();
    (await conversations.begin('a', never)).end();
  });
});

describe('memory', () => {
  test('holds so many sessions; the one that was silent for longest is forgotten first', async () => {
    const conversations = new Conversations(limits);
    for (const id of ['a', 'b', 'c']) await say(conversations, id, id);
    await say(conversations, 'a', 'again');
    await say(conversations, 'd', 'd');
    expect(await historyOf(conversations, 'b')).toEqual([]);
    expect(await historyOf(conversations, 'a')).toEqual(['a', 'again']);
    expect(await historyOf(conversations, 'c')).toEqual(['c']);
    expect(await historyOf(conversations, 'd')).toEqual(['d']);
  });

  test('holds so many characters in all', async () => {
    const text = 'x'.repeat(1000);
    const allCharacters = 2 * charactersOf([prompt(text)]);
    const conversations = new Conversations({ ...limits, allCharacters });
    for (const id of ['a', 'b', 'c']) await say(conversations, id, text);
    expect(await historyOf(conversations, 'a')).toEqual([]);
    expect(await historyOf(conversations, 'b')).toEqual([text]);
    expect(await historyOf(conversations, 'c')).toEqual([text]);
  });

  test('is given back: what was forgotten makes room for as much', async () => {
    const text = 'x'.repeat(1000);
    const allCharacters = 2 * charactersOf([prompt(text)]);
    const conversations = new Conversations({ ...limits, allCharacters });
    for (let i = 0; i < 100; i++) await say(conversations, `session ${i}`, text);
    expect(await historyOf(conversations, 'session 98')).toEqual([text]);
    expect(await historyOf(conversations, 'session 99')).toEqual([text]);
    expect(await historyOf(conversations, 'session 97')).toEqual([]);
  });

  test('does not forget a session in the middle of a turn', async () => {
    const conversations = new Conversations(limits);
    await say(conversations, 'a', 'one');
    const turn = await conversations.begin('a', never);
    for (const id of ['b', 'c', 'd', 'e']) await say(conversations, id, id);
    turn.keep([...turn.history, prompt('two')]);
    turn.end();
    expect(await historyOf(conversations, 'a')).toEqual(['one', 'two']);
  });

  test('holds nothing of a session whose first prompt failed', async () => {
    const conversations = new Conversations({ ...limits, sessions: 1 });
    await say(conversations, 'a', 'one');
    (await conversations.begin('b', never)).end();
    expect(await historyOf(conversations, 'a')).toEqual(['one']);
  });
});
