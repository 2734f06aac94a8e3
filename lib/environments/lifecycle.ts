import * as z from 'zod';

/** What AgentCore ends a session after, in seconds. */
const longest = 28_800;

const seconds = z.int().min(60).max(longest);

/** How long AgentCore keeps a session. */
export const lifecycle = z
  .strictObject({
    idleSeconds: seconds
      .optional()
      .describe(
        "Seconds without a request after which a session ends, 60 to 28800. Default: AgentCore's own, 900, or maxSeconds where that is less.",
      ),
    maxSeconds: seconds
      .optional()
      .describe("Seconds after which a session ends in any case, 60 to 28800. Default: AgentCore's own, 28800."),
  })
  .refine(({ idleSeconds = 0, maxSeconds = longest }) => idleSeconds <= maxSeconds, {
    path: ['idleSeconds'],
    error: 'cannot be more than maxSeconds',
  });
