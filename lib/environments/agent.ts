import * as z from 'zod';
import { tracingDefaults, tracingModes } from '../../agent/src/tracing-settings.ts';
import { lifecycle } from './lifecycle.ts';
import { network } from './network.ts';
import { text } from './rules.ts';

/** The agent, and the AgentCore Runtime that runs it. */
export const agent = {
  callersWithoutUser: z
    .boolean()
    .default(false)
    .describe('Answer callers that name no user, such as a schedule, with a workload identity of its own.'),
  runtimeName: z
    .string()
    .regex(
      /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/,
      'must start with a letter and have at most 48 letters, digits and underscores (AgentCore allows no hyphens)',
    )
    .optional()
    .describe(
      'Name of the agent runtime: letters, digits, underscores. Another name is another runtime. Default: `outbound_auth_ENVIRONMENT`, and with `artifact: code` `outbound_auth_ENVIRONMENT_zip`.',
    ),
  platformVersion: z
    .enum(['V1', 'V2'])
    .default('V2')
    .describe(
      "Version of the AgentCore Runtime platform, pinned so that AWS's default cannot change under a running agent.",
    ),
  artifact: z
    .enum(['container', 'code'])
    .default('container')
    .describe(
      'How the agent comes to AgentCore: as a `container` image, or as a zip of its `code`, which needs no Docker.',
    ),
  network: network
    .optional()
    .describe("Network that the agent's sessions are in. Default: AgentCore's own, which reaches the internet."),
  lifecycle: lifecycle.optional().describe("How long AgentCore keeps a session. Default: AgentCore's own times."),
  systemPrompt: text
    .max(2048, 'must have at most 2048 characters (the limit of an environment variable)')
    .optional()
    .describe("System prompt of the agent. Default: the agent's own."),
  tracing: z
    .enum(tracingModes)
    .default(tracingDefaults.tracing)
    .describe('`on`: the agent sends traces to AWS X-Ray, without what was said; `content`: with it.'),
};
