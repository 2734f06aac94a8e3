import { randomUUID } from 'node:crypto';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { ConditionContext } from '../iam/conditions.ts';
import type { Principal } from '../iam/principal.ts';
import { authorizeKey, keptKeyId } from './customer-key.ts';
import {
  addVersion,
  moveStage,
  type Secret,
  type SecretContent,
  type SecretVersion,
  sameContent,
  versionAt,
} from './secret.ts';
import { checkName, means, newArn } from './secret-id.ts';

/** Which version of which secret: by its id, by its label, or the one labelled AWSCURRENT. */
export interface ValueRequest {
  /** A name, a full ARN, or an ARN without its last seven characters. */
  readonly secretId: string;
  readonly versionId?: string;
  readonly versionStage?: string;
}

/** A secret's value. Neither log nor answer anything of it but to the caller it was read for. */
export interface SecretValue extends SecretContent {
  readonly arn: string;
  readonly name: string;
  readonly versionId: string;
  readonly versionStages: readonly string[];
  readonly created: Date;
}

/** What a secret is created with; without content it has no version yet. */
export interface NewSecret extends SecretContent {
  readonly name: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Becomes the id of the first version, and makes a repeated call harmless. */
  readonly clientRequestToken?: string;
  /** The service that manages the secret, for example `bedrock-agentcore-identity`. */
  readonly owningService?: string;
}

/** A version as it was written. */
export interface WrittenVersion {
  readonly arn: string;
  readonly name: string;
  readonly versionId?: string;
  readonly versionStages?: readonly string[];
}

/** Something that changed, with no value in it. */
export interface SecretChange {
  readonly region: string;
  readonly arn: string;
  readonly name: string;
  readonly versionId: string | undefined;
  /** The staging labels that are on another version now than before. */
  readonly movedLabels: readonly { readonly label: string; readonly versionId: string }[];
  /** The name of the operation, as CloudTrail would record it. */
  readonly operation: string;
  readonly caller: Principal;
  /** What CloudTrail records of the request: the secret's id as the caller gave it, and never a value. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

const maxContentBytes = 65_536;

/**
 * Secrets by Region, in memory. Every method works for a caller and checks the caller's policies, so that a service
 * that acts for someone reaches no further than they do.
 */
export class SecretStore {
  readonly #aws: Pick<Aws, 'account' | 'iam'>;
  readonly #secrets = new Set<Secret>();
  readonly #toldLabels = new WeakMap<Secret, ReadonlyMap<string, string>>();
  readonly #listeners: ((change: SecretChange) => void)[] = [];

  constructor(aws: Pick<Aws, 'account' | 'iam'>) {
    this.#aws = aws;
  }

  /** Tells of every change of a secret, after it was made. */
  onChange(listener: (change: SecretChange) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * `GetSecretValue` as the caller.
   *
   * @throws AwsError AccessDeniedException, ResourceNotFoundException (secret, version or label), InvalidRequestException
   * (marked for deletion)
   */
  getValue(caller: Principal, region: string, request: ValueRequest): SecretValue {
    const { versionId, versionStage } = request;
    const secret = this.#find(caller, region, request.secretId, 'secretsmanager:GetSecretValue', {
      'secretsmanager:VersionId': versionId,
      'secretsmanager:VersionStage': versionStage ?? (versionId === undefined ? 'AWSCURRENT' : undefined),
    });
    refuseDeleted(secret);
    const version = findVersion(secret, request);
    authorizeKey(this.#aws, caller, 'kms:Decrypt', secret);
    version.lastAccessed = secret.lastAccessed = new Date();
    const { secretString, secretBinary } = version;
    return {
      arn: secret.arn,
      name: secret.name,
      versionId: version.id,
      versionStages: [...version.stages],
      created: version.created,
      ...(secretString === undefined ? {} : { secretString }),
      ...(secretBinary === undefined ? {} : { secretBinary }),
    };
  }

  /** `DescribeSecret` as the caller, also of a secret that is marked for deletion. The result is the record itself. */
  describe(caller: Principal, region: string, secretId: string): Readonly<Secret> {
    return this.#find(caller, region, secretId, 'secretsmanager:DescribeSecret');
  }

  /** `ListSecretVersionIds` as the caller. */
  versions(caller: Principal, region: string, secretId: string): Readonly<Secret> {
    return this.#find(caller, region, secretId, 'secretsmanager:ListSecretVersionIds');
  }

