import type {
  BatchGetSecretValueRequest,
  CreateSecretRequest,
  DeleteSecretRequest,
  DescribeSecretRequest,
  GetSecretValueRequest,
  ListSecretsRequest,
  ListSecretVersionIdsRequest,
  PutSecretValueRequest,
  RestoreSecretRequest,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateSecretRequest,
  UpdateSecretVersionStageRequest,
} from '@aws-sdk/client-secrets-manager';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { awsJsonService } from '../http/aws-json.ts';
import type { Call, Service } from '../service.ts';
import { page, passes } from './listing.ts';
import type { Secret, SecretContent } from './secret.ts';
import type { SecretValue } from './secret-store.ts';

/** An input as the wire carries it: bytes travel as base64. */
type Wire<T> = Omit<T, 'SecretBinary'> & { readonly SecretBinary?: string };

/** Secrets Manager. Rotation, replication, resource policies and random passwords are refused by name. */
export function secretsManagerService({ secrets }: Pick<Aws, 'secrets'>): Service {
  return awsJsonService({
    signingName: 'secretsmanager',
    title: 'Secrets Manager',
    operations: {
      CreateSecret: (input: Wire<CreateSecretRequest>, { caller, region }: Call) => {
        refuse('CreateSecret', input, ['AddReplicaRegions', 'ForceOverwriteReplicaSecret', 'Type']);
        const { arn, name, versionId } = secrets.create(caller, region, {
          name: input.Name as string,
          ...given('description', input.Description),
          ...given('kmsKeyId', input.KmsKeyId),
          ...given('clientRequestToken', input.ClientRequestToken),
          tags: tagsOf(input.Tags),
          ...contentOf(input),
        });
        return { ARN: arn, Name: name, VersionId: versionId };
      },

      PutSecretValue: (input: Wire<PutSecretValueRequest>, { caller, region }: Call) => {
        refuse('PutSecretValue', input, ['RotationToken']);
        const { arn, name, versionId, versionStages } = secrets.putValue(caller, region, {
          secretId: input.SecretId as string,
          ...given('clientRequestToken', input.ClientRequestToken),
          ...given('versionStages', input.VersionStages),
          ...contentOf(input),
        });
        return { ARN: arn, Name: name, VersionId: versionId, VersionStages: versionStages };
      },

      UpdateSecret: (input: Wire<UpdateSecretRequest>, { caller, region }: Call) => {
        refuse('UpdateSecret', input, ['Type']);
        const { arn, name, versionId } = secrets.update(caller, region, {
          secretId: input.SecretId as string,
          ...given('clientRequestToken', input.ClientRequestToken),
          ...given('description', input.Description),
          ...given('kmsKeyId', input.KmsKeyId),
          ...contentOf(input),
        });
        return { ARN: arn, Name: name, VersionId: versionId };
      },

      GetSecretValue: (input: GetSecretValueRequest, { caller, region }: Call) =>
        valueShape(
          secrets.getValue(caller, region, {
            secretId: input.SecretId as string,
            ...given('versionId', input.VersionId),
            ...given('versionStage', input.VersionStage),
          }),
        ),

      BatchGetSecretValue: (input: BatchGetSecretValueRequest, call: Call) => {
        refuse('BatchGetSecretValue', input, ['Filters', 'MaxResults', 'NextToken']);
        call.authorize('secretsmanager:BatchGetSecretValue', '*');
        const values: object[] = [];
        const errors: object[] = [];
        for (const secretId of input.SecretIdList ?? []) {
          try {
            values.push(valueShape(secrets.getValue(call.caller, call.region, { secretId })));
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            errors.push({ SecretId: secretId, ErrorCode: error.code, Message: error.message });
          }
        }
        return { SecretValues: values, Errors: errors };
      },

      DescribeSecret: (input: DescribeSecretRequest, { caller, region }: Call) => {
        const secret = secrets.describe(caller, region, input.SecretId as string);
        return { ...secretShape(secret), VersionIdsToStages: stagesByVersion(secret) };
      },

      ListSecrets: (input: ListSecretsRequest, { caller, region }: Call) => {
        refuse('ListSecrets', input, ['SortBy']);
        const found = secrets
          .list(caller, region)
          .filter(
            (secret) =>
              (input.IncludePlannedDeletion === true || !secret.deleted) && passes(secret, input.Filters ?? []),
          );
        const { items, ...next } = page(input.SortOrder === 'asc' ? found : found.toReversed(), input);
        const list = items.map((secret) => ({
          ...secretShape(secret),
          SecretVersionsToStages: stagesByVersion(secret),
        }));
        return { SecretList: list, ...next };
      },

      ListSecretVersionIds: (input: ListSecretVersionIdsRequest, { caller, region }: Call) => {
        const secret = secrets.versions(caller, region, input.SecretId as string);
        const all = [...secret.versions.values()];
        const listed = input.IncludeDeprecated === true ? all : all.filter(({ stages }) => stages.size > 0);
        const { items, ...next } = page(listed, input);
        const versions = items.map(({ id, stages, created, lastAccessed }) => ({
          VersionId: id,
          VersionStages: [...stages],
          CreatedDate: created,
          LastAccessedDate: dayOf(lastAccessed),
        }));
        return { ARN: secret.arn, Name: secret.name, Versions: versions, ...next };
      },

      DeleteSecret: (input: DeleteSecretRequest, { caller, region }: Call) => {
        const { arn, name, deletionDate } = secrets.delete(caller, region, {
          secretId: input.SecretId as string,
          ...given('recoveryWindowInDays', input.RecoveryWindowInDays),
          ...given('force', input.ForceDeleteWithoutRecovery),
        });
        return { ARN: arn, Name: name, DeletionDate: deletionDate };
      },

      RestoreSecret: (input: RestoreSecretRequest, { caller, region }: Call) => {
        const { arn, name } = secrets.restore(caller, region, input.SecretId as string);
        return { ARN: arn, Name: name };
      },

      UpdateSecretVersionStage: (input: UpdateSecretVersionStageRequest, { caller, region }: Call) => {
        const { arn, name } = secrets.moveStage(caller, region, {
          secretId: input.SecretId as string,
          stage: input.VersionStage as string,
          ...given('moveToVersionId', input.MoveToVersionId),
          ...given('removeFromVersionId', input.RemoveFromVersionId),
        });
        return { ARN: arn, Name: name };
      },

      TagResource: (input: TagResourceRequest, { caller, region }: Call) =>
        secrets.tag(caller, region, input.SecretId as string, tagsOf(input.Tags)),

      UntagResource: (input: UntagResourceRequest, { caller, region }: Call) =>
        secrets.untag(caller, region, input.SecretId as string, input.TagKeys ?? []),
    },
  });
}

