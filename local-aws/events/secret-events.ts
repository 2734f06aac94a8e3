import { randomUUID } from 'node:crypto';
import type { Principal } from '../iam/principal.ts';
import type { SecretChange } from '../secretsmanager/secret-store.ts';
import { type BusEvent, toSecond } from './bus-event.ts';

/** The events of a call that changed a secret. They tell which secret, and never a value. */
export function secretEvents(account: string, change: SecretChange, at = new Date()): BusEvent[] {
  const { region, arn, name, movedLabels } = change;
  const envelope = { version: '0', source: 'aws.secretsmanager', account, time: toSecond(at), region } as const;
  // Secrets Manager's own event, which needs no CloudTrail.
  const labelEvents = movedLabels
    .filter(({ label }) => label !== 'AWSPENDING' && label !== 'AWSPREVIOUS')
    .map(({ label, versionId }) => ({
      ...envelope,
      id: randomUUID(),
      'detail-type': 'Secret Label Updated',
      resources: [arn],
      detail: { name, labelUpdated: label, versionId },
    }));
  const callEvent = {
    ...envelope,
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    resources: [],
    detail: cloudTrailRecord(account, change, at),
  };
  return [...labelEvents, callEvent];
}

function cloudTrailRecord(account: string, change: SecretChange, at: Date): Record<string, unknown> {
  const { region, arn, operation, caller, parameters } = change;
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(account, caller),
    eventTime: toSecond(at),
    eventSource: 'secretsmanager.amazonaws.com',
    eventName: operation,
    awsRegion: region,
    sourceIPAddress: '127.0.0.1',
    userAgent: 'local-aws',
    requestParameters: parameters,
    responseElements: { arn },
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

function userIdentity(account: string, { arn, userId, roleArn }: Principal): object {
  const common = { principalId: userId, arn, accountId: account };
  if (roleArn === undefined) return { type: 'IAMUser', ...common, userName: arn.slice(arn.lastIndexOf('/') + 1) };
  const sessionIssuer = {
    type: 'Role',
    principalId: userId.split(':')[0],
    arn: roleArn,
    accountId: account,
    userName: roleArn.slice(roleArn.lastIndexOf('/') + 1),
  };
  return { type: 'AssumedRole', ...common, sessionContext: { sessionIssuer, attributes: {} } };
}
