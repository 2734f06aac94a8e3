import type { ResourceContext, ResourceProvider } from '../cloudformation/resource-provider.ts';
import { AwsError } from '../errors.ts';

/** `AWS::CloudWatch::Dashboard`. */
export const dashboard: ResourceProvider = {
  type: 'AWS::CloudWatch::Dashboard',
  replaceOn: ['DashboardName'],
  properties: ['DashboardName', 'DashboardBody', 'Tags'],

  async create(context, properties) {
    const name = (properties.DashboardName as string | undefined) ?? context.generateName(255);
    put(context, name, properties.DashboardBody);
    return { physicalId: name, attributes: {} };
  },

  async update(context, name, properties) {
    put(context, name, properties.DashboardBody);
    return { physicalId: name, attributes: {} };
  },

  async delete({ aws, authorize }, name) {
    const found = aws.dashboards.find(name);
    if (!found) return;
    authorize('cloudwatch:DeleteDashboards', found.arn);
    aws.dashboards.delete(name);
  },
};

function put({ aws, authorize }: ResourceContext, name: string, body: unknown): void {
  authorize('cloudwatch:PutDashboard', aws.dashboards.arn(name));
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
