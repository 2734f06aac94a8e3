import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { authorizeTagChanges } from '../cloudformation/resources/tag-changes.ts';
import { AwsError } from '../errors.ts';
import { dashboard } from './dashboard-resource.ts';

const metricProperties = [
  'MetricName',
  'Namespace',
  'Dimensions',
  'Period',
  'Statistic',
  'ExtendedStatistic',
  'Unit',
  'Metrics',
];

const configurationProperties = [
  ...metricProperties,
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'EvaluateLowSampleCountPercentile',
  'EvaluationPeriods',
  'InsufficientDataActions',
  'OKActions',
  'Threshold',
  'ThresholdMetricId',
  'TreatMissingData',
];

const numbers = new Set(['Period', 'DatapointsToAlarm', 'EvaluationPeriods', 'Threshold']);

const alarmResource: ResourceProvider = {
  type: 'AWS::CloudWatch::Alarm',
  replaceOn: ['AlarmName'],
  properties: ['AlarmName', 'Tags', ...configurationProperties],

  async create(context, properties) {
    const name = (properties.AlarmName as string | undefined) ?? context.generateName(255);
    if (context.aws.alarms.find(context.region, name)) {
      throw new AwsError('AlreadyExists', `${name} already exists in stack ${context.stackId}`);
    }
    return put(context, name, properties);
  },

  update: async (context, name, properties, oldProperties) => put(context, name, properties, oldProperties),

  async delete({ aws, region, authorize }, name) {
    if (!aws.alarms.find(region, name)) return;
    authorize('cloudwatch:DeleteAlarms', aws.alarms.arn(region, name));
    aws.alarms.delete(region, name);
  },
};

const tagging = { tag: 'cloudwatch:TagResource', untag: 'cloudwatch:UntagResource' };

/** The CloudFormation types of CloudWatch. */
export const cloudWatchResources: readonly ResourceProvider[] = [alarmResource, dashboard];

function put(
  context: ResourceContext,
  name: string,
  properties: Properties,
  oldProperties: Properties = {},
): ResourceResult {
  const { aws, region, authorize } = context;
  const arn = aws.alarms.arn(region, name);
  const configuration = configurationOf(properties);
  authorize('cloudwatch:PutMetricAlarm', arn);
  authorizeTagChanges(context, arn, tagging, properties, oldProperties);
  aws.alarms.put(region, name, configuration);
  return { physicalId: name, attributes: { Arn: arn } };
}

function configurationOf(properties: Properties): Readonly<Record<string, unknown>> {
  for (const name of ['ComparisonOperator', 'EvaluationPeriods']) {
    if (properties[name] === undefined) throw missing(name);
  }
  if (properties.Metrics === undefined && properties.MetricName === undefined) throw missing('MetricName');
  const given = configurationProperties.filter((name) => properties[name] !== undefined);
  return Object.fromEntries(
    given.map((name) => [name, numbers.has(name) ? Number(properties[name]) : properties[name]]),
  );
}

function missing(name: string): AwsError {
  return new AwsError('ValidationError', `Properties validation failed: required key [${name}] not found`);
}
