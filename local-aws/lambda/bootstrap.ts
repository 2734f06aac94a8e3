// What Lambda's Node.js runtime does, in the child process of one function: load the handler, run one event at a time,
// and send log records and results over the IPC channel, so that they arrive in order.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

/** What the parent sends: one event. */
export interface EventMessage {
  readonly requestId: string;
  readonly event: unknown;
  readonly functionArn: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** An error as Lambda puts it into the payload. */
export interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What the child sends. */
export type ChildMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly line: string }
  /** `payload` is the JSON of what the handler returned. */
  | { readonly kind: 'result'; readonly requestId: string; readonly payload: string }
  /** After a fatal one the child ends. */
  | { readonly kind: 'error'; readonly fatal: boolean; readonly error: ErrorPayload };

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback?: Callback) => unknown;

const { env } = process;
const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
let currentRequestId: string | undefined;

process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error) => fail(payloadOf(error), 129));
process.on('unhandledRejection', (reason) => {
  fail({ ...payloadOf(reason), errorType: 'Runtime.UnhandledPromiseRejection' }, 128);
});
replaceConsole();
void start();

async function start(): Promise<void> {
  let handler: Handler;
  try {
    handler = await load();
  } catch (error) {
    return fail(payloadOf(error), 1);
  }
  process.on('message', (message: EventMessage) => void run(handler, message));
  send({ kind: 'ready' });
}

async function load(): Promise<Handler> {
  const root = env.LAMBDA_TASK_ROOT ?? process.cwd();
  const name = env._HANDLER ?? '';
  const dot = name.lastIndexOf('.');
  const [module, exported] = [name.slice(0, dot), name.slice(dot + 1)];
  const file = ['.js', '.mjs', '.cjs'].map((ending) => join(root, module + ending)).find((path) => existsSync(path));
  if (dot < 1 || !file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  const exports = file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  const handler: unknown = exports[exported];
  if (handler === undefined) throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw named('Runtime.HandlerNotFound', `${name} is not a function`);
  if (handler.length > 2 && env.AWS_EXECUTION_ENV !== 'AWS_Lambda_nodejs22.x') {
    throw named(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
    );
  }
  return handler as Handler;
}

async function run(handler: Handler, { requestId, event, functionArn, deadline }: EventMessage): Promise<void> {
  currentRequestId = requestId;
  try {
    const result = await call(handler, event, {
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
      invokedFunctionArn: functionArn,
      logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
      memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    send({ kind: 'result', requestId, payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    log('ERROR', ['Invoke Error', JSON.stringify(payloadOf(error))]);
    send({ kind: 'error', fatal: false, error: payloadOf(error) });
  }
}

function call(handler: Handler, event: unknown, context: object): unknown {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    Promise.resolve(handler(event, context, (error, result) => (error ? reject(error) : resolve(result)))).catch(
      reject,
    );
  });
}

function fail(error: ErrorPayload, exitCode: number): void {
  log('ERROR', [currentRequestId ? 'Uncaught Exception' : 'Init Error', JSON.stringify(error)]);
  process.send?.({ kind: 'error', fatal: true, error } satisfies ChildMessage, () => process.exit(exitCode));
}

function payloadOf(thrown: unknown): ErrorPayload {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function replaceConsole(): void {
  const methods = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', log: 'INFO', warn: 'WARN', error: 'ERROR' } as const;
  for (const [method, level] of Object.entries(methods)) {
    console[method as keyof typeof methods] = (...values: unknown[]) => log(level, values);
  }
}

function log(level: string, values: unknown[]): void {
  const timestamp = new Date().toISOString();
  if (env.AWS_LAMBDA_LOG_FORMAT !== 'JSON') {
    const line = `${timestamp}\t${currentRequestId ?? 'undefined'}\t${level}\t${format(...values)}`;
    send({ kind: 'log', line });
    return;
  }
  if (levels.indexOf(level) < levels.indexOf(env.AWS_LAMBDA_LOG_LEVEL ?? 'INFO')) return;
  const [only] = values;
  const plain = values.length === 1 && typeof only === 'object' && only !== null && !(only instanceof Error);
  const record = { timestamp, level, requestId: currentRequestId, message: plain ? only : format(...values) };
  send({ kind: 'log', line: JSON.stringify(record) });
}

function send(message: ChildMessage): void {
  process.send?.(message);
}
