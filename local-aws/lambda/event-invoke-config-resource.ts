import type { Properties, ResourceContext, ResourceProvider } from '../cloudformation/resource-provider.ts';
import { AwsError, notSupported } from '../errors.ts';
import type { EventInvokeConfig } from './async-invocation.ts';

/** The properties of `AWS::Lambda::EventInvokeConfig` that local-aws knows. */
interface EventInvokeConfigProperties {
  readonly FunctionName?: string;
  readonly Qualifier?: string;
  readonly MaximumRetryAttempts?: number | string;
  readonly MaximumEventAgeInSeconds?: number | string;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}

/** `AWS::Lambda::EventInvokeConfig`: how often asynchronous events are repeated, and where they go in the end. */
export const eventInvokeConfigResource: ResourceProvider = {
  type: 'AWS::Lambda::EventInvokeConfig',
  replaceOn: ['FunctionName', 'Qualifier'],
  properties: [
    'FunctionName',
    'Qualifier',
    'MaximumRetryAttempts',
    'MaximumEventAgeInSeconds',
    'DestinationConfig',
  ] satisfies (keyof EventInvokeConfigProperties)[],

  async create(context, properties) {
    const { aws, region } = context;
    const { FunctionName = '' } = properties as EventInvokeConfigProperties;
    if (aws.functions.eventInvokeConfig(region, FunctionName)) {
      throw new AwsError('AlreadyExists', `The function ${FunctionName} already has an EventInvokeConfig.`);
    }
    put(context, properties);
    return { physicalId: context.generateName(128), attributes: {} };
  },

  async update(context, physicalId, properties) {
    put(context, properties);
    return { physicalId, attributes: {} };
  },

  async delete({ aws, region, authorize }, _physicalId, properties) {
    const { FunctionName = '' } = properties as EventInvokeConfigProperties;
    if (!aws.functions.eventInvokeConfig(region, FunctionName)) return;
    authorize('lambda:DeleteFunctionEventInvokeConfig', aws.functions.get(region, FunctionName).arn);
    aws.functions.putEventInvokeConfig(region, FunctionName, undefined);
  },
};

function put({ aws, region, authorize }: ResourceContext, properties: Properties): void {
  const { FunctionName = '', Qualifier = '$LATEST', ...rest } = properties as EventInvokeConfigProperties;
  if (Qualifier !== '$LATEST') throw notSupported(`the Qualifier ${Qualifier} of AWS::Lambda::EventInvokeConfig`);
  const config = configOf(rest);
  authorize('lambda:PutFunctionEventInvokeConfig', aws.functions.get(region, FunctionName).arn);
  aws.functions.putEventInvokeConfig(region, FunctionName, config);
}

function configOf(properties: EventInvokeConfigProperties): EventInvokeConfig {
  const { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: age, DestinationConfig: to = {} } = properties;
  const unknown = Object.keys(to).find((name) => name !== 'OnFailure');
  if (unknown !== undefined) throw notSupported(`DestinationConfig.${unknown} of AWS::Lambda::EventInvokeConfig`);
  const onFailure = to.OnFailure?.Destination;
  if (onFailure !== undefined && !onFailure.startsWith('arn:aws:sqs:')) {
    throw notSupported(`the destination ${onFailure}: it sends to SQS queues only`);
  }
  return {
    ...(attempts === undefined ? {} : { maximumRetryAttempts: within('MaximumRetryAttempts', attempts, 0, 2) }),
    ...(age === undefined ? {} : { maximumEventAgeInSeconds: within('MaximumEventAgeInSeconds', age, 60, 21_600) }),
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}

function within(name: string, given: number | string, min: number, max: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new AwsError('ValidationException', `${name} is ${given}: it has to be from ${min} to ${max}.`);
}
