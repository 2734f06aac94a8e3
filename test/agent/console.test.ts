import { consoleIntoLog } from '../../agent/src/console.ts';

const own = { ...console };

afterEach(() => {
  Object.assign(console, own);
  jest.restoreAllMocks();
});

test('what a library writes to the console is one line of JSON each, without what looks like a key', () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  consoleIntoLog();
  console.warn('The SDK warns\nof %s', 'Bearer abcdefgh12345678', { attempt: 1 });
  console.log('A tool says so.');
  const lines = write.mock.calls.map(([line]) => JSON.parse(String(line)));
  expect(lines).toEqual([
    {
      timestamp: expect.any(String),
      level: 'warn',
      message: 'console',
      detail: 'The SDK warns of [redacted] { attempt: 1 }',
    },
    { timestamp: expect.any(String), level: 'info', message: 'console', detail: 'A tool says so.' },
  ]);
});
