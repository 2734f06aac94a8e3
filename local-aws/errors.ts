/** An error as AWS answers it: a code that SDKs turn into an exception's name, and one sentence. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  /**
   * @param code the AWS error code, for example `ResourceNotFoundException`
   * @param message one sentence for the person who made the call
   * @param status the HTTP status; 4xx also for faults of local-aws itself, since SDKs repeat a 5xx for most of a minute
   */
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** The answer to everything that local-aws does not know: it refuses by name and never pretends. */
export function notSupported(what: string): AwsError {
  return new AwsError('NotSupportedByLocalAws', `local-aws does not support ${what}.`, 400);
}
