import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { errorCodes } from '../../../agent/src/invocation-error.ts';
import { codesOf } from '../../../lib/operations/failures.ts';
import { compileFilterPattern } from '../../../local-aws/logs/filter-pattern.ts';
import { projectFolder } from '../../support/run.ts';
import { synthesize } from '../synthesize.ts';
import { only, text } from '../templates.ts';

const topicArn = 'arn:aws:sns:eu-central-1:111122223333:on-call';
const { identity, agent } = synthesize({ alarms: { topicArn }, weather: { secret: 'team/weather' } });
const plain = synthesize();

interface AlarmProperties {
  readonly AlarmDescription: unknown;
  readonly AlarmActions: unknown[];
  readonly OKActions?: unknown[];
  readonly TreatMissingData: string;
  readonly Threshold: number;
  readonly MetricName?: string;
  readonly Metrics?: {
    Expression?: string;
    MetricStat?: { Metric: { Dimensions: { Name: string; Value: unknown }[] } };
  }[];
}

const alarmsOf = (template: Template): AlarmProperties[] =>
  Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
const pageOf = ({ AlarmDescription }: AlarmProperties) =>
  /docs\/runbook\.md#([\w-]+)$/.exec(text(AlarmDescription))?.[1];
const alarm = (page: string) => {
  const found = alarmsOf(agent).find((each) => pageOf(each) === page);
  if (!found) throw new Error(`no alarm of the page ${page}`);
  return found;
};

describe('the runbook', () => {
  const pages = [...readFileSync(join(projectFolder, 'docs/runbook.md'), 'utf8').matchAll(/^## (.*)$/gm)]
    .map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'))
    .filter((page) => page !== 'failures-without-an-alarm');

  test('has a page for each alarm, and no other', () => {
    const named = new Set([...alarmsOf(identity), ...alarmsOf(agent)].map(pageOf));
    expect([...named].sort()).toEqual([...pages].sort());
  });

  test('says of each alarm what it means, how bad it is, what to look at and to do, and when it is over', () => {
    const book = readFileSync(join(projectFolder, 'docs/runbook.md'), 'utf8');
    const sections = book.split(/^## /m).slice(1, -1);
    expect(sections).toHaveLength(pages.length);
    for (const section of sections) {
      for (const part of ['**What it means.**', '**How bad.**', '**Look first.**', '**It is over**']) {
        expect(section).toContain(part);
      }
    }
  });

  test('explains every code that can be meant', () => {
    const book = readFileSync(join(projectFolder, 'docs/runbook.md'), 'utf8');
    const kinds = ['keyRefused', 'modelThrottled', 'modelQuota', 'modelFailed', 'noToken'] as const;
    for (const code of kinds.flatMap(codesOf)) expect(book).toContain(`\`${code}\``);
  });
});

describe('the alarms', () => {
  test('are there only where somebody hears of them, but for that of the refreshes', () => {
    expect(alarmsOf(plain.agent)).toEqual([]);
    expect(alarmsOf(plain.identity).map(pageOf)).toEqual(['refresh-given-up']);
    for (const type of ['AWS::Logs::MetricFilter', 'AWS::CloudWatch::Dashboard']) plain.agent.resourceCountIs(type, 0);
    plain.identity.resourceCountIs('AWS::SNS::Topic', 0);
  });

  test('tell the topic when they begin, and those of the agent when they end', () => {
    for (const { AlarmActions } of [...alarmsOf(identity), ...alarmsOf(agent)])
      expect(AlarmActions).toEqual([topicArn]);
    for (const { OKActions } of alarmsOf(agent)) expect(OKActions).toEqual([topicArn]);
  });

  test('say in a sentence of which environment they are, and take nothing measured for nothing wrong', () => {
    expect(alarmsOf(agent)).toHaveLength(11);
    for (const each of alarmsOf(agent)) {
      expect(text(each.AlarmDescription)).toMatch(/^dev: [A-Z][^.]+(60 s)?\. Runbook: docs\/runbook\.md#/);
      expect(each.TreatMissingData).toBe('notBreaching');
    }
  });

  test('of the keys sum up every provider of the agent, whatever identity and error', () => {
    for (const [page, metric] of [
      ['key-fetch-failures', 'ApiKeyFetchFailures'],
      ['key-fetch-throttles', 'ApiKeyFetchThrottles'],
    ] as const) {
      expect(alarm(page).Metrics?.[0]?.Expression).toMatch(
        new RegExp(
          `^SELECT SUM\\(${metric}\\) FROM "AWS/Bedrock-AgentCore" WHERE ProviderName = 'outbound-auth-dev-openai-\\w{6}' OR ProviderName = 'outbound-auth-dev-weather-\\w{6}'$`,
        ),
      );
    }
  });

  test.each(['system-errors', 'user-errors', 'throttles', 'latency'])('of %s count both endpoints', (page) => {
    const names = alarm(page).Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric.Dimensions ?? []);
    const values = names?.filter(({ Name }) => Name === 'Name').map(({ Value }) => Value);
    expect(values).toEqual(['outbound_auth_dev::DEFAULT', 'outbound_auth_dev::live']);
  });

  test('of latency have the limit of the environment, in seconds', () => {
    expect(alarm('latency').Threshold).toBe(60_000);
    const other = synthesize({ alarms: { topicArn, latencySeconds: 5 } }).agent;
    expect(alarmsOf(other).find((each) => pageOf(each) === 'latency')?.Threshold).toBe(5000);
  });
});

describe('an e-mail address', () => {
  const email = 'on-call@example.com';
  const mailed = synthesize({ alarms: { email } });

  test('gets a topic of the environment, over TLS, for the alarms of this environment only', () => {
    mailed.identity.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'outbound-auth-dev-alarms' });
    mailed.identity.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: email });
    mailed.identity.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          {
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: {
                'aws:SourceArn': { 'Fn::Join': ['', Match.arrayWith([':alarm:outbound-auth-dev-*'])] },
              },
            },
          },
        ],
      },
    });
  });

  test('hears of the alarms of both stacks', () => {
    const [topic] = Object.keys(mailed.identity.findResources('AWS::SNS::Topic'));
    expect(alarmsOf(mailed.identity).map(({ AlarmActions }) => AlarmActions)).toEqual([[{ Ref: topic }]]);
    const arn = 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:outbound-auth-dev-alarms';
    for (const { AlarmActions } of alarmsOf(mailed.agent)) expect(AlarmActions.map(text)).toEqual([arn]);
  });
});

