import { AwsError, notSupported } from '../errors.ts';

/** A function's settings, as CreateFunction takes them. */
export interface FunctionConfiguration {
  readonly functionName: string;
  readonly runtime: string;
  readonly handler: string;
  /** ARN of the execution role. */
  readonly role: string;
  readonly code: { readonly s3Bucket: string; readonly s3Key: string };
  readonly description?: string;
  /** Seconds; the default is 3. */
  readonly timeout?: number;
  /** Megabytes; the default is 128. */
  readonly memorySize?: number;
  readonly architectures?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly logging?: {
    readonly logFormat?: 'Text' | 'JSON';
    readonly logGroup?: string;
    readonly applicationLogLevel?: string;
    readonly systemLogLevel?: string;
  };
  readonly reservedConcurrentExecutions?: number;
  /** ARN of the queue for asynchronous events that the function failed on to the end. */
  readonly deadLetterTarget?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

const runtimes = ['nodejs22.x', 'nodejs24.x'];
/** Variables that Lambda sets itself and takes from nobody. */
const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

/**
 * Checks what Lambda checks at the create and update of a function.
 *
 * @throws AwsError InvalidParameterValueException, ValidationException; NotSupportedByLocalAws for another runtime
 */
export function checkConfiguration(configuration: FunctionConfiguration): void {
  const { functionName, runtime, timeout = 3, memorySize = 128, environment = {}, description = '' } = configuration;
  if (!runtimes.includes(runtime)) {
    throw notSupported(`the Lambda runtime ${runtime} (it runs ${runtimes.join(' and ')})`);
  }
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(functionName)) {
    throw invalid('functionName', functionName, 'Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}');
  }
  if (!/^[^\s]{1,128}$/.test(configuration.handler)) {
    throw invalid('handler', configuration.handler, 'Member must satisfy regular expression pattern: [^\\s]+');
  }
  checkRange('timeout', timeout, 1, 900);
  checkRange('memorySize', memorySize, 128, 10_240);
  if (description.length > 256) {
    throw invalid('description', description, 'Member must have length less than or equal to 256');
  }
  const taken = Object.keys(environment).filter((name) => reserved.test(name));
  if (taken.length > 0) {
    throw new AwsError(
      'InvalidParameterValueException',
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${taken.join(', ')}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(environment)) > 4096) {
    throw new AwsError(
      'InvalidParameterValueException',
      'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.',
    );
  }
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (value < min) throw invalid(name, value, `Member must have value greater than or equal to ${min}`);
  if (!(value <= max)) throw invalid(name, value, `Member must have value less than or equal to ${max}`);
}

function invalid(name: string, value: unknown, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}
