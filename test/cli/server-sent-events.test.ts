import { eventData } from '../../cli/invoke/server-sent-events.ts';

async function read(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  async function* stream() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  }
  return Array.fromAsync(eventData(stream()));
}

describe('server-sent events', () => {
  test('give the data of each event', async () => {
    expect(await read('data: "a"\n\ndata: "b"\n\n')).toEqual(['"a"', '"b"']);
  });

  test('may be cut anywhere, also inside a character', async () => {
    const bytes = new TextEncoder().encode('data: "한국"\n\n');
    expect(await read(bytes.slice(0, 8), bytes.slice(8, 9), bytes.slice(9))).toEqual(['"한국"']);
  });

  test('join lines of data, take CRLF, and skip comments and other fields', async () => {
    expect(await read(': heartbeat\r\n\r\nevent: x\r\ndata: 1\r\ndata:2\r\n\r\n')).toEqual(['1\n2']);
  });

  test('without the empty line at the end are not an event', async () => {
    expect(await read('data: "cut off"\n')).toEqual([]);
  });
});
