import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { type BuildOptions, build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';
import { OutboundAuthApp } from '../../../lib/outbound-auth-app.ts';
import type { TestAccount } from '../../support/account.ts';
import { projectFolder } from '../../support/run.ts';
import { type Edit, resolvedKey, type Weakening } from './weakenings.ts';

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;
}

/** The app as it is shipped: its two templates, and what cdk would publish with them. */
export interface SynthesizedApp {
  readonly identity: Template;
  readonly agent: Template;
  /** Code of the Lambda functions, with the folder of its sources. */
  readonly handlers: readonly { readonly bucket: string; readonly key: string; readonly folder: string }[];
  readonly images: readonly { readonly repository: string; readonly tag: string }[];
}

/** Name of the plain secret that the app copies the key of. */
export const secretName = 'team/canary-weakened';

/** Stands in the templates for the model that a deployment is given. */
const anyModel = 'http://127.0.0.1:1/v1';

const handlerOfProvider = 'lib/credential-provider/handler';

/** Of the Lambda function of each stack. */
const handlerFolders = [handlerOfProvider, 'lib/agent-runtime/log-groups/handler'];

/** Synthesizes the app with one environment, whose key is a copy: then it passes the handler's hands. */
export function synthesizeApp(account: string, region: string): SynthesizedApp {
  const environment = { secret: secretName, source: 'copy', account, region, openai: { baseUrl: anyModel } };
  const app = new OutboundAuthApp({ context: { environments: { dev: environment } } });
  const { stacks } = app.synth().getNestedAssembly('assembly-dev');
  const templates = stacks.map(({ template }) => template as Template);
  const manifests = stacks.map(({ assets: _assets, ...stack }) =>
    JSON.parse(
      readFileSync(
        join(app.outdir, 'assembly-dev', `${basename(stack.templateFile, '.template.json')}.assets.json`),
        'utf8',
      ),
    ),
  ) as Manifest[];
  rmSync(app.outdir, { recursive: true, force: true });
  const [identity, agent] = templates;
  if (!identity || !agent) throw new Error('the app has not the two stacks identity and agent');
  return {
    identity,
    agent,
    handlers: manifests.flatMap(({ files }, index) =>
      Object.values(files)
        .filter(({ source }) => source.packaging === 'zip')
        .flatMap(({ destinations }) => Object.values(destinations))
        .map(({ bucketName, objectKey }) => ({
          bucket: bucketName,
          key: objectKey,
          folder: handlerFolders[index] ?? '',
        })),
    ),
    images: manifests
      .flatMap(({ dockerImages }) => Object.values(dockerImages))
      .flatMap(({ destinations }) => Object.values(destinations))
      .map(({ repositoryName, imageTag }) => ({ repository: repositoryName, tag: imageTag })),
  };
}

interface Manifest {
  readonly files: Record<
    string,
    {
      readonly source: { readonly packaging: string };
      readonly destinations: Record<string, { readonly bucketName: string; readonly objectKey: string }>;
    }
  >;
  readonly dockerImages: Record<
    string,
    { readonly destinations: Record<string, { readonly repositoryName: string; readonly imageTag: string }> }
  >;
}

/**
 * Deploys the app with one thing wrong in it, by the same CloudFormation but without the cdk command, which takes ten
 * seconds for it. A stack that fails is left as its rollback leaves it.
 *
 * @param modelUrl base URL of the model
 * @returns ARN of the runtime; undefined where the wrong thing is in the identity stack, which is then the only one
 */
