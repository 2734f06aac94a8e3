import type { Calls, Wanted } from '../../../lib/credential-provider/handler/calls.ts';

interface FakeProvider extends Wanted {
  tags: Record<string, string>;
}

/** Secrets Manager and AgentCore as the handler sees them, in memory; `calls` lists what was called. */
export class FakeAws implements Calls {
  readonly calls: string[] = [];
  readonly secrets = new Map<string, { value?: string; deleted?: boolean } | 'access denied'>();
  readonly providers = new Map<string, FakeProvider>();
  /** Thrown by the next call of this name. */
  readonly faults = new Map<string, Error>();

  secretArn(name: string): string {
    return `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}-AbCdEf`;
  }

  describeSecret(secretId: string) {
    return this.#call('describeSecret', () => {
      const secret = this.#secret(secretId);
      if (secret === 'access denied') return secret;
      return (
        secret && { arn: this.secretArn(this.#nameOf(secretId)), deletedDate: secret.deleted ? new Date() : undefined }
      );
    });
  }

  readSecret(secretArn: string) {
    return this.#call('readSecret', () => {
      const secret = this.#secret(secretArn);
      return secret === 'access denied' ? undefined : secret?.value;
    });
  }

  getProvider(name: string) {
    return this.#call('getProvider', () => {
      const provider = this.providers.get(name);
      return provider && { arn: arnOf(name), secretArn: provider.secretArn, source: 'EXTERNAL' };
    });
  }

  createProvider(wanted: Wanted, tags: Record<string, string>) {
    return this.#call('createProvider', () => {
      this.providers.set(wanted.name, { ...wanted, tags });
      return { arn: arnOf(wanted.name) };
    });
  }

  updateProvider(wanted: Wanted) {
    return this.#call('updateProvider', () => {
      const { tags } = this.providers.get(wanted.name) as FakeProvider;
      this.providers.set(wanted.name, { ...wanted, tags });
    });
  }

  deleteProvider(name: string) {
    return this.#call('deleteProvider', () => {
      this.providers.delete(name);
    });
  }

  tagsOf(arn: string) {
    return this.#call('tagsOf', () => this.providers.get(arn.split('/').at(-1) ?? '')?.tags ?? {});
  }

  #secret(secretId: string) {
    return this.secrets.get(this.#nameOf(secretId));
  }

  #nameOf(secretId: string): string {
    return secretId.replace(/^arn:.*:secret:/, '').replace(/-AbCdEf$/, '');
  }

  async #call<T>(name: string, answer: () => T): Promise<T> {
    this.calls.push(name);
    const fault = this.faults.get(name);
    this.faults.delete(name);
    if (fault) throw fault;
    return answer();
  }
}

function arnOf(name: string): string {
  return `arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default/apikeycredentialprovider/${name}`;
}