describe("the agent's own metrics", () => {
  interface FilterProperties {
    readonly FilterPattern: string;
    readonly LogGroupName: unknown;
    readonly MetricTransformations: [
      { MetricName: string; MetricNamespace: string; MetricValue: string; Dimensions?: object },
    ];
  }
  const filters: FilterProperties[] = Object.values(agent.findResources('AWS::Logs::MetricFilter')).map(
    ({ Properties }) => Properties,
  );
  const namesOf = (line: object) =>
    filters
      .filter(({ LogGroupName }) => text(LogGroupName).endsWith('-DEFAULT'))
      .filter(({ FilterPattern }) => compileFilterPattern(FilterPattern)(JSON.stringify(line)))
      .map(({ MetricTransformations: [{ MetricName }] }) => MetricName);

  test('are counted in the log group of each endpoint, in a namespace of the environment, once these are there', () => {
    const groups = filters.map(({ LogGroupName }) => text(LogGroupName));
    const ofEndpoint = (endpoint: string) => groups.filter((name) => name.endsWith(`-${endpoint}`)).length;
    expect([ofEndpoint('DEFAULT'), ofEndpoint('live')]).toEqual([filters.length / 2, filters.length / 2]);
    for (const {
      MetricTransformations: [{ MetricNamespace }],
    } of filters) {
      expect(MetricNamespace).toBe('AgentCoreOutboundAuth/dev');
    }
    const [settings] = Object.keys(agent.findResources('Custom::RuntimeLogGroups'));
    agent.allResources('AWS::Logs::MetricFilter', Match.objectLike({ DependsOn: [settings] }));
  });

  test.each([
    ['ModelKeyRefused', ['KeyRefused']],
    ['ModelAccessDenied', ['KeyRefused']],
    ['ModelThrottled', ['ModelThrottled']],
    ['ModelQuotaExceeded', ['ModelQuotaExceeded']],
    ['ModelTimeout', ['ModelFailed']],
    ['WorkloadAccessTokenMissing', ['NoWorkloadToken']],
    ['ApiKeyAccessDenied', []],
    ['InternalError', []],
  ])('%s is a failure by its code, and %j', (code, names) => {
    const line = { message: 'invocation failed', code, durationMs: 10 };
    expect(namesOf(line).sort()).toEqual(['FailedInvocations', 'Failures', ...names].sort());
  });

  test.each(['InvalidPayload', 'ClientClosedRequest', 'SessionBusy'])(
    "%s is the caller's, and no failed invocation",
    (code) => {
      expect(namesOf({ message: 'invocation failed', code })).toEqual(['Failures']);
    },
  );

  test('of a whole answer are its time and its tokens', () => {
    const line = { message: 'invocation succeeded', durationMs: 10, inputTokens: 3, outputTokens: 2 };
    expect(namesOf(line)).toEqual(['Latency', 'InputTokens', 'OutputTokens']);
  });

  test("a tool's key that was not fetched is a failure by its code, and no failed invocation", () => {
    expect(namesOf({ message: 'tool has no key', code: 'ApiKeyThrottled' })).toEqual(['Failures']);
  });

  test.each([
    { message: 'listening', port: 8080 },
    { message: 'console', detail: 'invocation failed' },
  ])('other lines are not counted: %j', (line) => expect(namesOf(line)).toEqual([]));

  test('know every code of the agent', () => {
    const kinds = [
      'keyRefused',
      'modelThrottled',
      'modelQuota',
      'modelFailed',
      'noToken',
      'noKey',
      'caller',
      'agent',
    ] as const;
    expect(kinds.flatMap(codesOf).sort()).toEqual(Object.keys(errorCodes).sort());
  });
});