function refuse(operation: string, input: object, parameters: readonly string[]): void {
  const found = parameters.find((name) => Object.hasOwn(input, name));
  if (found) throw notSupported(`the parameter ${found} of ${operation}`);
}

function given<K extends string, V>(name: K, value: V | undefined | null): { [name in K]?: V } {
  return value === undefined || value === null ? {} : ({ [name]: value } as { [name in K]: V });
}

function contentOf(input: { SecretString?: string | undefined; SecretBinary?: string | undefined }): SecretContent {
  return {
    ...given('secretString', input.SecretString),
    ...given('secretBinary', input.SecretBinary === undefined ? undefined : Buffer.from(input.SecretBinary, 'base64')),
  };
}

function tagsOf(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

function valueShape(value: SecretValue) {
  return {
    ARN: value.arn,
    Name: value.name,
    VersionId: value.versionId,
    SecretString: value.secretString,
    SecretBinary: value.secretBinary?.toString('base64'),
    VersionStages: value.versionStages,
    CreatedDate: value.created,
  };
}

function secretShape(secret: Readonly<Secret>) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    OwningService: secret.owningService,
    CreatedDate: secret.created,
    LastChangedDate: secret.lastChanged,
    LastAccessedDate: dayOf(secret.lastAccessed),
    DeletedDate: secret.deleted?.at,
    Tags: [...secret.tags].map(([Key, Value]) => ({ Key, Value })),
  };
}

function stagesByVersion({ versions }: Readonly<Secret>): Record<string, string[]> {
  const labelled = [...versions.values()].filter(({ stages }) => stages.size > 0);
  return Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]]));
}

/** AWS tells the day of the last access, not the time. */
function dayOf(date: Date | undefined): Date | undefined {
  return date && new Date(`${date.toISOString().slice(0, 10)}T00:00:00Z`);
}
