import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Script } from '../support/scripted-model.ts';

/** A server that does something else for each request of a caller, which it recognizes by a word in what it is sent. */
export class MisbehavingServer {
  readonly #scripts = new Map<string, readonly Script[]>();
  readonly #asked = new Map<string, number>();
  readonly #wellBehaved: Script;

  /** @param wellBehaved what it does where nothing else was said */
  constructor(wellBehaved: Script) {
    this.#wellBehaved = wellBehaved;
  }

  /** @param word such as `request-17.`, of which none contains another */
  misbehave(word: string, scripts: readonly Script[]): void {
    this.#scripts.set(word, scripts);
  }

  /** How often it was asked for the request with this word. */
  asked(word: string): number {
    return this.#asked.get(word) ?? 0;
  }

  readonly listener: RequestListener = (request, response) => void this.#serve(request, response);

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => '');
    const word = /request-\d+\./.exec(body)?.[0] ?? '';
    const asked = this.asked(word);
    this.#asked.set(word, asked + 1);
    const scripts = this.#scripts.get(word) ?? [];
    const script = scripts[Math.min(asked, scripts.length - 1)] ?? this.#wellBehaved;
    script(request, response);
  }
}
