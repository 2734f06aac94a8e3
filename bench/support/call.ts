import { Agent, request } from 'node:http';

/** The times of one call, in milliseconds since it was begun. */
export interface CallTimes {
  /** Of the first event, or of the first byte of an answer in one piece. */
  readonly first: number;
  readonly last: number;
  readonly events: number;
}

export interface Call {
  readonly url: string;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A caller of its own keeps its connections; by node:http, as the caller shall not be what takes the time. */
export function createCaller() {
  const connections = new Agent({ keepAlive: true });
  return {
    call: ({ url, body, headers = {} }: Call) =>
      new Promise<CallTimes>((resolve, reject) => {
        const text = JSON.stringify(body);
        const startedAt = performance.now();
        const question = request(
          url,
          {
            agent: connections,
            method: 'POST',
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
          },
          (response) => {
            let first: number | undefined;
            let events = 0;
            let said = '';
            response.on('data', (data: Buffer) => {
              first ??= performance.now() - startedAt;
              const piece = data.toString('latin1');
              if (said.length < 200) said += piece;
              events += piece.split('data: ').length - 1;
            });
            response.once('error', reject);
            response.once('end', () => {
              // A failure is quick, and would be a good figure.
              if (response.statusCode !== 200 || said.includes('"error"')) return reject(new Error(said));
              const last = performance.now() - startedAt;
              resolve({ first: first ?? last, last, events });
            });
          },
        );
        question.once('error', reject);
        question.end(text);
      }),
    close: () => connections.destroy(),
  };
}
