import type { Aws } from '../../../local-aws/aws.ts';
import { Stacks } from '../../../local-aws/cloudformation/stacks.ts';
import { Alarms } from '../../../local-aws/cloudwatch/alarm-store.ts';
import { deliveryDelay } from '../../../local-aws/events/event-bus.ts';
import { retryDelays } from '../../../local-aws/lambda/async-invocation.ts';
import { account, eventually, openAccount, region, upload } from '../lambda/support.ts';

let aws: Aws;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ aws, close } = await openAccount());
  const writable = aws as { -readonly [Part in keyof Aws]: Aws[Part] };
  writable.alarms = new Alarms(account);
  writable.stacks = new Stacks(aws);
  retryDelays.milliseconds = [10, 10];
  deliveryDelay.milliseconds = 10;
});
afterEach(() => close());

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** What CDK renders for a function with a dead-letter queue, an alarm on it, and a rule on a secret. */
function template(handler: string) {
  const { s3Bucket, s3Key } = upload(aws, { 'index.mjs': handler });
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
  const inPolicy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
  return {
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true } },
      QueuePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: inPolicy(
            {
              Effect: 'Deny',
              Action: 'sqs:*',
              Principal: { AWS: '*' },
              Resource: arnOf('Queue'),
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
            {
              Effect: 'Allow',
              Action: 'sqs:SendMessage',
              Principal: { Service: 'events.amazonaws.com' },
              Resource: arnOf('Queue'),
              Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Rule') } },
            },
          ),
        },
      },
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }],
          EvaluationPeriods: 1,
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Namespace: 'AWS/SQS',
          Period: 300,
          Statistic: 'Maximum',
          Threshold: 1,
          TreatMissingData: 'notBreaching',
        },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: inPolicy(trust) } },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'Own',
          Roles: [{ Ref: 'Role' }],
          PolicyDocument: inPolicy(
            { Effect: 'Allow', Action: 'logs:*', Resource: '*' },
            { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOf('Queue') },
          ),
        },
      },
      Handler: {
        Type: 'AWS::Lambda::Function',
        DependsOn: ['Policy'],
        Properties: {
          FunctionName: 'refresher',
          Code: { S3Bucket: s3Bucket, S3Key: s3Key },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: arnOf('Role'),
          DeadLetterConfig: { TargetArn: arnOf('Queue') },
        },
      },
      Config: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: { Ref: 'Handler' }, Qualifier: '$LATEST', MaximumRetryAttempts: 1 },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: {
            source: ['aws.secretsmanager'],
            $or: [
              { 'detail-type': ['Secret Label Updated'], detail: { labelUpdated: ['AWSCURRENT'], name: ['openai'] } },
              { 'detail-type': ['Never'], detail: { eventName: ['RotationSucceeded'] } },
            ],
          },
          State: 'ENABLED',
          Targets: [
            {
              Arn: arnOf('Handler'),
              Id: 'Target0',
              DeadLetterConfig: { Arn: arnOf('Queue') },
              InputTransformer: {
                InputPathsMap: { time: '$.time', 'detail-type': '$.detail-type' },
                InputTemplate: {
                  'Fn::Join': [
                    '',
                    ['{"owner":"', { Ref: 'AWS::StackId' }, '","time":<time>,"eventName":<detail-type>}'],
                  ],
                },
              },
              RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 2 },
            },
          ],
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: arnOf('Handler'),
          Principal: 'events.amazonaws.com',
          SourceArn: arnOf('Rule'),
        },
      },
    },
  };
}

const deploy = (handler: string) => aws.stacks.deploy({ region, stackName: 'Identity', template: template(handler) });
const store = () => aws.secrets.create(aws.iam.administrator, region, { name: 'openai', secretString: 'sk-secret' });
const queue = () => aws.queues.list(region)[0];

test('a stack hears of a new key, and its refresh is called', async () => {
  await deploy(`export const handler = async (event) => console.log('GOT' + JSON.stringify(event));`);
  expect(aws.stacks.get(region, 'Identity').status).toBe('CREATE_COMPLETE');
  store();
  const line = () => aws.logs.events(region, '/aws/lambda/refresher').find(({ message }) => message.includes('GOT'));
  expect(await eventually(() => line() !== undefined)).toBe(true);
  expect(JSON.parse(line()?.message.split('GOT')[1] ?? '')).toEqual({
    owner: aws.stacks.get(region, 'Identity').id,
    time: expect.stringMatching(/Z$/),
    eventName: 'Secret Label Updated',
  });
  expect(queue()?.messages).toEqual([]);
});

test('a refresh that fails to the end is in the queue that the alarm watches', async () => {
  await deploy(`export const handler = async () => { throw new Error('it cannot'); };`);
  store();
  expect(await eventually(() => (queue()?.messages.length ?? 0) > 0)).toBe(true);
  expect(queue()?.messages).toMatchObject([{ attributes: { ErrorMessage: 'it cannot' } }]);
  expect(JSON.stringify(queue()?.messages)).not.toContain('sk-secret');
  const dimensions = [{ Name: 'QueueName', Value: queue()?.name }];
  expect(aws.alarms.list(region).map(({ configuration }) => configuration.Dimensions)).toEqual([dimensions]);
});

test('nothing of it is left when the stack is deleted', async () => {
  await deploy('export const handler = async () => {};');
  await aws.stacks.destroy(region, 'Identity');
  expect([aws.queues.list(region), aws.alarms.list(region), aws.functions.list(region)]).toEqual([[], [], []]);
  const called = jest.spyOn(aws.functions, 'invokeAsynchronously');
  store();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([called.mock.calls, aws.faults]).toEqual([[], []]);
});
