import type { Calls, KeySource } from '../../../lib/credential-provider/handler/calls.ts';
import type { Clock } from '../../../lib/custom-resource/handler/patience.ts';

export const account = '111122223333';
const region = 'us-east-1';

/** A provider as AgentCore has it, with the key that it would hand out if it is a copy. */
export interface FakeProvider {
  key: KeySource;
  tags: Record<string, string>;
}

export interface FakeSecret {
  /** Undefined: it has none. */
  value?: string | undefined;
  version: number;
  deleted?: boolean | undefined;
  denied?: boolean | undefined;
}

/** An error as the AWS SDK throws it. */
export function awsError(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode } });
}

/** Time that passes only when somebody sleeps. */
export class FakeClock implements Clock {
  time = 0;
  readonly slept: number[] = [];

  now(): number {
    return this.time;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    this.time += milliseconds;
  }

  random(): number {
    return 0.5;
  }
}

type Call = keyof Calls;

/** What happens around one call: before it, instead of it, or after it. */
export interface Trouble {
  readonly before?: (call: Call) => Promise<void> | void;
  readonly after?: (call: Call) => Promise<void> | void;
}

/**
 * Secrets Manager and AgentCore as the handler sees them, in memory: no client token at a create, two ways of saying that
 * a name is taken, no switch of the source in place, reads that lag behind writes, and keys that only a copy holds.
 */
export class FakeAws implements Calls {
  readonly calls: string[] = [];
  readonly secrets = new Map<string, FakeSecret>();
  readonly providers = new Map<string, FakeProvider>();
  /** Thrown by the next call of this name. */
  readonly faults = new Map<Call, Error>();
  readonly clock: FakeClock;
  trouble: Trouble = {};
  /** What CloudFormation is doing with the stack. */
  status: string | undefined = 'CREATE_COMPLETE';
  /** Milliseconds for which reads show what was before a write; a list does so for twice as long. */
  lag = 0;
  duplicatesAs: 'ValidationException' | 'ConflictException' = 'ValidationException';
  /** Whether it finds fault with the next key. */
  quotes = false;
  /** Is told of every change of a provider, before it happens. */
  onChange: (name: string, change: 'created' | 'updated' | 'deleted' | 'tagged') => void = () => {};
  readonly #former = new Map<string, { readonly until: number; readonly key: KeySource | undefined }>();

  constructor(clock = new FakeClock()) {
    this.clock = clock;
  }

  /** Stores a value, as PutSecretValue does. */
  store(name: string, value: string | undefined): void {
    const version = (this.secrets.get(name)?.version ?? 0) + 1;
    this.secrets.set(name, { value, version });
  }

  secretArn(name: string): string {
    return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;
  }

  stackStatus() {
    return this.#call('stackStatus', () => this.status);
  }

