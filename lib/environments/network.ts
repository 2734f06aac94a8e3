import * as z from 'zod';

function idOf(kind: 'subnet' | 'sg') {
  return z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be an id such as ${kind}-0123456789abcdef0`);
}

/** The network that the agent's sessions are in, in the place of AgentCore's public one. */
export const network = z.strictObject({
  subnets: z
    .array(idOf('subnet'))
    .min(1)
    .max(16)
    .describe(
      'Subnets of one VPC, 1 to 16, with a way out to the model provider: private ones, in two Availability Zones that AgentCore supports.',
    ),
  securityGroups: z
    .array(idOf('sg'))
    .min(1)
    .max(16)
    .describe('Security groups of the same VPC, 1 to 16, that let the agent out.'),
});
