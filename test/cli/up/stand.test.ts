import type { StackStatus } from '@aws-sdk/client-cloudformation';
import { hasChanged } from '../../../cli/up/changes.ts';
import { standOf } from '../../../cli/up/stand.ts';

const dev = { name: 'dev' };
const stand = (StackStatus: StackStatus, StackStatusReason?: string) =>
  standOf(dev, 'agent', { StackStatus, StackStatusReason });

describe('what a former deployment has left', () => {
  test('is nothing to speak of where there is no stack, or a whole one', () => {
    expect(standOf(dev, 'agent', undefined)).toEqual({ kind: 'ready' });
    expect(stand('CREATE_COMPLETE')).toEqual({ kind: 'ready' });
    expect(stand('UPDATE_COMPLETE')).toEqual({ kind: 'ready' });
  });

  test.each<[StackStatus, string]>([
    ['REVIEW_IN_PROGRESS', 'a deployment was interrupted before it began; it begins now.'],
    ['ROLLBACK_COMPLETE', 'its first deployment failed; cdk deletes it and makes it anew.'],
    ['ROLLBACK_FAILED', 'its first deployment failed; cdk deletes it and makes it anew.'],
    ['UPDATE_ROLLBACK_COMPLETE', 'its last update failed and was taken back; it is tried again.'],
  ])('%s: the deployment goes ahead, and a person hears how', (status, says) => {
    expect(stand(status)).toEqual({
      kind: 'ready',
      says: `The stack outbound-auth-dev-agent is ${status}: ${says}`,
    });
  });

  test.each<[StackStatus, string]>([
    ['CREATE_FAILED', "Take it back: npx cdk rollback 'dev/agent', then npm run up -- --environment dev again."],
    ['UPDATE_FAILED', "Take it back: npx cdk rollback 'dev/agent', then npm run up -- --environment dev again."],
    [
      'UPDATE_ROLLBACK_FAILED',
      "Take it back: npx cdk rollback 'dev/agent', then npm run up -- --environment dev again.",
    ],
    ['DELETE_FAILED', 'Delete it: npm run down -- --environment dev, then npm run up -- --environment dev again.'],
    ['IMPORT_ROLLBACK_FAILED', ''],
  ])('%s: a person has to decide, and hears the command', (status, command) => {
    const { kind, says = '' } = stand(status, 'The role\n could not be deleted');
    expect(kind).toBe('stuck');
    expect(says).toContain(`The stack outbound-auth-dev-agent is ${status} (The role could not be deleted)`);
    expect(says).toContain(command);
    expect(says).not.toContain('\n');
  });
});

describe('a deployment has changed something', () => {
  const at = (time: number, StackId = 'one') => ({
    StackName: 'x',
    StackId,
    StackStatus: 'UPDATE_COMPLETE' as const,
    CreationTime: new Date(1),
    LastUpdatedTime: new Date(time),
  });

  test('where a stack is new, another one, or was updated', () => {
    expect(hasChanged({ identity: undefined, agent: undefined }, { identity: at(1), agent: undefined })).toBe(true);
    expect(hasChanged({ identity: at(1), agent: at(1) }, { identity: at(1), agent: at(2) })).toBe(true);
    expect(hasChanged({ identity: at(1), agent: at(1) }, { identity: at(1), agent: at(1, 'two') })).toBe(true);
  });

  test('and not where both are what they were', () => {
    expect(hasChanged({ identity: at(1), agent: at(2) }, { identity: at(1), agent: at(2) })).toBe(false);
  });
});
