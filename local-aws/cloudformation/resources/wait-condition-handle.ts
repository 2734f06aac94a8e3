import type { ResourceProvider } from '../resource-provider.ts';

/** `AWS::CloudFormation::WaitConditionHandle`, which templates use as a resource that makes nothing. */
export const waitConditionHandle: ResourceProvider = {
  type: 'AWS::CloudFormation::WaitConditionHandle',
  replaceOn: [],
  properties: [],
  create: async ({ aws, region, stackId, logicalId }) => ({
    physicalId: `https://cloudformation-waitcondition-${region}.s3.amazonaws.com/${encodeURIComponent(`${stackId}/${aws.account}/${logicalId}`)}`,
    attributes: {},
  }),
  update: async (_context, physicalId) => ({ physicalId, attributes: {} }),
  delete: async () => {},
};
