import { agentCoreResources } from '../../agentcore/resources.ts';
import { cloudWatchResources } from '../../cloudwatch/resources.ts';
import { ecrResources } from '../../ecr/resources.ts';
import { eventsResources } from '../../events/resources.ts';
import { lambdaResources } from '../../lambda/resources.ts';
import { metricFilter } from '../../logs/metric-filter-resource.ts';
import { s3Resources } from '../../s3/resources.ts';
import { snsResources } from '../../sns/resources.ts';
import { sqsResources } from '../../sqs/resources.ts';
import type { ResourceProvider } from '../resource-provider.ts';
import { cdkMetadata } from './cdk-metadata.ts';
import { iamManagedPolicy } from './iam-managed-policy.ts';
import { iamPolicy } from './iam-policy.ts';
import { iamRole } from './iam-role.ts';
import { logGroup } from './log-group.ts';
import { ssmParameter } from './ssm-parameter.ts';
import { waitConditionHandle } from './wait-condition-handle.ts';

/** Every resource type that stacks can have. */
export const resourceProviders: readonly ResourceProvider[] = [
  cdkMetadata,
  iamManagedPolicy,
  iamPolicy,
  iamRole,
  logGroup,
  metricFilter,
  ssmParameter,
  waitConditionHandle,
  ...lambdaResources,
  ...agentCoreResources,
  ...eventsResources,
  ...snsResources,
  ...s3Resources,
  ...ecrResources,
  ...sqsResources,
  ...cloudWatchResources,
];
