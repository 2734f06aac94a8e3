import { Refusal } from './refusal.ts';

/** The registry of the local-aws that AWS_ENDPOINT_URL names. */
export class Registry {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;

  /** @throws Refusal when the variable is missing, or names something that is not on this machine */
  constructor(environment: NodeJS.ProcessEnv) {
    const { AWS_ENDPOINT_URL: endpoint } = environment;
    if (!endpoint || !URL.canParse(endpoint)) {
      throw new Refusal('AWS_ENDPOINT_URL is not set: this stand-in for docker pushes to local-aws only.');
    }
    const { hostname, origin } = new URL(endpoint);
    if (!/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) {
      throw new Refusal(`AWS_ENDPOINT_URL (${origin}) is not on this machine: this stand-in pushes to local-aws only.`);
    }
    this.endpoint = origin;
  }

  /** @throws Refusal when the password is not good for the registry */
  async checkLogin(registry: string, password: string): Promise<void> {
    const { status, text } = await this.#send('GET', `${registry}/`, password);
    if (status !== 200) throw new Refusal(`login attempt to ${registry} failed with status ${status}: ${text}`);
  }

  /** @returns the digest */
  async push(uri: string, archive: Uint8Array<ArrayBuffer>, password: string): Promise<string> {
    const { status, text } = await this.#send('PUT', uri, password, archive);
    if (status !== 201) throw new Refusal(`push of ${uri} failed with status ${status}: ${text}`);
    return text;
  }

  async #send(method: string, target: string, password: string, body?: Uint8Array<ArrayBuffer>) {
    try {
      const response = await fetch(`${this.endpoint}/_local-aws/images/${encodeURI(target)}`, {
        method,
        headers: { authorization: `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}` },
        ...(body ? { body } : {}),
      });
      return { status: response.status, text: await response.text() };
    } catch {
      throw new Refusal(`local-aws does not answer at ${this.endpoint}.`);
    }
  }
}
