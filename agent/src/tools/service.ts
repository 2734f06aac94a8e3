import type { ApiKeySource } from '../api-key.ts';
import { serviceLimits } from '../limits.ts';

/** What a tool asks of a service that takes a key. */
export interface ServiceRequest {
  /** As the model knows it, such as `The weather service`. */
  readonly service: string;
  /** Without the key: what stands in a URL is kept by proxies, logs and traces. */
  readonly url: URL;
  readonly apiKey: ApiKeySource;
  /** @returns the headers that carry the key */
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  /** Aborted when nobody waits for the tool any more. */
  readonly signal?: AbortSignal | undefined;
  /** How long one answer may take in all, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Why a service gave no answer, in words for the model: none of the service's own, no URL and no key. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/**
 * Asks a service with a GET. A key that it refuses is dropped, and a different one, if there is one by now, is tried once.
 * A redirect is not followed: the key goes where the settings say.
 *
 * @returns the JSON of its answer, of which nothing has been checked
 * @throws ServiceError
 */
export async function askService(request: ServiceRequest): Promise<unknown> {
  const { service, apiKey } = request;
  const key = await keyFor(service, () => apiKey.get());
  const answer = await send(request, key);
  if (!isRefusal(answer.status)) return read(service, answer);
  const fresh = await keyFor(service, () => apiKey.replace(key));
  return read(service, fresh === key ? answer : await send(request, fresh), apiKey);
}

interface Answer {
  readonly status: number;
  /** Undefined for one that is too long to be read. */
  readonly text: string | undefined;
}

/** Services say either of a key that they do not know. */
function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

async function keyFor(service: string, fetchKey: () => Promise<string>): Promise<string> {
  try {
    return await fetchKey();
  } catch {
    // The model hears no more than that: in AWS's own words stand the account and the names of roles.
    throw new ServiceError(`${service} cannot be asked now: the agent did not get the key for it.`);
  }
}

async function send({ service, url, headers, signal, timeoutMs }: ServiceRequest, key: string): Promise<Answer> {
  const milliseconds = timeoutMs ?? serviceLimits.timeoutMs;
  const deadline = AbortSignal.timeout(milliseconds);
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...headers(key) },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    return { status: response.status, text: await textOf(response) };
  } catch {
    // What fetch throws may quote the URL or a header.
    signal?.throwIfAborted();
    throw new ServiceError(
      deadline.aborted ? `${service} took longer than ${milliseconds / 1000} s.` : `${service} could not be reached.`,
    );
  }
}

async function textOf({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > serviceLimits.responseBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function read(service: string, { status, text }: Answer, refused?: ApiKeySource): unknown {
  if (refused && isRefusal(status)) {
    throw new ServiceError(`${service} refused ${refused.keyName}. ${refused.remedy}`, status);
  }
  if (status === 429) throw new ServiceError(`${service} was asked too often: it answers again later.`, status);
  if (status < 200 || status > 299) throw new ServiceError(`${service} gave no answer (HTTP ${status}).`, status);
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw new ServiceError(`${service} sent an answer that cannot be read.`, status);
  }
}
