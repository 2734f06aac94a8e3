import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { Principal } from '../iam/principal.ts';
import { baseEnvironment } from '../process/base-environment.ts';
import { openLogStream } from '../process/log-stream.ts';
import { filesOfZip, writeFiles } from '../process/zip.ts';
import {
  deadLetter,
  type EventInvokeConfig,
  type FailedEvent,
  failureRecord,
  runAsynchronously,
} from './async-invocation.ts';
import type { ErrorPayload } from './bootstrap.ts';
import { checkConfiguration, type FunctionConfiguration } from './function-configuration.ts';
import { FunctionProcess, type Outcome } from './function-process.ts';
import { type InvokePermission, type InvokingService, permits } from './invoke-permissions.ts';

/** What a function answered. */
export interface InvocationResult {
  readonly payload: unknown;
  readonly functionError?: 'Handled' | 'Unhandled';
  /** What this invocation wrote, whether its role may write logs or not. */
  readonly logs: string;
}

/** A function as deployed. */
export interface LambdaFunction {
  readonly region: string;
  readonly arn: string;
  readonly configuration: FunctionConfiguration;
  readonly logGroup: string;
}

interface State {
  fn: LambdaFunction;
  /** Where the code was unzipped. */
  directory: string;
  idle: { process: FunctionProcess; principal: Principal; logStream: string }[];
  running: number;
  readonly busy: Set<FunctionProcess>;
  /** By statement id. */
  readonly permissions: Map<string, InvokePermission>;
  eventInvokeConfig: EventInvokeConfig | undefined;
}

const maxIdle = 2;

/** The account's Lambda functions; each runs in child processes of its own, which nothing but the function's own role
 * and variables reach. */
export class LambdaFunctions {
  readonly #aws: Aws;
  readonly #functions = new Map<string, State>();
  readonly #processes = new Set<FunctionProcess>();
  readonly #asynchronous = new Set<Promise<unknown>>();
  #closed = false;

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /**
   * `CreateFunction`.
   *
   * @throws AwsError ResourceConflictException, InvalidParameterValueException (role, code, variables),
   * NotSupportedByLocalAws (runtime)
   */
  async create(region: string, configuration: FunctionConfiguration): Promise<LambdaFunction> {
    const key = keyOf(region, configuration.functionName);
    if (this.#functions.has(key)) {
      throw new AwsError('ResourceConflictException', `Function already exist: ${configuration.functionName}`, 409);
    }
    const state = await this.#prepare(region, configuration);
    this.#functions.set(key, state);
    return state.fn;
  }

