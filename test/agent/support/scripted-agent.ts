import { bundleAgent } from './bundle-agent.ts';
import { startIdentityStandIn } from './identity-stand-in.ts';
import { RunningAgent } from './running-agent.ts';
import { startScriptedModel } from './scripted-model.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** An agent, with a model provider that does what a test says and AgentCore Identity beside it. */
export interface ScriptedAgent {
  readonly agent: RunningAgent;
  readonly model: Awaited<ReturnType<typeof startScriptedModel>>;
  readonly identity: Awaited<ReturnType<typeof startIdentityStandIn>>;
  close(): Promise<void>;
}

/** @param env variables of the agent, besides those that lead it to the two */
export async function startScriptedAgent(
  env: Readonly<Record<string, string>> = {},
  key = 'sk-any-key',
): Promise<ScriptedAgent> {
  const folder = temporaryFolder();
  bundleAgent(folder.path);
  const model = await startScriptedModel();
  const identity = await startIdentityStandIn(key);
  const agent = await RunningAgent.start(folder.path, {
    AWS_ENDPOINT_URL: identity.url,
    OPENAI_BASE_URL: model.url,
    ...env,
  });
  return {
    agent,
    model,
    identity,
    async close() {
      await agent.stop();
      await identity.close();
      await model.close();
      folder.remove();
    },
  };
}
