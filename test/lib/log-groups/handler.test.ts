import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { run } from '../../../lib/agent-runtime/log-groups/handler/run.ts';
import { ownerTag, resourceTypes } from '../../../lib/agent-runtime/log-groups/resource-properties.ts';
import { awsError } from '../credential-provider/fake-aws.ts';
import { FakeLogs } from './fake-logs.ts';

const stackId = 'arn:aws:cloudformation:eu-central-1:111122223333:stack/outbound-auth-dev-agent/1';
const prefix = '/aws/bedrock-agentcore/runtimes/outbound_auth_dev-';
const group = `${prefix}AbCdEfGhIj-DEFAULT`;
const live = `${prefix}AbCdEfGhIj-live`;
const owned = { [ownerTag]: stackId };
const key = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;

let logs: FakeLogs;
let log: string[];

beforeEach(() => {
  logs = new FakeLogs();
  log = [];
});

type Properties = Record<string, string | string[]>;

async function handle(
  requestType: 'Create' | 'Update' | 'Delete',
  properties: Properties,
  { old = {}, type = resourceTypes.logGroups as string, physicalId = 'Settings', remainingTime = 120_000 } = {},
) {
  const event = {
    RequestType: requestType,
    ResponseURL: 'https://example.com/secret-signature',
    StackId: stackId,
    RequestId: 'request',
    LogicalResourceId: 'Settings',
    ResourceType: type,
    ServiceToken: 'arn:aws:lambda:eu-central-1:111122223333:function:handler',
    ...(requestType !== 'Create' && { PhysicalResourceId: physicalId }),
    ResourceProperties: { ServiceToken: '', ...properties },
    ...(requestType === 'Update' && { OldResourceProperties: old }),
  } as unknown as CloudFormationCustomResourceEvent;
  const response = await run(event, {
    calls: logs,
    log: (entry) => void log.push(JSON.stringify(entry)),
    clock: logs.clock,
    remainingTime,
  });
  expect(JSON.stringify([log, response])).not.toContain('secret-signature');
  return response;
}

const wanted: Properties = { LogGroupNames: [group, live], RetentionInDays: '30' };
const remove = (properties: Properties = {}, physicalId = 'Removal') =>
  handle(
    'Delete',
    { LogGroupNamePrefix: prefix, OnDelete: 'Delete', ...properties },
    { type: resourceTypes.removal, physicalId },
  );

describe('the log groups of a runtime', () => {
  test('are made where there are none, with retention, key and tags', async () => {
    const response = await handle('Create', { ...wanted, KmsKeyArn: key('1'), Tags: '{"team":"platform"}' });
    expect(response).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'Settings' });
    const set = { retentionInDays: 30, kmsKeyArn: key('1'), tags: { team: 'platform', ...owned } };
    expect(Object.fromEntries(logs.groups)).toEqual({ [group]: set, [live]: set });
  });

  test('are set where AgentCore made them at an invocation that came first', async () => {
    logs.groups.set(group, { tags: {} });
    expect(await handle('Create', { ...wanted, KmsKeyArn: key('1') })).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.groups.get(group)).toEqual({ retentionInDays: 30, kmsKeyArn: key('1'), tags: owned });
  });

  test('keep a key that somebody gave them by hand, where the environment has none', async () => {
    logs.groups.set(group, { tags: { mine: 'yes' }, kmsKeyArn: key('theirs') });
    await handle('Create', wanted);
    expect(logs.groups.get(group)).toMatchObject({ kmsKeyArn: key('theirs'), tags: { mine: 'yes', ...owned } });
  });

  test('are set a second time as the first: a repeated event changes nothing', async () => {
    await handle('Create', wanted);
    const before = structuredClone(logs.groups);
    expect(await handle('Create', wanted)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'Settings' });
    expect(logs.groups).toEqual(before);
  });

  test('are made anew when somebody deletes them in between', async () => {
    logs.groups.set(group, { tags: {} });
    let times = 0;
    logs.meanwhile = (call) => {
      if (call === 'tag' && times++ === 0) logs.groups.delete(group);
    };
    expect(await handle('Create', wanted)).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.groups.get(group)).toMatchObject({ retentionInDays: 30, tags: owned });
  });

  test('that vanish again and again are given up, in one sentence', async () => {
    logs.meanwhile = (call) => call === 'putRetention' && void logs.groups.clear();
    expect(await handle('Create', wanted)).toMatchObject({
      Status: 'FAILED',
      Reason: `Somebody deletes the log group ${group} as soon as it is made.`,
      PhysicalResourceId: 'create-failed:Settings',
    });
  });

  test('change with the settings; what is no longer wanted is taken away', async () => {
    const old = { ...wanted, KmsKeyArn: key('1'), Tags: '{"team":"platform","stage":"dev"}' };
    await handle('Create', old);
    await handle('Update', { ...wanted, RetentionInDays: '90', Tags: '{"team":"other"}' }, { old });
    expect(logs.groups.get(group)).toEqual({
      retentionInDays: 90,
      kmsKeyArn: undefined,
      tags: { team: 'other', ...owned },
    });
    await handle('Update', { ...wanted, KmsKeyArn: key('2') }, { old: wanted });
    expect(logs.groups.get(group)?.kmsKeyArn).toBe(key('2'));
  });

  test('of another runtime, after a change of its name, are others; the former ones stay as they are', async () => {
    await handle('Create', wanted);
    const other = `${prefix}0123456789-DEFAULT`;
    const response = await handle('Update', { ...wanted, LogGroupNames: [other] }, { old: wanted });
    // With another id CloudFormation would ask to delete the former.
    expect(response.PhysicalResourceId).toBe('Settings');
    expect([...logs.groups.keys()].sort()).toEqual([other, group, live].sort());
  });

  test('are not touched when this resource goes: sessions still write', async () => {
    await handle('Create', wanted);
    logs.calls.length = 0;
    expect(await handle('Delete', wanted)).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.calls).toEqual([]);
  });
});