  /** `UpdateFunctionCode` and `UpdateFunctionConfiguration` in one; the next event runs the new code. */
  async update(region: string, configuration: FunctionConfiguration): Promise<LambdaFunction> {
    const state = this.#state(region, configuration.functionName);
    const next = await this.#prepare(region, configuration);
    const ended = state.idle.splice(0).map(({ process }) => this.#end(process));
    Object.assign(state, { fn: next.fn, directory: next.directory });
    await Promise.all(ended);
    return state.fn;
  }

  /** `DeleteFunction`; one that is not there stays so. */
  async delete(region: string, functionName: string): Promise<void> {
    const state = this.#functions.get(keyOf(region, functionName));
    if (!state) return;
    this.#functions.delete(keyOf(region, functionName));
    await Promise.all(state.idle.splice(0).map(({ process }) => this.#end(process)));
  }

  /** @throws AwsError ResourceNotFoundException */
  get(region: string, functionArnOrName: string): LambdaFunction {
    return this.#state(region, functionArnOrName).fn;
  }

  list(region: string): readonly LambdaFunction[] {
    return [...this.#functions.values()].map(({ fn }) => fn).filter((fn) => fn.region === region);
  }

  /**
   * Runs a function once, in a warm child when there is one. What the function throws is in the payload, as Lambda has
   * it: `{errorType, errorMessage, trace}`.
   *
   * @throws AwsError ResourceNotFoundException, TooManyRequestsException, AccessDenied (the role is gone)
   */
  async invoke(
    region: string,
    functionArnOrName: string,
    payload: unknown,
    requestId: string = randomUUID(),
  ): Promise<InvocationResult> {
    const state = this.#state(region, functionArnOrName);
    const { fn, directory } = state;
    const { timeout = 3, reservedConcurrentExecutions: limit = Number.POSITIVE_INFINITY } = fn.configuration;
    if (this.#closed || state.running >= limit) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    state.running++;
    try {
      const needed = Date.now() + timeout * 1000 + 60_000;
      const warm = state.idle.findLast(({ process }) => process.usable && process.expires.getTime() > needed);
      if (warm) state.idle.splice(state.idle.indexOf(warm), 1);
      const sandbox = warm ?? this.#start(fn, directory);
      state.busy.add(sandbox.process);
      const lines: string[] = [];
      const target = { region, group: fn.logGroup, stream: sandbox.logStream };
      const write = openLogStream(this.#aws, sandbox.principal, target);
      const onLine = (line: string) => {
        lines.push(line);
        write(line);
      };
      const run = this.#run(fn, sandbox.process, warm !== undefined, { requestId, payload, onLine });
      const outcome = await run.finally(() => state.busy.delete(sandbox.process));
      const fresh =
        state.directory === directory && state.fn === fn && this.#functions.get(keyOfFunction(fn)) === state;
      if (sandbox.process.usable && fresh && !this.#closed && state.idle.length < maxIdle) state.idle.push(sandbox);
      else void this.#end(sandbox.process);
      const result: Omit<InvocationResult, 'logs'> =
        outcome.kind === 'result'
          ? { payload: JSON.parse(outcome.payload) }
          : { payload: outcome.error, functionError: 'Unhandled' };
      this.#aws.observe?.({ kind: 'invocation', functionArn: fn.arn, event: payload, result });
      return { ...result, logs: lines.join('\n') };
    } finally {
      state.running--;
    }
  }

  /**
   * `Invoke` with the invocation type `Event`: gives the event to the function later, and repeats it as Lambda does.
   *
   * @returns whether the event was worked off in the end, or failed and has gone to where such events go; no caller on
   * AWS learns that
   * @throws AwsError ResourceNotFoundException
   */
  invokeAsynchronously(region: string, functionArnOrName: string, payload: unknown): Promise<'done' | 'failed'> {
    const state = this.#state(region, functionArnOrName);
    const current = () =>
      !this.#closed && this.#functions.get(keyOfFunction(state.fn)) === state
        ? { fn: state.fn, config: state.eventInvokeConfig ?? {} }
        : undefined;
    const invoke = (requestId: string) => this.invoke(region, functionArnOrName, payload, requestId);
    const outcome = runAsynchronously({ current, invoke, payload }).then(
      (failed): 'done' | 'failed' => {
        if (failed) this.#keepFailed(state, failed);
        return failed ? 'failed' : 'done';
      },
      (error: Error): 'failed' => {
        this.#aws.faults.push(error);
        return 'failed';
      },
    );
    this.#asynchronous.add(outcome);
    void outcome.finally(() => this.#asynchronous.delete(outcome));
    return outcome;
  }

  /** Ends when no asynchronous event is under way any more, nor waits to be repeated. */
  async settled(): Promise<void> {
    while (this.#asynchronous.size > 0) await Promise.all(this.#asynchronous);
  }

  /**
   * Kills the children that run an event of a function right now, as a host that fails would; Lambda then repeats an
   * asynchronous event. Children that wait for an event stay.
   *
   * @returns how many there were
   * @throws AwsError ResourceNotFoundException
   */
  async kill(region: string, functionArnOrName: string): Promise<number> {
    return endAll(this.#state(region, functionArnOrName).busy);
  }

  /** As `kill`, for every function of every Region. */
  async killAll(): Promise<number> {
    return endAll([...this.#functions.values()].flatMap(({ busy }) => [...busy]));
  }

  /**
   * Checks that an AWS service may invoke a function, by the function's own policy.
   *
   * @throws AwsError ResourceNotFoundException, AccessDeniedException
   */
  authorizeService(region: string, functionArn: string, caller: InvokingService): void {
    const { fn, permissions } = this.#state(region, functionArn);
    if (permits(permissions.values(), caller)) return;
    throw new AwsError(
      'AccessDeniedException',
      `User: ${caller.service} is not authorized to perform: lambda:InvokeFunction on resource: ${fn.arn} because no resource-based policy allows the lambda:InvokeFunction action`,
      403,
    );
  }

  /** `AddPermission`. @throws AwsError ResourceNotFoundException */
  addPermission(region: string, functionArnOrName: string, statementId: string, permission: InvokePermission): void {
    this.#state(region, functionArnOrName).permissions.set(statementId, permission);
  }

  /** `RemovePermission`; of a function that is gone there is none to remove. */
  removePermission(region: string, functionArnOrName: string, statementId: string): void {
    this.#find(region, functionArnOrName)?.permissions.delete(statementId);
  }

  /**
   * `PutFunctionEventInvokeConfig`; undefined is `DeleteFunctionEventInvokeConfig`.
   *
   * @throws AwsError ResourceNotFoundException, InvalidParameterValueException (the role may not send to the queue)
   */
  putEventInvokeConfig(region: string, functionArnOrName: string, config: EventInvokeConfig | undefined): void {
    const state = this.#state(region, functionArnOrName);
    if (config?.onFailure !== undefined) this.#checkDestination(region, state.fn.configuration, config.onFailure);
    state.eventInvokeConfig = config;
  }

  /** The event invoke config of a function, if it is there and has one. */
  eventInvokeConfig(region: string, functionArnOrName: string): EventInvokeConfig | undefined {
    return this.#find(region, functionArnOrName)?.eventInvokeConfig;
  }

  /** Ends every function's process. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#processes].map((process) => this.#end(process)));
  }

  async #end(process: FunctionProcess): Promise<void> {
    await process.end();
    this.#processes.delete(process);
  }

  async #prepare(region: string, configuration: FunctionConfiguration): Promise<State> {
    checkConfiguration(configuration);
    const { functionName, code, logging, deadLetterTarget } = configuration;
    this.#assume(region, configuration);
    if (deadLetterTarget !== undefined) this.#checkDestination(region, configuration, deadLetterTarget);
    const zip = this.#aws.objects.get(code.s3Bucket, code.s3Key);
    if (!zip) {
      throw new AwsError(
        'InvalidParameterValueException',
        'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
      );
    }
    return {
      fn: {
        region,
        arn: functionArn(this.#aws, region, functionName),
        configuration,
        logGroup: logging?.logGroup ?? `/aws/lambda/${functionName}`,
      },
      directory: await unzip(zip, join(this.#aws.directory, 'functions')),
      idle: [],
      running: 0,
      busy: new Set(),
      permissions: new Map(),
      eventInvokeConfig: undefined,
    };
  }

  #start({ region, configuration, logGroup }: LambdaFunction, directory: string): State['idle'][number] {
    const { functionName, runtime, handler, memorySize = 128, environment, logging } = configuration;
    const credentials = this.#assume(region, configuration);
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;
    const env = {
      ...baseEnvironment(directory),
      // Stands for the function's own `/tmp`.
      TMPDIR: directory,
      ...environment,
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: directory,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      AWS_LAMBDA_LOG_FORMAT: logging?.logFormat ?? 'Text',
      ...(logging?.applicationLogLevel ? { AWS_LAMBDA_LOG_LEVEL: logging.applicationLogLevel } : {}),
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      AWS_ENDPOINT_URL: this.#aws.endpoint,
    };
    const process = new FunctionProcess({ directory, memorySize, expires: credentials.expiration, env });
    this.#aws.observe?.({ kind: 'environment', of: 'function', name: functionName, variables: env });
    this.#processes.add(process);
    return { process, principal: credentials.principal, logStream };
  }

  async #run(
    { arn, configuration }: LambdaFunction,
    process: FunctionProcess,
    warm: boolean,
    call: { requestId: string; payload: unknown; onLine: (line: string) => void },
  ): Promise<Outcome> {
    const { timeout = 3, memorySize = 128, logging } = configuration;
    const { requestId, payload, onLine } = call;
    const platform = platformLog(logging, onLine);
    platform('platform.start', { requestId, version: '$LATEST' }, `START RequestId: ${requestId} Version: $LATEST`);
    const started = performance.now();
    const initError: ErrorPayload | undefined = warm ? undefined : await process.ready(onLine, requestId);
    const event = { requestId, event: payload, functionArn: arn, deadline: Date.now() + timeout * 1000 };
    const outcome: Outcome = initError
      ? { kind: 'error', error: initError }
      : await process.run(event, timeout, onLine);
    const duration = (performance.now() - started).toFixed(2);
    if (logging?.logFormat !== 'JSON') onLine(`END RequestId: ${requestId}`);
    platform(
      'platform.report',
      {
        requestId,
        status: outcome.kind === 'result' ? 'success' : 'error',
        metrics: { durationMs: Number(duration), memorySizeMB: memorySize },
      },
      `REPORT RequestId: ${requestId}\tDuration: ${duration} ms\tBilled Duration: ${Math.ceil(Number(duration))} ms\tMemory Size: ${memorySize} MB`,
    );
    return outcome;
  }

  /** Where the role may not send any more, the event is lost without a word, as on AWS. */
  #keepFailed({ fn, eventInvokeConfig }: State, failed: FailedEvent): void {
    const { deadLetterTarget } = fn.configuration;
    const letters = [
      [eventInvokeConfig?.onFailure, failureRecord(fn, failed)],
      [deadLetterTarget, deadLetter(failed)],
    ] as const;
    for (const [queueArn, message] of letters) {
      if (queueArn === undefined) continue;
      try {
        this.#aws.queues.send(this.#assume(fn.region, fn.configuration).principal, fn.region, queueArn, message);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
      }
    }
  }

  #checkDestination(region: string, configuration: FunctionConfiguration, queueArn: string): void {
    const { principal } = this.#assume(region, configuration);
    try {
      this.#aws.queues.authorized(principal, 'sqs:SendMessage', region, queueArn);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(
        'InvalidParameterValueException',
        `The provided execution role does not have permissions to call SendMessage on SQS: ${error.message}`,
      );
    }
  }

  /** The role, as Lambda takes it for one function. */
  #assume(region: string, { role, functionName }: FunctionConfiguration) {
    const context = {
      'aws:SourceAccount': this.#aws.account,
      'aws:SourceArn': functionArn(this.#aws, region, functionName),
    };
    try {
      return this.#aws.iam.assumeRoleAsService(role, 'lambda.amazonaws.com', functionName, context);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(
        'InvalidParameterValueException',
        'The role defined for the function cannot be assumed by Lambda.',
      );
    }
  }

  #state(region: string, functionArnOrName: string): State {
    const state = this.#find(region, functionArnOrName);
    if (state) return state;
    const missing = functionArnOrName.startsWith('arn:')
      ? functionArnOrName
      : functionArn(this.#aws, region, functionArnOrName);
    throw new AwsError('ResourceNotFoundException', `Function not found: ${missing}`, 404);
  }

  #find(region: string, functionArnOrName: string): State | undefined {
    const arn = /^arn:aws:lambda:([\w-]+):(\d{12}):function:([\w-]+)(?::\$LATEST)?$/.exec(functionArnOrName);
    if (!arn) return this.#functions.get(keyOf(region, functionArnOrName));
    const isHere = arn[1] === region && arn[2] === this.#aws.account;
    return isHere ? this.#functions.get(keyOf(region, arn[3] ?? '')) : undefined;
  }
}

function platformLog(logging: FunctionConfiguration['logging'], onLine: (line: string) => void) {
  return (type: string, record: object, text: string) => {
    if (logging?.logFormat !== 'JSON') onLine(text);
    else if (logging.systemLogLevel !== 'WARN') {
      onLine(JSON.stringify({ time: new Date().toISOString(), type, record }));
    }
  };
}

/** Unzips into a new folder below `parent`. */
async function unzip(zip: Buffer, parent: string): Promise<string> {
  const files = filesOfZip(zip);
  if (!files) {
    throw new AwsError(
      'InvalidParameterValueException',
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    );
  }
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(parent, 'task-'));
  await writeFiles(files, directory);
  return directory;
}

async function endAll(processes: Iterable<FunctionProcess>): Promise<number> {
  const ended = [...processes].map((process) => process.end(0));
  await Promise.all(ended);
  return ended.length;
}

function functionArn({ account }: Pick<Aws, 'account'>, region: string, functionName: string): string {
  return `arn:aws:lambda:${region}:${account}:function:${functionName}`;
}

function keyOfFunction({ region, configuration }: LambdaFunction): string {
  return keyOf(region, configuration.functionName);
}

function keyOf(region: string, functionName: string): string {
  return `${region} ${functionName}`;
}
