import type { Aws } from '../aws.ts';
import { notSupported } from '../errors.ts';
import { awsJsonService } from '../http/aws-json.ts';
import type { Call, Service } from '../service.ts';
import type { Alarm } from './alarm-store.ts';

interface DescribeInput {
  readonly AlarmNames?: readonly string[];
  readonly AlarmNamePrefix?: string;
  readonly AlarmTypes?: readonly string[];
  readonly StateValue?: string;
  readonly ActionPrefix?: string;
}

const known = ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'ActionPrefix', 'MaxRecords'];

/**
 * CloudWatch, in the JSON protocol of today's SDKs (older ones speak the query protocol and are refused by name): its
 * alarms. There are no metrics, so none of them leaves INSUFFICIENT_DATA.
 */
export function cloudWatchService({ alarms }: Pick<Aws, 'alarms'>): Service {
  return awsJsonService({
    signingName: 'monitoring',
    title: 'CloudWatch',
    version: '1.0',
    queryCodes: {},
    operations: {
      DescribeAlarms: (input: DescribeInput, call: Call) => {
        call.authorize('cloudwatch:DescribeAlarms', alarms.arn(call.region, '*'));
        const unknown = Object.keys(input).find((name) => !known.includes(name));
        if (unknown !== undefined) throw notSupported(`the parameter ${unknown} of DescribeAlarms`);
        return { CompositeAlarms: [], MetricAlarms: alarms.list(call.region).filter(filterOf(input)).map(shape) };
      },
    },
  });
}

function filterOf({ AlarmNames, AlarmNamePrefix = '', AlarmTypes, StateValue, ActionPrefix }: DescribeInput) {
  return ({ name, configuration }: Alarm) =>
    (AlarmTypes === undefined || AlarmTypes.includes('MetricAlarm')) &&
    (AlarmNames === undefined || AlarmNames.length === 0 || AlarmNames.includes(name)) &&
    name.startsWith(AlarmNamePrefix) &&
    (StateValue === undefined || StateValue === 'INSUFFICIENT_DATA') &&
    (ActionPrefix === undefined || actionsOf(configuration).some((action) => action.startsWith(ActionPrefix)));
}

function actionsOf({ AlarmActions, OKActions, InsufficientDataActions }: Alarm['configuration']): string[] {
  return [AlarmActions, OKActions, InsufficientDataActions].flat().filter((action) => typeof action === 'string');
}

function shape({ name, arn, updated, configuration }: Alarm) {
  return {
    ActionsEnabled: true,
    AlarmActions: [],
    OKActions: [],
    InsufficientDataActions: [],
    Dimensions: [],
    ...configuration,
    AlarmName: name,
    AlarmArn: arn,
    AlarmConfigurationUpdatedTimestamp: updated,
    StateValue: 'INSUFFICIENT_DATA',
    StateReason: 'Unchecked: Initial alarm creation',
    StateUpdatedTimestamp: updated,
    StateTransitionedTimestamp: updated,
  };
}
