import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AspectPriority, Aspects, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnNetworkAcl } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { appWith } from './synthesize.ts';

type App = ReturnType<typeof appWith>;

// As a synth for AWS has it: what CDK finds in the template fails it, too.
beforeAll(() => {
  jest.replaceProperty(process.env, 'CDK_VALIDATION', 'true');
});

const everything = {
  production: true,
  logEncryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  alarms: { topicArn: 'arn:aws:sns:us-east-1:111122223333:on-call' },
};

/** What the report of a synth says was accepted. */
function accepted({ app }: App): { resource: string; id: string; reason: string }[] {
  app.synth();
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as {
    pluginReports: {
      suppressedViolations?: {
        ruleName: string;
        reason: string;
        violatingConstructs: { constructPath: string }[];
      }[];
    }[];
  };
  return pluginReports
    .flatMap(({ suppressedViolations = [] }) => suppressedViolations)
    .flatMap(({ ruleName: id, reason, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => ({ resource: constructPath, id, reason })),
    );
}

describe('the security checks of every synth', () => {
  test.each<[string, Record<string, unknown>]>([
    ['as it is shipped', {}],
    ['with everything that a production environment may have', everything],
    ['that copies the key', { source: 'copy' }],
    ['that serves callers without a user', { callersWithoutUser: true }],
    ['in a known account and Region', { account: '111122223333', region: 'eu-central-1' }],
    ['whose secret has a key of its own', { encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1' }],
    ['with a weather service', { weather: { secret: 'team/weather' } }],
    ['with one, and everything else', { ...everything, weather: { secret: 'team/weather', source: 'copy' } }],
    ['without Docker', { artifact: 'code' }],
    ['without Docker, with traces', { artifact: 'code', tracing: 'on' }],
    ['whose alarms go to an address', { alarms: { email: 'on-call@example.com' } }],
    ['with a boundary and a path', { permissionsBoundary: 'Boundary', rolePath: '/team/' }],
  ])('find nothing in an environment %s', (_, settings) => {
    expect(() => appWith(settings).app.synth()).not.toThrow();
  });

  test('accept findings of eight resources at most, and one of a parameter, each with a reason, and the report says so', () => {
    const all = accepted(appWith());
    const resources = new Set(all.map(({ resource }) => resource.replace(/ExecutionRole[^/]*/, 'ExecutionRole')));
    expect([...resources].sort()).toEqual([
      // Its parameter LiveVersion, empty before the first release.
      'dev/agent',
      'dev/agent/Agent/ExecutionRole/DefaultPolicy/Resource',
      'dev/agent/Agent/LogGroups/Handler/Resource',
      'dev/agent/Agent/LogGroups/HandlerLogs/Resource',
      'dev/agent/Agent/LogGroups/HandlerRole/DefaultPolicy/Resource',
      'dev/identity/CredentialProvider/FailedRefreshAlarm/Resource',
      'dev/identity/CredentialProvider/Handler/Resource',
      'dev/identity/CredentialProvider/HandlerLogs/Resource',
      'dev/identity/CredentialProvider/HandlerRole/DefaultPolicy/Resource',
    ]);
    for (const { reason } of all) expect(reason).toMatch(/^.{20,}\.$/);
  });

  test('accept nothing that the settings of an environment have mended', () => {
    const ids = accepted(appWith(everything)).map(({ id }) => id);
    expect(ids.join()).toContain('LambdaInsideVPC');
    expect(ids.join()).not.toMatch(/LogGroupEncrypted|AlarmAction|LambdaConcurrency/);
  });

  test.each<[string, Record<string, unknown>]>([
    ['as it is shipped', {}],
    ['without Docker', { artifact: 'code' }],
    ['with everything', everything],
    ['whose alarms go to an address', { alarms: { email: 'on-call@example.com' } }],
  ])('accept nothing that is not found any more, in an environment %s', (_, settings) => {
    const app = appWith(settings);
    const found = accepted(app).map(({ id }) => id);
    const written = app.app.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.keys(data as object))
      .filter((id) => /^(AwsSolutions|NIST\.800\.53\.R5)::/.test(id))
      .map((id) => id.slice(id.indexOf('::') + 2));
    expect(written.length).toBeGreaterThan(0);
    expect(found).toEqual(expect.arrayContaining(written));
  });
});

describe('a weakening is found, and named in a line', () => {
  test.each<[string, (app: App) => void, RegExp]>([
    [
      'a role that may do everything',
      ({ identity }) => role(identity).addToPolicy(new PolicyStatement({ actions: ['*'], resources: ['*'] })),
      /AwsSolutions-IAM5: The IAM entity contains wildcard permissions: Action::\* /,
    ],
    [
      'an action with a wildcard in the handler’s policy',
      (app) => widen(app.identity, { actions: ['secretsmanager:*'], resources: ['arn:aws:secretsmanager:::secret:s'] }),
      /AwsSolutions-IAM5: .*: Action::secretsmanager:\* /,
    ],
    [
      'every secret in the handler’s policy',
      (app) => widen(app.identity, { actions: ['secretsmanager:GetSecretValue'], resources: ['*'] }),
      /AwsSolutions-IAM5: .*: Resource::\* /,
    ],
    [
      'every credential provider in the execution role’s policy, which only the handler’s may name',
      (app) =>
        widen(app.agent, {
          actions: ['bedrock-agentcore:GetResourceApiKey'],
          resources: [
            'arn:aws:bedrock-agentcore:us-east-1:111122223333:token-vault/default/apikeycredentialprovider/*',
          ],
        }),
      /AwsSolutions-IAM5: .*apikeycredentialprovider\/\* /,
    ],
    [
      'a managed policy of AWS',
      ({ identity }) => role(identity).addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')),
      /AwsSolutions-IAM4: /,
    ],
    ['the dead-letter queue without TLS', ({ identity }) => remove(identity, CfnQueuePolicy), /AwsSolutions-SQS4: /],
    [
      'a topic that takes messages without TLS',
      ({ agent }) => void new Topic(agent, 'Other'),
      /AwsSolutions-SNS3: .*SNSEncryptedKMS: /s,
    ],
    [
      'a queue without a dead-letter queue',
      ({ identity }) => void new Queue(identity, 'Other', { enforceSSL: true }),
      /AwsSolutions-SQS3: /,
    ],
    [
      'logs that never expire',
      ({ identity }) =>
        Aspects.of(identity).add(
          {
            visit(node) {
              if (node instanceof CfnLogGroup) node.retentionInDays = undefined;
            },
          },
          { priority: AspectPriority.READONLY },
        ),
      /NIST\.800\.53\.R5-CloudWatchLogGroupRetentionPeriod: /,
    ],
    [
      'another log group without a key',
      ({ agent }) => void new LogGroup(agent, 'Other', { removalPolicy: RemovalPolicy.DESTROY }),
      /NIST\.800\.53\.R5-CloudWatchLogGroupEncrypted: /,
    ],
    [
      'a Lambda function on an old Node.js, with nothing reserved and no dead-letter queue',
      ({ agent }) =>
        void new LambdaFunction(agent, 'Other', {
          runtime: Runtime.NODEJS_18_X,
          handler: 'index.handler',
          code: Code.fromInline('exports.handler = () => {}'),
        }),
      /AwsSolutions-L1: .*LambdaConcurrency: .*LambdaDLQ: /s,
    ],
    [
      'an alarm that tells nobody',
      ({ identity, agent }) =>
        void new Alarm(agent, 'Other', {
          metric: (find(identity, Queue) as Queue).metricApproximateNumberOfMessagesVisible(),
          threshold: 1,
          evaluationPeriods: 1,
          comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        }),
      /NIST\.800\.53\.R5-CloudWatchAlarmAction: /,
    ],
    [
      'what the checks themselves only warn of: a network ACL',
      ({ agent }) => void new CfnNetworkAcl(agent, 'Other', { vpcId: 'vpc-12345678' }),
      /ERROR AwsSolutions-VPC3: /,
    ],
    ['a bucket as it comes', ({ agent }) => void new Bucket(agent, 'Other'), /AwsSolutions-S10: /],
  ])('%s', (_, weaken, line) => {
    const app = appWith();
    weaken(app);
    const message = messageOf(() => app.app.synth());
    expect(message).toMatch(line);
    expect(message).not.toMatch(/Control IDs/);
  });
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was found');
}

function find(scope: IConstruct, type: abstract new (...args: never[]) => IConstruct): IConstruct {
  const found = scope.node.findAll().find((construct) => construct instanceof type);
  if (!found) throw new Error(`no ${type.name}`);
  return found;
}

function remove(scope: IConstruct, type: abstract new (...args: never[]) => IConstruct): void {
  const { node } = find(scope, type);
  node.scope?.node.tryRemoveChild(node.id);
}

function role(scope: IConstruct): Role {
  return new Role(scope as Role, 'Other', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
}

function widen(scope: IConstruct, statement: ConstructorParameters<typeof PolicyStatement>[0]): void {
  (find(scope, Role) as Role).addToPolicy(new PolicyStatement(statement));
}