describe('the dashboard', () => {
  const { DashboardBody, DashboardName } = only(agent, 'AWS::CloudWatch::Dashboard').Properties;
  const body = JSON.parse(text(DashboardBody)) as { widgets: { properties: { title?: string; markdown?: string } }[] };

  test('answers four questions, in this order', () => {
    const questions = body.widgets.flatMap(({ properties }) => properties.markdown ?? []);
    expect(questions).toEqual(['## Is it up?', '## Is it slow?', '## Is the key fine?', '## What does it cost?']);
  });

  test('is named after environment and Region, since dashboards belong to none, and an output leads there', () => {
    expect(text(DashboardName)).toBe('outbound-auth-dev-${AWS::Region}');
    const output = agent.findOutputs('Dashboard').Dashboard as { Value: unknown };
    expect(text(output.Value)).toBe(
      'https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}#dashboards/dashboard/outbound-auth-dev-${AWS::Region}',
    );
  });

  test('is the same each time', () => {
    const again = synthesize({ alarms: { topicArn }, weather: { secret: 'team/weather' } }).agent;
    expect(only(again, 'AWS::CloudWatch::Dashboard')).toEqual(only(agent, 'AWS::CloudWatch::Dashboard'));
  });

  test('has every metric that the agent counts', () => {
    const filters = Object.values(agent.findResources('AWS::Logs::MetricFilter'));
    const names = new Set(filters.map(({ Properties }) => Properties.MetricTransformations[0].MetricName as string));
    const shown = [...names].filter((name) => text(DashboardBody).includes(name));
    expect([...names].filter((name) => !shown.includes(name))).toEqual([]);
  });

  test.each([
    ['eu-central-1', 'console.aws.amazon.com'],
    ['cn-north-1', 'console.amazonaws.cn'],
    ['us-gov-west-1', 'console.amazonaws-us-gov.com'],
  ])('of %s is in the console at %s', (region, host) => {
    const there = synthesize({ alarms: { topicArn }, account: '111122223333', region }).agent;
    const output = there.findOutputs('Dashboard').Dashboard as { Value: unknown };
    expect(text(output.Value)).toContain(`https://${region}.${host}/cloudwatch/home`);
  });
});
