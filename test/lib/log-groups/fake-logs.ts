import type { Calls, Tags } from '../../../lib/agent-runtime/log-groups/handler/calls.ts';
import { awsError, FakeClock } from '../credential-provider/fake-aws.ts';

export interface FakeGroup {
  retentionInDays?: number;
  kmsKeyArn?: string | undefined;
  tags: Record<string, string>;
}

/** CloudWatch Logs as the handler sees it, in memory. */
export class FakeLogs implements Calls {
  readonly groups = new Map<string, FakeGroup>();
  readonly calls: string[] = [];
  readonly clock = new FakeClock();
  /** Thrown by the next calls of this name, one each. */
  readonly faults = new Map<keyof Calls, Error[]>();
  /** Before each call. */
  meanwhile: (call: keyof Calls) => void = () => {};
  pageSize = 50;

  async createGroup(name: string, settings: { kmsKeyArn: string | undefined; tags: Tags }): Promise<void> {
    this.#begin('createGroup', name);
    if (this.groups.has(name))
      throw awsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    this.groups.set(name, { kmsKeyArn: settings.kmsKeyArn, tags: { ...settings.tags } });
  }

  async putRetention(name: string, days: number): Promise<void> {
    this.#group('putRetention', name).retentionInDays = days;
  }

  async associateKey(name: string, kmsKeyArn: string): Promise<void> {
    this.#group('associateKey', name).kmsKeyArn = kmsKeyArn;
  }

  async disassociateKey(name: string): Promise<void> {
    this.#group('disassociateKey', name).kmsKeyArn = undefined;
  }

  async tagsOf(arn: string): Promise<Tags> {
    return this.#group('tagsOf', nameIn(arn)).tags;
  }

  async tag(arn: string, tags: Tags): Promise<void> {
    Object.assign(this.#group('tag', nameIn(arn)).tags, tags);
  }

  async untag(arn: string, keys: readonly string[]): Promise<void> {
    const { tags } = this.#group('untag', nameIn(arn));
    for (const key of keys) delete tags[key];
  }

  async deleteGroup(name: string): Promise<void> {
    this.#group('deleteGroup', name);
    this.groups.delete(name);
  }

  async listGroups(prefix: string, nextToken: string | undefined) {
    this.#begin('listGroups', prefix);
    const names = [...this.groups.keys()].filter((name) => name.startsWith(prefix)).sort();
    const start = Number(nextToken ?? 0);
    const end = start + this.pageSize;
    return { names: names.slice(start, end), nextToken: end < names.length ? String(end) : undefined };
  }

  #group(call: keyof Calls, name: string): FakeGroup {
    this.#begin(call, name);
    const group = this.groups.get(name);
    if (!group) throw awsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  #begin(call: keyof Calls, subject: string): void {
    this.calls.push(`${call} ${subject}`);
    this.meanwhile(call);
    const fault = this.faults.get(call)?.shift();
    if (fault) throw fault;
  }
}

function nameIn(arn: string): string {
  const [, , service, region, account, kind, name] = arn.split(':');
  expect([service, region, account, kind]).toEqual(['logs', 'eu-central-1', '111122223333', 'log-group']);
  return name as string;
}
