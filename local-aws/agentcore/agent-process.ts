import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerImage } from '../ecr/image-store.ts';
import { baseEnvironment } from '../process/base-environment.ts';
import { NodeChild } from '../process/node-child.ts';
import { writeFiles } from '../process/zip.ts';
import type { CodePackage } from './code-artifact.ts';
import type { RuntimeArtifact } from './runtime-definition.ts';

/** What an agent's container is started with. */
export interface AgentProcessOptions {
  readonly artifact: RuntimeArtifact;
  /** Over those of the image. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder of this container alone, which stands for its home and its `/tmp`. */
  readonly scratch: string;
  readonly onLine: (line: string) => void;
}

const startLimit = 120_000;
const pollInterval = 15;

/**
 * An agent's container: here a child process that runs the image's own command, or the entry point of its code, with the
 * Node.js of this process, on a loopback port of its own.
 */
export class AgentProcess {
  readonly #child: NodeChild;
  readonly #port: number;

  private constructor(child: NodeChild, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** Starts the command; the answer to `/ping` is waited for by `healthy`. */
  static async start({ artifact, env, scratch, onLine }: AgentProcessOptions): Promise<AgentProcess> {
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const port = await freePort();
    const program =
      artifact.kind === 'container' ? programOfImage(artifact.image) : await programOfCode(artifact.code, scratch);
    const child = new NodeChild({
      args: program.args,
      cwd: program.cwd,
      env: {
        ...program.env,
        ...env,
        ...baseEnvironment(scratch),
        TMPDIR: scratch,
        HOST: '127.0.0.1',
        PORT: String(port),
      },
      onLine,
    });
    return new AgentProcess(child, port);
  }

  get alive(): boolean {
    return this.#child.alive;
  }

  /** Fulfilled when the process has ended. */
  get exited(): Promise<unknown> {
    return this.#child.exited;
  }

  /** Waits for the first healthy `/ping`; false when the process ended before, or took longer than 120 seconds. */
  async healthy(): Promise<boolean> {
    const end = Date.now() + startLimit;
    while (this.alive && Date.now() < end) {
      // The port was free a moment ago, so what answers on it is this process, as long as it lives.
      if ((await this.ping()) !== undefined && this.alive) return true;
      await sleep(pollInterval);
    }
    return false;
  }

  /** What `/ping` says: `Healthy`, `HealthyBusy`; undefined for anything that is not a healthy answer. */
  async ping(): Promise<string | undefined> {
    try {
      const response = await this.send('GET', '/ping', {}, undefined, AbortSignal.timeout(5000));
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      if (response.statusCode !== 200) return undefined;
      const { status } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { status?: unknown };
      return status === 'Healthy' || status === 'HealthyBusy' ? status : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Sends a request to the container; the answer's body is still to be read.
   *
   * @throws Error when the container does not answer, or `signal` aborts
   */
  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: this.#port, method, path, headers, signal, agent: false },
        resolve,
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}

/** What Node.js runs, and where. */
interface Program {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function programOfImage(image: ContainerImage): Program {
  const [, ...args] = [...image.entrypoint, ...image.command];
  return {
    args: args.map((arg) => inImage(image, arg)),
    cwd: join(image.directory, image.workingDirectory || '/'),
    env: image.environment,
  };
}

/** Unpacks the code for this session alone. */
async function programOfCode({ files, entryPoint }: CodePackage, scratch: string): Promise<Program> {
  const cwd = join(scratch, 'code');
  await writeFiles(files, cwd);
  return { args: [entryPoint], cwd, env: {} };
}

/** A path in the image's root, where the command means one. */
function inImage({ directory }: ContainerImage, arg: string): string {
  const path = join(directory, arg);
  return isAbsolute(arg) && existsSync(path) ? path : arg;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
