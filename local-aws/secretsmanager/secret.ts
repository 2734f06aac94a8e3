import { createHash } from 'node:crypto';

/** What a version holds: a text or bytes, never both. */
export interface SecretContent {
  readonly secretString?: string;
  readonly secretBinary?: Buffer;
}

/** One version of a secret. */
export interface SecretVersion extends SecretContent {
  readonly id: string;
  readonly created: Date;
  readonly stages: Set<string>;
  lastAccessed?: Date;
}

/** A secret as kept. */
export interface Secret {
  readonly region: string;
  readonly arn: string;
  readonly name: string;
  readonly created: Date;
  description?: string;
  kmsKeyId?: string;
  readonly owningService?: string;
  readonly tags: Map<string, string>;
  readonly versions: Map<string, SecretVersion>;
  lastChanged: Date;
  lastAccessed?: Date;
  /** When it was deleted, while it can still be restored, and when that ends. */
  deleted?: { readonly at: Date; readonly final: Date };
}

/** The version that carries a staging label: no two versions carry the same one. */
export function versionAt(secret: Secret, stage: string): SecretVersion | undefined {
  return [...secret.versions.values()].find(({ stages }) => stages.has(stage));
}

/** Moves a staging label; when AWSCURRENT moves, AWSPREVIOUS goes to the version that it leaves. */
export function moveStage(secret: Secret, stage: string, to: SecretVersion | undefined): void {
  const from = versionAt(secret, stage);
  if (from === to) return;
  from?.stages.delete(stage);
  to?.stages.add(stage);
  if (stage === 'AWSCURRENT' && from) moveStage(secret, 'AWSPREVIOUS', from);
}

/** Adds a version with its labels; the first version of a secret is AWSCURRENT whatever was asked for. */
export function addVersion(
  secret: Secret,
  id: string,
  content: SecretContent,
  stages: readonly string[],
): SecretVersion {
  const first = secret.versions.size === 0;
  const version: SecretVersion = { ...content, id, created: new Date(), stages: new Set() };
  secret.versions.set(id, version);
  for (const stage of first ? new Set(['AWSCURRENT', ...stages]) : stages) moveStage(secret, stage, version);
  secret.lastChanged = new Date();
  return version;
}

/** Whether two versions hold the same: what makes a repeated call harmless. */
export function sameContent(a: SecretContent, b: SecretContent): boolean {
  return a.secretString === b.secretString && digest(a.secretBinary) === digest(b.secretBinary);
}

function digest(bytes: Buffer | undefined): string | undefined {
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
