import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { queryService } from '../http/query.ts';
import type { Call, Service } from '../service.ts';

/** Every parameter of the query protocol is a text. */
type Form<T> = { [Name in keyof T]?: string };

const known = ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'ExternalId'];

/** Security Token Service: who am I, and the credentials of a role. */
export function stsService({ account, iam }: Pick<Aws, 'account' | 'iam'>): Service {
  return queryService({
    signingName: 'sts',
    title: 'STS',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      // No permission is needed: whoever can sign may ask.
      GetCallerIdentity: (_input: unknown, { caller }: Call) => ({
        Arn: caller.arn,
        UserId: caller.userId,
        Account: account,
      }),

      AssumeRole: (input: Form<AssumeRoleRequest>, { caller }: Call) => {
        const other = Object.entries(input).find(([name, value]) => !known.includes(name) && value !== '');
        if (other) throw notSupported(`the parameter ${other[0]} of AssumeRole`);
        const roleArn = checked('roleArn', input.RoleArn, /^arn:[\w+=/,.@:-]{17,2045}$/);
        const sessionName = checked('roleSessionName', input.RoleSessionName, /^[\w+=,.@-]{2,64}$/);
        const credentials = iam.assumeRole(caller, roleArn, sessionName, {
          durationSeconds: durationOf(input.DurationSeconds),
          context: { 'sts:ExternalId': input.ExternalId, 'sts:RoleSessionName': sessionName },
        });
        return {
          Credentials: {
            AccessKeyId: credentials.accessKeyId,
            SecretAccessKey: credentials.secretAccessKey,
            SessionToken: credentials.sessionToken,
            Expiration: credentials.expiration,
          },
          AssumedRoleUser: { AssumedRoleId: credentials.principal.userId, Arn: credentials.principal.arn },
        };
      },
    },
  });
}

function checked(name: string, value: string | undefined, pattern: RegExp): string {
  if (value !== undefined && pattern.test(value)) return value;
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value ?? 'null'}' at '${name}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`,
  );
}

function durationOf(seconds = '3600'): number {
  const duration = Number(seconds);
  if (Number.isInteger(duration) && duration >= 900 && duration <= 43_200) return duration;
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200`,
  );
}