describe('when the runtime is gone', () => {
  beforeEach(() => handle('Create', wanted));

  test('its log groups are deleted, page by page', async () => {
    logs.pageSize = 1;
    expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.groups.size).toBe(0);
    expect(log.at(-1)).toContain(`deleted: ${group}, ${live}`);
  });

  test('those of an earlier stack of the same name stay, and those that nobody marked', async () => {
    const [earlier, theirs] = [`${prefix}aaaaaaaaaa-DEFAULT`, `${prefix}bbbbbbbbbb-DEFAULT`];
    logs.groups.set(earlier, { tags: { [ownerTag]: stackId.replace('/1', '/0') } });
    logs.groups.set(theirs, { tags: {} });
    await remove();
    expect([...logs.groups.keys()]).toEqual([earlier, theirs]);
  });

  test('they stay where people depend on the environment', async () => {
    expect(await remove({ OnDelete: 'Retain' })).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.groups.size).toBe(2);
  });

  test('what is gone already is no failure', async () => {
    logs.meanwhile = (call) => call === 'deleteGroup' && void logs.groups.clear();
    expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
    logs.meanwhile = () => {};
    expect(await remove()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('and nothing is deleted for a create that failed', async () => {
    await remove({}, 'create-failed:Removal');
    expect(logs.groups.size).toBe(2);
  });

  test('a prefix of anything else is refused', async () => {
    logs.groups.set('/aws/lambda/other', { tags: owned });
    expect(await remove({ LogGroupNamePrefix: '/aws/lambda/' })).toMatchObject({
      Status: 'FAILED',
      Reason:
        '"/aws/lambda/" is no log group of an agent runtime: its name must begin with /aws/bedrock-agentcore/runtimes/.',
    });
    expect(await remove({ LogGroupNamePrefix: '/aws/bedrock-agentcore/runtimes/' })).toMatchObject({
      Status: 'FAILED',
    });
    expect(logs.groups.size).toBe(3);
  });
});

describe('what AWS refuses', () => {
  test('is tried again where it passes: throttling, somebody else at the same group, a policy that is new', async () => {
    logs.faults.set('createGroup', [
      awsError('ThrottlingException', 'Rate exceeded'),
      awsError('OperationAbortedException', 'A conflicting operation is currently in progress.'),
      awsError('AccessDeniedException', 'not authorized'),
    ]);
    expect(await handle('Create', wanted)).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.clock.slept).toHaveLength(3);
  });

  test('is told in its words where it stays', async () => {
    const reason = 'The specified KMS key does not exist or is not allowed to be used.';
    logs.faults.set('createGroup', [awsError('InvalidParameterException', reason)]);
    expect(await handle('Create', { ...wanted, KmsKeyArn: key('1') })).toMatchObject({
      Status: 'FAILED',
      Reason: `InvalidParameterException: ${reason}`,
    });
  });

  test('a denial is waited out for twenty seconds, and not at all when it is deleted', async () => {
    const denials = () => Array.from({ length: 100 }, () => awsError('AccessDeniedException', 'not authorized'));
    logs.faults.set('createGroup', denials());
    expect(await handle('Create', wanted)).toMatchObject({
      Status: 'FAILED',
      Reason: 'AccessDeniedException: not authorized',
    });
    expect(logs.clock.time).toBeGreaterThan(19_000);
    logs.clock.slept.length = 0;
    logs.faults.set('listGroups', denials());
    expect(await remove()).toMatchObject({ Status: 'FAILED' });
    expect(logs.clock.slept).toEqual([]);
  });

  test('for ever ends in time for the answer', async () => {
    logs.faults.set(
      'putRetention',
      Array.from({ length: 999 }, () => awsError('ThrottlingException', 'Rate exceeded')),
    );
    expect(await handle('Create', wanted)).toMatchObject({
      Status: 'FAILED',
      Reason: 'ThrottlingException: Rate exceeded',
    });
    expect(logs.clock.time).toBeLessThan(120_000 - 25_000);
  });

  test.each<[string, Properties]>([
    ['another log group', { ...wanted, LogGroupNames: ['/aws/lambda/other'] }],
    ['a retention that is no number', { ...wanted, RetentionInDays: 'for ever' }],
    ['tags that are no JSON', { ...wanted, Tags: 'team=platform' }],
  ])('nothing is done for an event with %s', async (_, properties) => {
    expect(await handle('Create', properties)).toMatchObject({ Status: 'FAILED' });
    expect(logs.calls).toEqual([]);
  });
});