  /** `ListSecrets` as the caller: every secret of the Region, those marked for deletion too, oldest first. */
  list(caller: Principal, region: string): readonly Readonly<Secret>[] {
    this.#aws.iam.authorize(caller, 'secretsmanager:ListSecrets', '*');
    return [...this.#secrets].filter((secret) => secret.region === region);
  }

  /**
   * `CreateSecret` as the caller.
   *
   * @throws AwsError ValidationException (name), ResourceExistsException, InvalidRequestException (the name is of a
   * secret marked for deletion), AccessDeniedException
   */
  create(caller: Principal, region: string, request: NewSecret): WrittenVersion {
    const { name, description, owningService, tags = {} } = request;
    checkName(name);
    checkContent(request);
    const kmsKeyId = keptKeyId(request.kmsKeyId);
    const now = new Date();
    const secret: Secret = {
      region,
      arn: newArn(region, this.#aws.account, name),
      name,
      created: now,
      lastChanged: now,
      ...(description === undefined ? {} : { description }),
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      ...(owningService === undefined ? {} : { owningService }),
      tags: new Map(Object.entries(tags)),
      versions: new Map(),
    };
    this.#aws.iam.authorize(caller, 'secretsmanager:CreateSecret', secret.arn, {
      'secretsmanager:Name': name,
      'secretsmanager:Description': description,
      'secretsmanager:KmsKeyId': kmsKeyId,
      ...tagContext('aws:RequestTag/', secret.tags),
    });
    // AWS asks for this second permission only where tags are given.
    if (secret.tags.size > 0) {
      this.#aws.iam.authorize(
        caller,
        'secretsmanager:TagResource',
        secret.arn,
        tagContext('aws:RequestTag/', secret.tags),
      );
    }
    const versionId = tokenOf(request.clientRequestToken);
    const earlier = [...this.#secrets].find((other) => other.region === region && other.name === name);
    if (earlier) return repeatedCreate(earlier, versionId, request);
    if (hasContent(request)) {
      this.#authorizeWrite(caller, secret);
      addVersion(secret, versionId, contentOf(request), ['AWSCURRENT']);
    }
    this.#secrets.add(secret);
    this.#changed(secret, 'CreateSecret', hasContent(request) ? versionId : undefined, caller, {
      name,
      ...(hasContent(request) ? { clientRequestToken: versionId } : {}),
    });
    return { arn: secret.arn, name, ...(hasContent(request) ? { versionId } : {}) };
  }

  /**
   * `PutSecretValue` as the caller: a new version, AWSCURRENT unless other labels are given.
   *
   * @throws AwsError also ResourceExistsException when the token was used for another value
   */
  putValue(
    caller: Principal,
    region: string,
    request: { secretId: string; clientRequestToken?: string; versionStages?: readonly string[] } & SecretContent,
  ): WrittenVersion {
    const secret = this.#find(caller, region, request.secretId, 'secretsmanager:PutSecretValue');
    refuseDeleted(secret);
    checkContent(request);
    if (!hasContent(request)) {
      throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
    }
    const stages = request.versionStages ?? ['AWSCURRENT'];
    const version = this.#write(caller, secret, tokenOf(request.clientRequestToken), request, stages);
    this.#changed(secret, 'PutSecretValue', version.id, caller, {
      secretId: request.secretId,
      clientRequestToken: version.id,
      ...(request.versionStages === undefined ? {} : { versionStages: request.versionStages }),
    });
    return { arn: secret.arn, name: secret.name, versionId: version.id, versionStages: [...version.stages] };
  }

  /** `UpdateSecret` as the caller: description, key, and a new AWSCURRENT version when content is given. */
  update(
    caller: Principal,
    region: string,
    request: { secretId: string; clientRequestToken?: string; description?: string; kmsKeyId?: string } & SecretContent,
  ): WrittenVersion {
    const secret = this.#find(caller, region, request.secretId, 'secretsmanager:UpdateSecret', {
      'secretsmanager:Description': request.description,
      'secretsmanager:KmsKeyId': request.kmsKeyId,
    });
    refuseDeleted(secret);
    checkContent(request);
    if (request.kmsKeyId !== undefined) {
      const kmsKeyId = keptKeyId(request.kmsKeyId);
      if (kmsKeyId === undefined) delete secret.kmsKeyId;
      else secret.kmsKeyId = kmsKeyId;
    }
    if (request.description !== undefined) secret.description = request.description;
    secret.lastChanged = new Date();
    const { arn, name } = secret;
    const { secretId, description, kmsKeyId } = request;
    const version = hasContent(request)
      ? this.#write(caller, secret, tokenOf(request.clientRequestToken), request, ['AWSCURRENT'])
      : undefined;
    this.#changed(secret, 'UpdateSecret', version?.id, caller, {
      secretId,
      ...(version ? { clientRequestToken: version.id } : {}),
      ...(description === undefined ? {} : { description }),
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    });
    return { arn, name, ...(version ? { versionId: version.id } : {}) };
  }

  /**
   * `DeleteSecret` as the caller: marked for deletion, for 30 days unless said otherwise, or gone at once with `force`.
   * With `force`, deleting what is not there succeeds.
   */
  delete(
    caller: Principal,
    region: string,
    request: { secretId: string; recoveryWindowInDays?: number; force?: boolean },
  ): { arn: string | undefined; name: string; deletionDate: Date } {
    const { secretId, recoveryWindowInDays: days, force = false } = request;
    const context = {
      'secretsmanager:RecoveryWindowInDays': force ? undefined : String(days ?? 30),
      'secretsmanager:ForceDeleteWithoutRecovery': String(force),
    };
    if (force && days !== undefined) {
      throw new AwsError(
        'InvalidParameterException',
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      );
    }
    if (days !== undefined && !(Number.isInteger(days) && days >= 7 && days <= 30)) {
      throw new AwsError(
        'InvalidParameterException',
        'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
      );
    }
    let secret: Secret;
    try {
      secret = this.#find(caller, region, secretId, 'secretsmanager:DeleteSecret', context);
    } catch (error) {
      if (force && error instanceof AwsError && error.code === 'ResourceNotFoundException') {
        return { arn: undefined, name: secretId, deletionDate: new Date() };
      }
      throw error;
    }
    const { arn, name } = secret;
    if (force) {
      this.#secrets.delete(secret);
      this.#changed(secret, 'DeleteSecret', undefined, caller, { secretId, forceDeleteWithoutRecovery: true });
      return { arn, name, deletionDate: new Date() };
    }
    refuseDeleted(secret);
    const final = new Date(Date.now() + (days ?? 30) * 86_400_000);
    secret.deleted = { at: new Date(), final };
    this.#changed(secret, 'DeleteSecret', undefined, caller, {
      secretId,
      ...(days === undefined ? {} : { recoveryWindowInDays: days }),
    });
    return { arn, name, deletionDate: final };
  }

  /** `RestoreSecret` as the caller; one that is not marked for deletion stays as it is. */
  restore(caller: Principal, region: string, secretId: string): Readonly<Secret> {
    const secret = this.#find(caller, region, secretId, 'secretsmanager:RestoreSecret');
    delete secret.deleted;
    this.#changed(secret, 'RestoreSecret', undefined, caller, { secretId });
    return secret;
  }

  /**
   * `UpdateSecretVersionStage` as the caller.
   *
   * @throws AwsError InvalidParameterException when the label is on a version that the request does not name
   */
  moveStage(
    caller: Principal,
    region: string,
    request: { secretId: string; stage: string; moveToVersionId?: string; removeFromVersionId?: string },
  ): Readonly<Secret> {
    const { stage, moveToVersionId, removeFromVersionId } = request;
    const secret = this.#find(caller, region, request.secretId, 'secretsmanager:UpdateSecretVersionStage', {
      'secretsmanager:VersionStage': stage,
    });
    refuseDeleted(secret);
    const to = moveToVersionId === undefined ? undefined : findVersion(secret, { versionId: moveToVersionId });
    const from = versionAt(secret, stage);
    if (from && from !== to && removeFromVersionId !== from.id) {
      throw new AwsError(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${from.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
    if (removeFromVersionId !== undefined && from?.id !== removeFromVersionId) {
      throw new AwsError(
        'InvalidParameterException',
        `Staging label ${stage} is not attached to version ${removeFromVersionId}.`,
      );
    }
    if (stage === 'AWSCURRENT' && !to) {
      throw new AwsError(
        'InvalidParameterException',
        'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
      );
    }
    moveStage(secret, stage, to);
    secret.lastChanged = new Date();
    this.#changed(secret, 'UpdateSecretVersionStage', to?.id, caller, {
      secretId: request.secretId,
      versionStage: stage,
      ...(moveToVersionId === undefined ? {} : { moveToVersionId }),
      ...(removeFromVersionId === undefined ? {} : { removeFromVersionId }),
    });
    return secret;
  }

  /** `TagResource` as the caller. */
  tag(caller: Principal, region: string, secretId: string, tags: Readonly<Record<string, string>>): void {
    const added = new Map(Object.entries(tags));
    const context = tagContext('aws:RequestTag/', added);
    const secret = this.#find(caller, region, secretId, 'secretsmanager:TagResource', context);
    refuseDeleted(secret);
    for (const [key, value] of added) secret.tags.set(key, value);
    const listed = [...added].map(([key, value]) => ({ key, value }));
    this.#changed(secret, 'TagResource', undefined, caller, { secretId, tags: listed });
  }

  /** `UntagResource` as the caller. */
  untag(caller: Principal, region: string, secretId: string, keys: readonly string[]): void {
    const secret = this.#find(caller, region, secretId, 'secretsmanager:UntagResource');
    refuseDeleted(secret);
    for (const key of keys) secret.tags.delete(key);
    this.#changed(secret, 'UntagResource', undefined, caller, { secretId, tagKeys: keys });
  }

  #find(caller: Principal, region: string, secretId: string, action: string, context: ConditionContext = {}): Secret {
    if (typeof secretId !== 'string' || secretId === '') {
      throw new AwsError('ValidationException', 'SecretId must not be empty.');
    }
    const secret = [...this.#secrets].find((each) => each.region === region && means(secretId, each));
    // AWS judges a secret that is not there by the id as given: where a role is granted one exact ARN and asks by name,
    // the answer to a missing secret is AccessDeniedException.
    this.#aws.iam.authorize(caller, action, secret?.arn ?? secretId, {
      'secretsmanager:SecretId': secret?.arn ?? secretId,
      ...(secret ? tagContext('aws:ResourceTag/', secret.tags) : {}),
      ...(secret ? tagContext('secretsmanager:ResourceTag/', secret.tags) : {}),
      ...context,
    });
    if (!secret) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return secret;
  }

  #write(
    caller: Principal,
    secret: Secret,
    versionId: string,
    content: SecretContent,
    stages: readonly string[],
  ): SecretVersion {
    const earlier = secret.versions.get(versionId);
    if (earlier) {
      if (sameContent(earlier, content)) return earlier;
      throw new AwsError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    this.#authorizeWrite(caller, secret);
    return addVersion(secret, versionId, contentOf(content), stages);
  }

  #authorizeWrite(caller: Principal, secret: Secret): void {
    authorizeKey(this.#aws, caller, 'kms:GenerateDataKey', secret);
    authorizeKey(this.#aws, caller, 'kms:Decrypt', secret);
  }

  #changed(
    secret: Secret,
    operation: string,
    versionId: string | undefined,
    caller: Principal,
    parameters: SecretChange['parameters'],
  ): void {
    const { region, arn, name } = secret;
    const told = this.#toldLabels.get(secret);
    const labels = labelsOf(secret);
    const movedLabels = [...labels]
      .filter(([label, id]) => told?.get(label) !== id)
      .map(([label, id]) => ({ label, versionId: id }));
    this.#toldLabels.set(secret, labels);
    const change: SecretChange = { region, arn, name, versionId, movedLabels, operation, caller, parameters };
    for (const listener of this.#listeners) listener(change);
  }
}

function labelsOf({ versions }: Secret): ReadonlyMap<string, string> {
  return new Map([...versions.values()].flatMap(({ id, stages }) => [...stages].map((label) => [label, id] as const)));
}

function findVersion(secret: Secret, { versionId, versionStage }: Omit<ValueRequest, 'secretId'>): SecretVersion {
  if (versionId !== undefined) {
    const version = secret.versions.get(versionId);
    if (!version) {
      throw new AwsError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for VersionId: ${versionId}`,
      );
    }
    if (versionStage !== undefined && !version.stages.has(versionStage)) {
      throw new AwsError(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      );
    }
    return version;
  }
  const stage = versionStage ?? 'AWSCURRENT';
  const version = versionAt(secret, stage);
  if (!version) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
    );
  }
  return version;
}

function repeatedCreate(earlier: Secret, versionId: string, request: NewSecret): WrittenVersion {
  if (earlier.deleted) {
    throw new AwsError(
      'InvalidRequestException',
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const version = earlier.versions.get(versionId);
  if (version && sameContent(version, request)) return { arn: earlier.arn, name: earlier.name, versionId };
  throw new AwsError(
    'ResourceExistsException',
    `The operation failed because the secret ${earlier.name} already exists.`,
  );
}

function refuseDeleted(secret: Secret): void {
  if (!secret.deleted) return;
  throw new AwsError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

function checkContent({ secretString, secretBinary }: SecretContent): void {
  if (secretString !== undefined && secretBinary !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const bytes = secretString === undefined ? secretBinary?.length : Buffer.byteLength(secretString);
  if (bytes !== undefined && (bytes === 0 || bytes > maxContentBytes)) {
    // The value itself stays out of the message.
    throw new AwsError(
      'ValidationException',
      `A secret value has 1 to ${maxContentBytes} bytes; this one has ${bytes}.`,
    );
  }
}

function hasContent({ secretString, secretBinary }: SecretContent): boolean {
  return secretString !== undefined || secretBinary !== undefined;
}

function contentOf({ secretString, secretBinary }: SecretContent): SecretContent {
  return secretString !== undefined ? { secretString } : secretBinary !== undefined ? { secretBinary } : {};
}

function tokenOf(token: string | undefined): string {
  if (token === undefined) return randomUUID();
  if (token.length < 32 || token.length > 64) {
    throw new AwsError('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.');
  }
  return token;
}

function tagContext(prefix: string, tags: ReadonlyMap<string, string>): ConditionContext {
  return Object.fromEntries([...tags].map(([key, value]) => [`${prefix}${key}`, value]));
}
