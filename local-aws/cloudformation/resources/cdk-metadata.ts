import type { ResourceProvider } from '../resource-provider.ts';

/** `AWS::CDK::Metadata`: what the CDK tells AWS about the constructs of a stack. It makes nothing. */
export const cdkMetadata: ResourceProvider = {
  type: 'AWS::CDK::Metadata',
  replaceOn: [],
  properties: ['Analytics'],
  create: async ({ generateName }) => ({ physicalId: generateName(255), attributes: {} }),
  update: async (_context, physicalId) => ({ physicalId, attributes: {} }),
  delete: async () => {},
};
