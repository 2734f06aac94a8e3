// The agent of these tests: does what the prompt says.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const started = Date.now();
let word = 'nothing yet';

interface Input {
  readonly prompt: string;
  readonly value: string;
  readonly count: number;
  readonly status: number;
}

const prompts: Record<string, (request: IncomingMessage, response: ServerResponse, input: Input) => unknown> = {
  environment: (_request, response) => json(response, process.env),
  headers: (request, response) => json(response, request.headers),
  process: (_request, response) => json(response, { pid: process.pid, cwd: process.cwd() }),
  remember(_request, response, { value }) {
    const before = word;
    word = value;
    json(response, { before });
  },
  say(_request, response, { value }) {
    console.log(value);
    json(response, {});
  },
  async stream(_request, response, { count }) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.once('close', () => console.log('stream closed', response.writableFinished));
    for (let i = 1; i <= count && !response.destroyed; i++) {
      response.write(`data: ${JSON.stringify(`chunk ${i}`)}\n\n`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    response.end();
  },
  fail: (_request, response, { status }) => json(response, { secret: 'the inside story' }, status),
  exit: () => process.exit(1),
};

createServer(async (request, response) => {
  if (request.url === '/ping') {
    return json(response, { status: process.env.PING ?? 'Healthy', time_of_last_update: Math.floor(started / 1000) });
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const input = JSON.parse(body) as Input;
  return prompts[input.prompt]?.(request, response, input);
}).listen(Number(process.env.PORT), process.env.HOST);

if (process.env.CRASH) throw new Error('crash at the start');
if (process.env.STUBBORN) process.on('SIGTERM', () => {});

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
