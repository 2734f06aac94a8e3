import type { Properties, ResourceContext, ResourceProvider } from '../cloudformation/resource-provider.ts';
import { AwsError } from '../errors.ts';
import type { MetricTransformation } from './metric-filters.ts';
import { logGroupResource } from './resources.ts';

interface Transformation {
  readonly MetricName: string;
  readonly MetricNamespace: string;
  readonly MetricValue: string;
  readonly DefaultValue?: number;
  readonly Dimensions?: readonly { readonly Key: string; readonly Value: string }[];
  readonly Unit?: string;
}

/** `AWS::Logs::MetricFilter`. */
export const metricFilter: ResourceProvider = {
  type: 'AWS::Logs::MetricFilter',
  replaceOn: ['FilterName', 'LogGroupName'],
  properties: ['FilterName', 'FilterPattern', 'LogGroupName', 'MetricTransformations'],

  async create(context, properties) {
    const name = (properties.FilterName as string | undefined) ?? context.generateName(512);
    put(context, name, properties);
    return { physicalId: name, attributes: {} };
  },

  async update(context, name, properties) {
    put(context, name, properties);
    return { physicalId: name, attributes: {} };
  },

  async delete({ aws, region, authorize }, name, properties) {
    const group = properties.LogGroupName as string;
    if (!aws.logs.metricFilters.find(region, group, name)) return;
    authorize('logs:DeleteMetricFilter', logGroupResource(region, aws.account, group));
    aws.logs.metricFilters.delete(region, group, name);
  },
};

function put({ aws, region, authorize }: ResourceContext, filterName: string, properties: Properties): void {
  const { LogGroupName: logGroupName, FilterPattern: filterPattern } = properties as Record<string, string>;
  if (logGroupName === undefined || filterPattern === undefined) {
    throw new AwsError('ValidationError', 'Properties validation failed: LogGroupName and FilterPattern are required');
  }
  authorize('logs:PutMetricFilter', logGroupResource(region, aws.account, logGroupName));
  if (!aws.logs.hasGroup(region, logGroupName)) {
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  }
  const transformations = (properties.MetricTransformations ?? []) as readonly Transformation[];
  const metricTransformations = transformations.map(transformationOf);
  aws.logs.metricFilters.put(region, {
    filterName,
    filterPattern,
    logGroupName,
    metricTransformations,
    created: new Date(),
  });
}

function transformationOf(given: Transformation): MetricTransformation {
  const { MetricName, MetricNamespace, MetricValue, DefaultValue, Dimensions, Unit } = given;
  return {
    metricName: MetricName,
    metricNamespace: MetricNamespace,
    metricValue: String(MetricValue),
    ...(DefaultValue !== undefined && { defaultValue: Number(DefaultValue) }),
    ...(Dimensions && { dimensions: Object.fromEntries(Dimensions.map(({ Key, Value }) => [Key, Value])) }),
    ...(Unit && { unit: Unit }),
  };
}
