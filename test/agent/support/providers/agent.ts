import { startIdentityStandIn } from '../identity-stand-in.ts';
import { RunningAgent } from '../running-agent.ts';
import type { Route } from './routes.ts';
import { startProvider } from './stand-in.ts';

/** What lies in the environment of a developer, and must not reach a request. */
const ambient = {
  OPENAI_API_KEY: 'ambient-key-0123456789',
  OPENAI_ADMIN_KEY: 'ambient-admin-key-0123456789',
  OPENAI_CUSTOM_HEADERS: 'x-ambient: header\nauthorization: Bearer ambient-key-0123456789',
  OPENAI_LOG: 'debug',
  OPENAI_API_VERSION: '2020-01-01',
};

/**
 * The agent, with a provider that speaks one route and AgentCore Identity beside it.
 *
 * @param bundle the folder that the agent was bundled into
 */
export async function startAgentOn(route: Route, bundle: string) {
  const provider = await startProvider(route);
  const identity = await startIdentityStandIn(provider.key);
  const agent = await RunningAgent.start(bundle, {
    ...ambient,
    ...route.variables(provider.url),
    AWS_ENDPOINT_URL: identity.url,
    MODEL_TIMEOUT_SECONDS: '2',
  });
  return {
    agent,
    provider,
    identity,
    async close() {
      await agent.stop();
      await identity.close();
      await provider.close();
    },
  };
}

export type AgentOnRoute = Awaited<ReturnType<typeof startAgentOn>>;
