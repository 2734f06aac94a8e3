import { parsePayload } from '../../agent/src/payload.ts';

describe('a payload', () => {
  test('is JSON with a prompt', () => {
    expect(parsePayload('{"prompt": "What is the weather now?"}')).toEqual({ prompt: 'What is the weather now?' });
  });

  test('may hold more than this version knows', () => {
    expect(parsePayload('{"prompt": "Hi", "temperature": 1}')).toEqual({ prompt: 'Hi' });
  });

  test.each([
    ['', 'is not JSON'],
    ['What is the weather now?', 'is not JSON'],
    ['"Hi"', 'is not a JSON object'],
    ['[{"prompt": "Hi"}]', 'is not a JSON object'],
    ['null', 'is not a JSON object'],
    ['{}', 'has no "prompt"'],
    ['{"Prompt": "Hi"}', 'has no "prompt"'],
    ['{"prompt": 3}', 'has a "prompt" that is not a string'],
    ['{"prompt": " \\n"}', 'has an empty "prompt"'],
  ])('is refused: %s %s', (text, problem) => {
    expect(() => parsePayload(text)).toThrow(
      expect.objectContaining({ code: 'InvalidPayload', message: expect.stringContaining(`The payload ${problem}.`) }),
    );
  });
});
