import { AwsError } from './errors.ts';

/** How a call is to fail. */
export interface Fault {
  /** The AWS error code, for example `ThrottlingException`. */
  readonly code: string;
  /** The HTTP status; 400 unless given. From 500 on, SDKs repeat the call. */
  readonly status?: number;
  readonly message?: string;
  /** `applied`: the call takes effect, and only its answer is lost. Missing: it fails before it does anything. */
  readonly after?: 'applied';
  /** Run at that moment, before the caller gets the error: `() => aws.functions.kill(region, name)`, for example. */
  readonly meanwhile?: () => unknown;
}

interface Pending {
  readonly operation: string;
  readonly fault: Fault;
  readonly struck: () => void;
}

/** Makes calls fail, for tests. Nothing in local-aws itself uses it. */
export class FaultInjection {
  readonly #pending: Pending[] = [];

  /**
   * Makes the next call of an operation fail, once. Told more than once, one call after the other fails, in that order.
   *
   * @param operation `CreateApiKeyCredentialProvider`, or with the service's signing name where two services have an
   * operation of that name: `bedrock-agentcore:TagResource`
   * @returns fulfilled when the call has failed
   */
  next(operation: string, fault: Fault): Promise<void> {
    return new Promise((resolve) => {
      this.#pending.push({ operation, fault, struck: resolve });
    });
  }

  /** The operations that are still to fail: none, or the test did not test what it meant to. */
  get pending(): readonly string[] {
    return this.#pending.map(({ operation }) => operation);
  }

  /**
   * Runs a call, unless it is to fail.
   *
   * @throws AwsError the fault's
   */
  async run<T>(service: string, operation: string | undefined, call: () => Promise<T>): Promise<T> {
    const isMeant = ({ operation: name }: Pending) => name === operation || name === `${service}:${operation}`;
    const index = operation === undefined ? -1 : this.#pending.findIndex(isMeant);
    const [pending] = index < 0 ? [] : this.#pending.splice(index, 1);
    if (!pending) return call();
    const { fault, struck } = pending;
    const { code, status = 400, message = `A fault was injected into ${operation}.` } = fault;
    // A call that fails by itself fails as it would.
    if (fault.after === 'applied') await call();
    await fault.meanwhile?.();
    struck();
    throw new AwsError(code, message, status);
  }
}
