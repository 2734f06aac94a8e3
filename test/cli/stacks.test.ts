import { settledStacks } from '../../cli/stacks.ts';
import { anyCredentials } from '../../cli/start/environment.ts';
import { type Environment, readEnvironments } from '../../lib/environments/index.ts';
import { type LocalAws, startLocalAws } from '../../local-aws/index.ts';
import { busyLine } from './up/rows.ts';

const [dev] = readEnvironments({ dev: { secret: 'x' } }) as [Environment];
const region = 'us-east-1';
const name = 'outbound-auth-dev-agent';
const parameter = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } };

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
  await aws.stacks.deploy({ region, stackName: name, template: { Resources: { A: parameter } } });
});
afterAll(() => aws.close());

const client = () => ({ region, endpoint: aws.endpoint, credentials: anyCredentials });

test('stacks that are at rest, or that are not there, are told as they are', async () => {
  const stacks = await settledStacks(dev, client(), () => {});
  expect(stacks.identity).toBeUndefined();
  expect(stacks.agent).toMatchObject({ StackName: name, StackStatus: 'CREATE_COMPLETE' });
});

test('a stack that CloudFormation works on is waited for; each status is told once', async () => {
  const stack = aws.stacks.get(region, name);
  const steps = ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE'] as const;
  stack.setStatus('UPDATE_IN_PROGRESS', { id: 'an operation' });
  const told: string[] = [];
  let waits = 0;
  const { agent } = await settledStacks(
    dev,
    client(),
    (line) => told.push(line),
    async () => {
      waits += 1;
      stack.setStatus(steps[Math.floor(waits / 2)] ?? 'UPDATE_COMPLETE', { id: 'an operation' });
    },
  );
  expect(agent?.StackStatus).toBe('UPDATE_COMPLETE');
  expect(told).toEqual([busyLine('UPDATE_IN_PROGRESS'), busyLine('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')]);
});

test('one in review is not waited for: nothing is at work there', async () => {
  aws.stacks.get(region, name).setStatus('REVIEW_IN_PROGRESS', { id: 'an operation' });
  const { agent } = await settledStacks(
    dev,
    client(),
    () => {},
    () => Promise.reject(new Error('it waited')),
  );
  expect(agent?.StackStatus).toBe('REVIEW_IN_PROGRESS');
});