export async function deployWeakened(
  account: TestAccount,
  app: SynthesizedApp,
  weakening: Weakening,
  modelUrl: string,
): Promise<string | undefined> {
  const { aws, region } = account;
  for (const { bucket, key, folder } of app.handlers) {
    const edits = folder === handlerOfProvider ? (weakening.handler ?? []) : [];
    const handler = await bundled(folder, 'index.ts', edits, { format: 'cjs', mainFields: ['module', 'main'] });
    aws.objects.put(bucket, key, Buffer.from(zipSync({ 'index.js': strToU8(handler) }, { level: 0 })));
  }
  if (!(await created('identity', account, app, weakening, modelUrl))) return undefined;
  const isOfIdentity = weakening.handler !== undefined || weakening.template?.stack === 'identity';
  if (isOfIdentity) return undefined;
  const agent = await bundled('agent/src', 'main.ts', weakening.agent ?? [], {
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['@aws/bedrock-token-generator'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  for (const { repository, tag } of app.images) {
    await aws.images.push(region, repository, tag, {
      config: {
        platform: 'linux/arm64',
        command: ['node', 'main.mjs'],
        entrypoint: [],
        environment: {},
        workingDirectory: '/app',
        user: '1000',
      },
      files: new Map([['app/main.mjs', strToU8(agent)]]),
      folders: [],
      executables: new Set(),
    });
  }
  await created('agent', account, app, weakening, modelUrl);
  return account.output('outbound-auth-dev-agent', 'RuntimeArn');
}

/** @returns whether the stack is there */
async function created(
  stack: 'identity' | 'agent',
  account: TestAccount,
  app: SynthesizedApp,
  weakening: Weakening,
  modelUrl: string,
): Promise<boolean> {
  const StackName = `outbound-auth-dev-${stack}`;
  const TemplateBody = JSON.stringify(weakened(app[stack], stack, weakening)).replaceAll(anyModel, modelUrl);
  const client = new CloudFormationClient(account.client);
  await client.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }));
  const end = await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 0.2, maxDelay: 1 }, { StackName })
    .then(() => true)
    .catch(() => false);
  client.destroy();
  return end;
}

function weakened(template: Template, stack: 'identity' | 'agent', { template: change }: Weakening): Template {
  if (change?.stack !== stack) return template;
  const copy = structuredClone(template);
  const [resource, ...others] = Object.values(copy.Resources).filter(({ Type }) => Type === change.type);
  if (!resource || others.length > 0) throw new Error(`the stack ${stack} has not exactly one ${change.type}`);
  const path = [...change.property];
  const last = path.pop() as string;
  let properties = resource.Properties;
  for (const name of path) {
    properties[name] ??= {};
    properties = properties[name] as Record<string, unknown>;
  }
  properties[last] = resolvedKey(secretName);
  return copy;
}

const unchanged = new Map<string, Promise<string>>();

/** A bundle of sources with places in them exchanged; each has to be there, once. */
function bundled(folder: string, entry: string, edits: readonly Edit[], options: BuildOptions): Promise<string> {
  const known = edits.length === 0 ? unchanged.get(folder) : undefined;
  const bundle = known ?? bundledWith(edits, folder, entry, options);
  if (edits.length === 0) unchanged.set(folder, bundle);
  return bundle;
}

async function bundledWith(
  edits: readonly Edit[],
  folder: string,
  entry: string,
  options: BuildOptions,
): Promise<string> {
  const absolute = join(projectFolder, folder);
  const made = new Set<unknown>();
  const { outputFiles } = await build({
    entryPoints: [join(absolute, entry)],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    logLevel: 'silent',
    ...options,
    plugins: [
      {
        name: 'weaken',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const own = edits.filter(({ file }) => join(absolute, file) === path);
            if (own.length === 0 && !path.startsWith(absolute)) return undefined;
            let contents = readFileSync(path, 'utf8');
            for (const edit of own) {
              if (contents.split(edit.right).length === 2) made.add(edit);
              contents = contents.replace(edit.right, () => edit.wrong);
            }
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  const missing = edits.find((edit) => !made.has(edit));
  if (missing) throw new Error(`${folder}/${missing.file} has not exactly one place that says: ${missing.right}`);
  return outputFiles?.[0]?.text ?? '';
}
