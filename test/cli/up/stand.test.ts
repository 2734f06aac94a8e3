import type { StackStatus } from '@aws-sdk/client-cloudformation';
import { hasChanged } from '../../../cli/up/changes.ts';
import { standOf } from '../../../cli/up/stand.ts';
import { protectedStandRow, readyRows, reason, stuckRows } from './rows.ts';

const dev = { name: 'dev' };
const stand = (StackStatus: StackStatus, StackStatusReason?: string) =>
  standOf(dev, 'agent', { StackStatus, StackStatusReason });

describe('what a former deployment has left', () => {
  test('is nothing to speak of where there is no stack, or a whole one', () => {
    expect(standOf(dev, 'agent', undefined)).toEqual({ kind: 'ready' });
    expect(stand('CREATE_COMPLETE')).toEqual({ kind: 'ready' });
    expect(stand('UPDATE_COMPLETE')).toEqual({ kind: 'ready' });
  });

  test.each(readyRows)('%s: the deployment goes ahead, and a person hears how', (_what, status, says) => {
    expect(stand(status)).toEqual({ kind: 'ready', says });
  });

  test.each(stuckRows)('%s: a person has to decide, and hears the command', (_what, status, says) => {
    expect(stand(status, reason)).toEqual({ kind: 'stuck', says });
  });

  test(`${protectedStandRow[0]}: cdk cannot make it anew, and a person hears the command`, () => {
    const [, StackStatus, says] = protectedStandRow;
    const stack = { StackStatus, EnableTerminationProtection: true };
    expect(standOf(dev, 'agent', stack)).toEqual({ kind: 'stuck', says });
    expect(standOf({ ...dev, region: 'eu-central-1' }, 'agent', stack)).toMatchObject({
      says: expect.stringContaining(' --stack-name outbound-auth-dev-agent --region eu-central-1, then'),
    });
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
