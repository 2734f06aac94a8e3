import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly [field: string]: unknown;
}

export interface Invocation {
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Sent as `{"prompt": …}`. */
  readonly prompt?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export const workloadAccessToken = 'workload-access-token-of-the-test';
/** As AgentCore Runtime sends it: under each of its names. */
export const tokenHeader = {
  WorkloadAccessToken: workloadAccessToken,
  'X-Amz-Bedrock-AgentCore-Identity-WAT': workloadAccessToken,
  'X-Amzn-Bedrock-AgentCore-Runtime-Workload-AccessToken': workloadAccessToken,
};

/** What the Dockerfile starts. */
const [, ...command] = JSON.parse(
  /^CMD (.*)$/m.exec(readFileSync(join(import.meta.dirname, '../../../agent/Dockerfile'), 'utf8'))?.[1] ?? '[]',
) as string[];

/** The agent in a process of its own, as AgentCore Runtime would run it. */
export class RunningAgent {
  readonly process: ChildProcess;
  /** All that it wrote, stdout and stderr together. */
  output = '';
  url = '';

  private constructor(bundle: string, env: Readonly<Record<string, string>>) {
    this.process = spawn(process.execPath, command, {
      cwd: bundle,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        HOST: '127.0.0.1',
        PORT: '0',
        AWS_REGION: 'us-west-2',
        AWS_ACCESS_KEY_ID: 'AKIATEST',
        AWS_SECRET_ACCESS_KEY: 'secret',
        CREDENTIAL_PROVIDER_NAME: 'openai-test',
        ...env,
      },
    });
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.output += chunk;
    });
  }

  /** @returns once it listens, or has ended: `url` is empty then */
  static async start(bundle: string, env: Readonly<Record<string, string>> = {}): Promise<RunningAgent> {
    const agent = new RunningAgent(bundle, env);
    const { stdout } = agent.process;
    if (!stdout) throw new Error('The agent has no stdout.');
    await new Promise<void>((resolve) => {
      agent.process.once('close', () => resolve());
      createInterface(stdout).on('line', (line) => {
        agent.output += `${line}\n`;
        const { message, port } = JSON.parse(line) as LogLine;
        if (message !== 'listening') return;
        agent.url = `http://127.0.0.1:${port}`;
        resolve();
      });
    });
    return agent;
  }

  get log(): LogLine[] {
    return this.output
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The lines about invocations, one for each. */
  get invocationLog(): LogLine[] {
    return this.log.filter(({ message }) => message.startsWith('invocation '));
  }

  ping(): Promise<Response> {
    return fetch(`${this.url}/ping`);
  }

  invoke({ body, prompt, headers = tokenHeader, accept, signal }: Invocation): Promise<Response> {
    return fetch(`${this.url}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(accept ? { accept } : {}), ...headers },
      body: body ?? JSON.stringify({ prompt }),
      ...(signal ? { signal } : {}),
    });
  }

  /** @returns what the answer says: a text, or `{ error }` */
  async ask(prompt: string, invocation: Invocation = {}): Promise<unknown> {
    return (await this.invoke({ prompt, ...invocation })).json();
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'close');
  }
}

/** The data of the events of an event stream, in their order. */
export function eventsOf(stream: string): unknown[] {
  return stream
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as unknown);
}

/** The text in the events of an answer. */
export function textOf(events: readonly unknown[]): string {
  return events.filter((event) => typeof event === 'string').join('');
}

/** Waits until something that another process does has happened. */
export async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 4000; !condition(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > deadline) throw new Error(`Still not true after 4 s: ${condition}`);
  }
}
