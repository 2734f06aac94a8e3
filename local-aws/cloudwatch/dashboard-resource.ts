import type { Properties, ResourceContext, ResourceProvider } from '../cloudformation/resource-provider.ts';
import { authorizeTagChanges } from '../cloudformation/resources/tag-changes.ts';
import { AwsError } from '../errors.ts';

/** `AWS::CloudWatch::Dashboard`. */
export const dashboard: ResourceProvider = {
  type: 'AWS::CloudWatch::Dashboard',
  replaceOn: ['DashboardName'],
  properties: ['DashboardName', 'DashboardBody', 'Tags'],

  async create(context, properties) {
    const name = (properties.DashboardName as string | undefined) ?? context.generateName(255);
    put(context, name, properties, {});
    return { physicalId: name, attributes: {} };
  },

  async update(context, name, properties, oldProperties) {
    put(context, name, properties, oldProperties);
    return { physicalId: name, attributes: {} };
  },

  async delete({ aws, authorize }, name) {
    const found = aws.dashboards.find(name);
    if (!found) return;
    authorize('cloudwatch:DeleteDashboards', found.arn);
    aws.dashboards.delete(name);
  },
};

const tagging = { tag: 'cloudwatch:TagResource', untag: 'cloudwatch:UntagResource' };

function put(context: ResourceContext, name: string, properties: Properties, oldProperties: Properties): void {
  const { aws, authorize } = context;
  const { DashboardBody: body } = properties;
  const arn = aws.dashboards.arn(name);
  authorize('cloudwatch:PutDashboard', arn);
  authorizeTagChanges(context, arn, tagging, properties, oldProperties);
  if (!/^[\w-]{1,255}$/.test(name)) {
    throw new AwsError(
      'InvalidParameterValue',
      `The value ${name} for field DashboardName contains invalid characters.`,
    );
  }
  if (typeof body !== 'string' || !isDashboard(body)) {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object with widgets.');
  }
  aws.dashboards.put(name, body);
}

function isDashboard(body: string): boolean {
  try {
    return Array.isArray((JSON.parse(body) as { widgets?: unknown }).widgets);
  } catch {
    return false;
  }
}
