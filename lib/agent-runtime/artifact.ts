import { chmodSync, copyFileSync, cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { bundleAgent } from '../../agent/bundle.ts';
import { bundleFolder } from '../bundle-folder.ts';
import type { Environment } from '../environments/index.ts';

/**
 * What AgentCore Runtime starts, from one bundle of the agent: a container image, or a zip for direct code deployment,
 * which needs no Docker.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-get-started-code-deploy-node.html
 */
export function agentArtifact(kind: Environment['artifact']): AgentRuntimeArtifact {
  if (kind === 'container') return AgentRuntimeArtifact.fromAsset(imageFolder(), { platform: Platform.LINUX_ARM64 });
  return AgentRuntimeArtifact.fromCodeAsset({
    path: codeFolder(),
    runtime: AgentCoreRuntime.NODE_22,
    entrypoint: [entryPoint],
  });
}

/** Variables that an artifact needs besides the agent's settings. */
export function artifactVariables(kind: Environment['artifact']): Record<string, string> {
  // The Dockerfile gives the flag on the command line, which is AgentCore's own in a direct code deployment.
  return kind === 'code' ? { NODE_OPTIONS: '--max-semi-space-size=1' } : {};
}

/** AgentCore takes files that end with .js only. */
const entryPoint = 'main.js';

function imageFolder(): string {
  return bundleFolder('agent-image', (folder) => {
    copyFileSync(join(import.meta.dirname, '../../agent/Dockerfile'), join(folder, 'Dockerfile'));
    bundleAgent(join(folder, 'bundle'));
  });
}

function codeFolder(): string {
  return bundleFolder('agent-code', (folder) => {
    cpSync(join(imageFolder(), 'bundle'), folder, { recursive: true });
    writeFileSync(join(folder, entryPoint), "import './main.mjs';\n");
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
    makeReadable(folder);
  });
}

/** A zip holds the files' modes, and AgentCore runs it as a user of its own: the umask of this machine must not count. */
function makeReadable(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
