import type { IncomingMessage } from 'node:http';
import type { InvocationError } from '../invocation-error.ts';

/** Serves one invocation, and tells what went wrong with it. */
export type Serve = (traceId?: string) => Promise<InvocationError | undefined>;

/** Makes a trace of each invocation, and sends it on. */
export interface Telemetry {
  /**
   * Serves an invocation inside of a span; what runs in it finds the span as its parent.
   *
   * @param serve gets the id of the trace, 32 hexadecimal digits, for the log
   */
  traceInvocation(request: IncomingMessage, serve: Serve): Promise<void>;
  /** Sends what is still to be sent. It never rejects and has a bound of its own. */
  stop(): Promise<void>;
}

/** Undefined where tracing is off, or cannot be started; nothing is loaded for it then. */
export type LoadTelemetry = () => Promise<Telemetry | undefined> | undefined;
