import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Bundles the agent into the files that the image holds: `main.mjs`, which answers pings, and `chunks/`, where the
 * rest of it waits. The content depends on the sources and on nothing else: not on the folder, not on the machine.
 *
 * @param outdir a folder; a bundle that is there already is replaced
 * @throws what esbuild finds wrong with the sources
 */
export function bundleAgent(outdir: string): void {
  // A construct cannot wait, and esbuild takes plugins only where one can: so it works in a process of its own.
  execFileSync(process.execPath, [import.meta.filename, resolve(outdir)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
}

/** zod brings its error messages in fifty languages along, a tenth of the bundle; nobody reads them in any. */
const zodWithoutLocales: Plugin = {
  name: 'zod-without-locales',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

/**
 * What Strands loads whether or not an agent uses it, and this one does not: MCP, and its default model on Amazon
 * Bedrock. Together they are a fifth of the bundle. An agent that wants MCP takes this out.
 */
const strandsWithoutUnusedParts: Plugin = {
  name: 'strands-without-unused-parts',
  setup({ onLoad }) {
    const parts: Readonly<Record<string, string>> = {
      'mcp/index.js': 'export class McpClient {}',
      'mcp/config.js': 'export const mcpServerLoader = { set() {} };',
      'mcp/config.node.js': 'export const resolveServerConfigs = undefined;',
      'models/bedrock.js': 'export class BedrockModel {}',
    };
    const filter =
      /[\\/]@strands-agents[\\/]sdk[\\/]dist[\\/]src[\\/](mcp[\\/](index|config|config\.node)|models[\\/]bedrock)\.js$/;
    onLoad({ filter }, ({ path }) => {
      const part = path.split(/[\\/]/).slice(-2).join('/');
      const contents = parts[part];
      if (contents === undefined) throw new Error(`Nothing stands in for ${part} of Strands.`);
      return { contents };
    });
  },
};

async function bundleHere(outdir: string): Promise<void> {
  for (const name of ['main.mjs', 'chunks']) rmSync(join(outdir, name), { recursive: true, force: true });
  const { build } = await import('esbuild');
  await build({
    // What esbuild names files by, it names relative to this folder.
    absWorkingDir: import.meta.dirname,
    // So that a checkout whose node_modules is a link elsewhere gives the same files as one with its own.
    preserveSymlinks: true,
    entryPoints: { main: 'src/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // Where a package has both, its ES modules: what they export and nobody uses can be left out.
    mainFields: ['module', 'main'],
    // The older of the two that run it: a container has the project's own Node.js, a zip has AgentCore's NODE_22.
    target: 'node22',
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    plugins: [zodWithoutLocales, strandsWithoutUnusedParts],
    // Strands loads it only for models on Amazon Bedrock's OpenAI-compatible endpoint, which the agent does not use.
    external: ['@aws/bedrock-token-generator'],
    // Some dependencies are CommonJS and ask for Node's own modules by require, which an ES module does not have.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
}

if (import.meta.main) void bundleHere(process.argv[2] ?? join(import.meta.dirname, 'bundle'));
