import { charactersOf, dropOlderHalf, lastTurns } from '../../agent/src/conversation-window.ts';
import { said, toolResult, toolUse } from './support/messages.ts';

const turn = (name: string) => [said('user', `Question ${name}`), said('assistant', `Answer ${name}`)];
const turnWithTool = (name: string) => [
  said('user', `Question ${name}`),
  toolUse(name),
  toolResult(name),
  said('assistant', `Answer ${name}`),
];
const all = { turns: 100, characters: 100_000 };

describe('the last turns of a conversation', () => {
  test('are all of it, as long as it fits', () => {
    const messages = [...turn('a'), ...turnWithTool('b'), ...turn('c')];
    expect(lastTurns(messages, all)).toEqual(messages);
  });

  test('are as many as allowed', () => {
    const messages = [...turn('a'), ...turn('b'), ...turn('c')];
    expect(lastTurns(messages, { ...all, turns: 2 })).toEqual([...turn('b'), ...turn('c')]);
  });

  test('are as long as allowed', () => {
    const messages = [...turn('a'), ...turnWithTool('b'), ...turn('c')];
    const characters = charactersOf([...turnWithTool('b'), ...turn('c')]);
    expect(lastTurns(messages, { ...all, characters })).toEqual([...turnWithTool('b'), ...turn('c')]);
    expect(lastTurns(messages, { ...all, characters: characters - 1 })).toEqual(turn('c'));
  });

  test('are whole: no tool call loses its result', () => {
    const messages = [...turnWithTool('a'), ...turnWithTool('b')];
    expect(lastTurns(messages, { ...all, turns: 1 })).toEqual(turnWithTool('b'));
  });

  test('are at least one, however long', () => {
    expect(lastTurns([...turn('a'), ...turnWithTool('b')], { turns: 5, characters: 1 })).toEqual(turnWithTool('b'));
  });

  test('of nothing are nothing', () => {
    expect(lastTurns([], all)).toEqual([]);
  });
});

describe('a conversation that is too long for the model', () => {
  test('loses its older half, and half of the rest the next time', () => {
    const messages = [...turn('a'), ...turnWithTool('b'), ...turn('c'), ...turn('d'), said('user', 'Now?')];
    expect(dropOlderHalf(messages)).toBe(true);
    expect(messages).toEqual([...turn('d'), said('user', 'Now?')]);
    expect(dropOlderHalf(messages)).toBe(true);
    expect(messages).toEqual([said('user', 'Now?')]);
  });

  test('cannot lose the prompt that is to be answered', () => {
    const messages = [said('user', 'Now?')];
    expect(dropOlderHalf(messages)).toBe(false);
    expect(messages).toEqual([said('user', 'Now?')]);
  });
});
