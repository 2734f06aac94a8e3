import type { BusEvent } from './events/bus-event.ts';
import type { HttpRequest, HttpResponse } from './http/message.ts';
import type { InvocationResult } from './lambda/functions.ts';
import type { LogTarget } from './process/log-stream.ts';
import type { OutgoingMessage } from './sqs/queue-store.ts';

/** A request to local-aws and the whole of its answer, also where that was streamed. */
export interface Exchange {
  readonly kind: 'exchange';
  /** The same as in the journal, which knows the operation. */
  readonly requestId: string;
  readonly request: HttpRequest;
  /** The body as far as the client took it. */
  readonly response: Pick<HttpResponse, 'status' | 'headers'> & { readonly body: Buffer };
}

/** What passes through local-aws, as it is: with the values of secrets, wherever they are. */
export type Observation =
  | Exchange
  /** The environment that a process of the account's owner was started with. */
  | {
      readonly kind: 'environment';
      readonly of: 'function' | 'runtime';
      readonly name: string;
      readonly variables: Readonly<Record<string, string>>;
    }
  /** A line that a function or an agent wrote, also where its role lets it write no log. */
  | ({ readonly kind: 'line'; readonly line: string } & LogTarget)
  | {
      readonly kind: 'invocation';
      readonly functionArn: string;
      readonly event: unknown;
      readonly result: Omit<InvocationResult, 'logs'>;
    }
  | { readonly kind: 'event'; readonly event: BusEvent }
  | { readonly kind: 'message'; readonly queueArn: string; readonly message: OutgoingMessage };

/** Told of everything that passes through. Without one, which is the default, nothing of it is kept anywhere. */
export type Observe = (observation: Observation) => void;
