import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAgent } from '../../test/agent/support/bundle-agent.ts';

/** What every agent of the benchmark is told. */
export const agentEnvironment = {
  HOST: '127.0.0.1',
  PORT: '0',
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'AKIATEST',
  AWS_SECRET_ACCESS_KEY: 'secret',
  CREDENTIAL_PROVIDER_NAME: 'openai-test',
};

/** Does something with the agent's bundle, as the image holds it. */
export async function withBundle<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-agent-'));
  try {
    bundleAgent(folder);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
