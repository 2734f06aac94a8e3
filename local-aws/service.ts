import type { HttpRequest, HttpResponse } from './http/message.ts';
import type { ConditionContext } from './iam/conditions.ts';
import type { Principal } from './iam/principal.ts';

/** One call to one operation, as the code of an operation sees it. */
export interface Call {
  readonly region: string;
  readonly caller: Principal;
  readonly requestId: string;
  readonly request: HttpRequest;
  /**
   * Checks the caller's policies as deployed.
   *
   * @param action for example `secretsmanager:GetSecretValue`
   * @param resources the ARNs that AWS authorizes the action against: all of them must be allowed
   * @throws AwsError AccessDeniedException in AWS's own words
   */
  authorize(action: string, resources: string | readonly string[], context?: ConditionContext): void;
}

/** An operation: the input as the protocol carries it, the output as the protocol sends it. */
// biome-ignore lint/suspicious/noExplicitAny: each service types its own inputs, by the SDK's types
export type Operation = (input: any, call: Call) => unknown;

/** One AWS service that local-aws answers for. */
export interface Service {
  /** The service part of the credential scope (the signing name). */
  readonly signingName: string;
  /** AWS's name of the service, for messages. */
  readonly title: string;
  /**
   * Reads the operation and its input from the request, runs it and renders the answer.
   * Throws AwsError; `renderError` turns that into the protocol's shape.
   */
  handle(call: Call): Promise<HttpResponse>;
  renderError(error: { code: string; message: string; status: number }, requestId: string): HttpResponse;
  /** The name of the operation that a request asks for, for the journal; undefined when it cannot be told. */
  operationOf(request: HttpRequest): string | undefined;
}
