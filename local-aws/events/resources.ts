import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { authorizeTagChanges } from '../cloudformation/resources/tag-changes.ts';
import { AwsError, notSupported } from '../errors.ts';
import type { Rule, Target } from './event-bus.ts';
import { checkEventPattern, type EventPattern } from './event-pattern.ts';
import { intervalOf } from './schedule.ts';
import { checkTargetInput } from './target-input.ts';

/** The properties of `AWS::Events::Rule` that local-aws knows. */
interface RuleProperties {
  readonly Name?: string;
  readonly EventBusName?: string;
  readonly EventPattern?: unknown;
  readonly ScheduleExpression?: string;
  readonly State?: string;
  readonly Targets?: readonly Target[];
}

const maxTargets = 5;

/** Quota "Event pattern size", in characters. */
const maxPatternSize = 2048;
const targetProperties = [
  'Id',
  'Arn',
  'Input',
  'InputPath',
  'InputTransformer',
  'DeadLetterConfig',
  'RetryPolicy',
] satisfies (keyof Target)[];

const ruleResource: ResourceProvider = {
  type: 'AWS::Events::Rule',
  replaceOn: ['Name', 'EventBusName'],
  properties: ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets', 'Tags'],

  async create(context, properties) {
    const name = (properties as RuleProperties).Name ?? context.generateName(64);
    const { events } = context.aws;
    if (events.findRule(context.region, name)) {
      throw new AwsError('ResourceAlreadyExistsException', `${name} already exists in stack ${context.stackId}`);
    }
    return put(context, name, properties);
  },

  update: async (context, name, properties, oldProperties) => put(context, name, properties, oldProperties),

  async delete({ aws, region, authorize }, name) {
    const rule = aws.events.findRule(region, name);
    if (!rule) return;
    if (rule.targets.length > 0) authorize('events:RemoveTargets', rule.arn);
    authorize('events:DeleteRule', rule.arn);
    aws.events.deleteRule(region, name);
  },
};

const tagging = { tag: 'events:TagResource', untag: 'events:UntagResource' };

/** The CloudFormation types of EventBridge. */
export const eventsResources: readonly ResourceProvider[] = [ruleResource];

function put(
  context: ResourceContext,
  name: string,
  properties: Properties,
  oldProperties: Properties = {},
): ResourceResult {
  const { aws, region, authorize } = context;
  const rule = ruleOf(context, name, properties as RuleProperties);
  const arn = aws.events.ruleArn(region, name);
  const removed = (aws.events.findRule(region, name)?.targets ?? []).filter(
    ({ Id }) => !rule.targets.some((target) => target.Id === Id),
  );
  authorize('events:PutRule', arn);
  authorizeTagChanges(context, arn, tagging, properties, oldProperties);
  if (rule.targets.length > 0) authorize('events:PutTargets', arn);
  if (removed.length > 0) authorize('events:RemoveTargets', arn);
  aws.events.putRule(rule);
  return { physicalId: name, attributes: { Arn: arn } };
}

function ruleOf({ region }: ResourceContext, name: string, properties: RuleProperties): Omit<Rule, 'arn'> {
  const {
    EventBusName: bus = 'default',
    EventPattern,
    ScheduleExpression,
    State: state = 'ENABLED',
    Targets = [],
  } = properties;
  if (bus !== 'default') throw notSupported(`the event bus ${bus}: there is the default bus only`);
  if (state !== 'ENABLED' && state !== 'DISABLED') throw notSupported(`the State ${state} of AWS::Events::Rule`);
  if (EventPattern === undefined && ScheduleExpression === undefined) {
    throw new AwsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (Targets.length > maxTargets) {
    throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  }
  for (const target of Targets) checkTarget(target);
  return {
    region,
    name,
    enabled: state === 'ENABLED',
    pattern: EventPattern === undefined ? undefined : checkedPattern(EventPattern),
    interval: ScheduleExpression === undefined ? undefined : intervalOf(ScheduleExpression),
    targets: Targets,
  };
}

function checkedPattern(pattern: unknown): EventPattern {
  checkEventPattern(pattern);
  const size = JSON.stringify(pattern).length;
  if (size > maxPatternSize) {
    throw new AwsError(
      'LimitExceededException',
      `The event pattern has ${size} characters: at most ${maxPatternSize} are allowed.`,
    );
  }
  return pattern;
}

function checkTarget(target: Target): void {
  const { Id, Arn, RetryPolicy = {}, DeadLetterConfig } = target;
  const unknown = Object.keys(target).find((name) => !(targetProperties as string[]).includes(name));
  if (unknown !== undefined) throw notSupported(`the property Targets.${unknown} of AWS::Events::Rule`);
  if (!/^arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+$/.test(Arn)) {
    throw notSupported(`the target ${Arn}: a rule calls Lambda functions only`);
  }
  checkRange(`MaximumRetryAttempts of target ${Id}`, RetryPolicy.MaximumRetryAttempts ?? 0, 0, 185);
  checkRange(`MaximumEventAgeInSeconds of target ${Id}`, RetryPolicy.MaximumEventAgeInSeconds ?? 60, 60, 86_400);
  if (DeadLetterConfig?.Arn !== undefined && !DeadLetterConfig.Arn.startsWith('arn:aws:sqs:')) {
    throw new AwsError('ValidationException', `DeadLetterConfig of target ${Id}: ${DeadLetterConfig.Arn} is no queue.`);
  }
  checkTargetInput(Id, target);
}

function checkRange(name: string, value: number | string, min: number, max: number): void {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return;
  throw new AwsError('ValidationException', `${name} is ${value}: it has to be from ${min} to ${max}.`);
}