  describeSecret(secretId: string) {
    return this.#call('describeSecret', () => {
      const secret = this.#secret(secretId);
      if (!secret) return undefined;
      return {
        arn: secretId.startsWith('arn:') ? secretId : this.secretArn(secretId),
        deletedDate: secret.deleted ? new Date(0) : undefined,
        currentVersion: secret.value === undefined ? undefined : String(secret.version),
      };
    });
  }

  readSecret(secretArn: string) {
    return this.#call('readSecret', () => {
      const secret = this.#secret(secretArn);
      if (secret?.deleted) throw awsError('InvalidRequestException', 'the secret was marked for deletion');
      return secret?.value === undefined ? undefined : { text: secret.value, version: String(secret.version) };
    });
  }

  getProvider(name: string) {
    return this.#call('getProvider', () => {
      const key = this.#shown(name);
      if (!key) return undefined;
      const isCopy = key.source === 'MANAGED';
      return {
        arn: arnOf(name),
        source: key.source,
        secretArn: isCopy ? this.secretArn(`bedrock-agentcore-identity!default/apikey/${name}`) : key.secretArn,
        jsonKey: isCopy ? undefined : key.jsonKey,
      };
    });
  }

  createProvider(name: string, key: KeySource, tags: Record<string, string>) {
    return this.#call('createProvider', () => {
      this.#check(key);
      if (this.providers.has(name)) {
        throw awsError(this.duplicatesAs, `Credential provider with name: ${name} already exists`);
      }
      this.onChange(name, 'created');
      this.#lagBehind(name);
      this.providers.set(name, { key, tags: { ...tags } });
    });
  }

  updateProvider(name: string, key: KeySource) {
    return this.#call('updateProvider', () => {
      const provider = this.#provider(name);
      this.#check(key);
      if (provider.key.source !== key.source) {
        throw awsError('ValidationException', 'The apiKeySecretSource cannot be changed.');
      }
      this.onChange(name, 'updated');
      this.#lagBehind(name);
      provider.key = key;
    });
  }

  deleteProvider(name: string) {
    return this.#call('deleteProvider', () => {
      if (!this.providers.has(name)) return;
      this.onChange(name, 'deleted');
      this.#lagBehind(name);
      this.providers.delete(name);
    });
  }

  listProviders(nextToken: string | undefined) {
    return this.#call('listProviders', () => {
      const names = [...new Set([...this.providers.keys(), ...this.#former.keys()])].sort();
      const shown = names.filter((name) => this.#shown(name, this.lag));
      const start = Number(nextToken ?? 0);
      const providers = shown.slice(start, start + 2).map((name) => ({ name, arn: arnOf(name) }));
      return { providers, nextToken: start + 2 < shown.length ? String(start + 2) : undefined };
    });
  }

  tagsOf(arn: string) {
    return this.#call('tagsOf', () => ({ ...this.#provider(nameOf(arn)).tags }));
  }

  tag(arn: string, tags: Record<string, string>) {
    return this.#call('tag', () => {
      const provider = this.#provider(nameOf(arn));
      this.onChange(nameOf(arn), 'tagged');
      Object.assign(provider.tags, tags);
    });
  }

  untag(arn: string, names: readonly string[]) {
    return this.#call('untag', () => {
      const provider = this.#provider(nameOf(arn));
      if (names.some((name) => name in provider.tags)) this.onChange(nameOf(arn), 'tagged');
      for (const name of names) delete provider.tags[name];
    });
  }

  /** AgentCore reads the secret of a reference itself, and quotes a key that it does not take. */
  #check(key: KeySource): void {
    if (this.quotes) {
      this.quotes = false;
      const quoted = key.source === 'MANAGED' ? key.apiKey : this.#secret(key.secretArn)?.value;
      const value = quoted?.startsWith('{') ? Object.values(JSON.parse(quoted)).join() : quoted;
      throw awsError('ValidationException', `Value '${value}' at 'apiKey' failed to satisfy constraint`);
    }
    if (key.source === 'MANAGED') {
      if (/\s/.test(key.apiKey)) throw awsError('ValidationException', `Value '${key.apiKey}' at 'apiKey' is invalid`);
      return;
    }
    const text = this.#secret(key.secretArn)?.value;
    if (text === undefined || !text.includes(key.jsonKey)) {
      throw awsError('ValidationException', 'The secret has no such key.');
    }
  }

  #provider(name: string): FakeProvider {
    const provider = this.providers.get(name);
    if (!provider) throw awsError('ResourceNotFoundException', `Credential provider with name: ${name} not found`, 404);
    return provider;
  }

  #secret(secretId: string): FakeSecret | undefined {
    const secret = this.secrets.get(secretId.replace(/^arn:.*:secret:/, '').replace(/-A[a-zA-Z]{5}$/, ''));
    if (secret?.denied) throw awsError('AccessDeniedException', 'User is not authorized to perform this on the secret');
    return secret;
  }

  #lagBehind(name: string): void {
    if (this.lag > 0) this.#former.set(name, { until: this.clock.time + this.lag, key: this.providers.get(name)?.key });
  }

  #shown(name: string, longer = 0): KeySource | undefined {
    const former = this.#former.get(name);
    if (former && this.clock.time < former.until + longer) return former.key;
    return this.providers.get(name)?.key;
  }

  async #call<T>(name: Call, answer: () => T): Promise<T> {
    this.calls.push(name);
    // A call takes its time.
    this.clock.time += 20;
    await this.trouble.before?.(name);
    const fault = this.faults.get(name);
    this.faults.delete(name);
    if (fault) throw fault;
    const result = answer();
    await this.trouble.after?.(name);
    return result;
  }
}

export function arnOf(name: string): string {
  return `arn:aws:bedrock-agentcore:${region}:${account}:token-vault/default/apikeycredentialprovider/${name}`;
}

function nameOf(arn: string): string {
  return arn.split('/').at(-1) ?? '';
}
