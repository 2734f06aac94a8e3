import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { OutboundAuthApp } from '../../lib/outbound-auth-app.ts';
import type { Aws } from '../../local-aws/aws.ts';
import { readBuildContext } from '../../local-aws/docker/build-context.ts';
import { parseDockerfile } from '../../local-aws/docker/dockerfile.ts';
import { layOut } from '../../local-aws/docker/layout.ts';
import { readLayout } from '../../local-aws/ecr/image-archive.ts';

/** A template as CDK wrote it. */
export interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  [section: string]: unknown;
}

/** A stack of the app, ready to be deployed. */
export interface SynthesizedStack {
  readonly stackName: string;
  readonly template: Template;
}

interface AssetManifest {
  readonly files: Record<string, { source: { path: string; packaging: string }; destinations: Destinations }>;
  readonly dockerImages: Record<
    string,
    { source: { directory: string; platform: string }; destinations: Destinations }
  >;
}

type Destinations = Record<
  string,
  { bucketName?: string; objectKey?: string; repositoryName?: string; imageTag?: string }
>;

/**
 * The stacks of the app as it is shipped, in the order in which they are deployed; their assets are where the templates
 * look for them. The same as `cdk deploy` does, without the command.
 *
 * @param environments the setting of cdk.json
 */
export async function synthesize(
  aws: Aws,
  region: string,
  environments: Readonly<Record<string, object>>,
): Promise<SynthesizedStack[]> {
  const app = new OutboundAuthApp({ context: { environments } });
  try {
    const stacks = app.synth().stacksRecursively;
    for (const { templateFullPath } of stacks) {
      const manifest = templateFullPath.replace('.template.json', '.assets.json');
      await publish(aws, region, JSON.parse(await readFile(manifest, 'utf8')) as AssetManifest, dirname(manifest));
    }
    return stacks.map(({ stackName, template }) => ({ stackName, template }));
  } finally {
    await rm(app.outdir, { recursive: true, force: true });
  }
}

/**
 * Deploys the app as it is shipped, as `cdk deploy` does, without the command.
 *
 * @param environments the setting of cdk.json
 */
export async function deployInProcess(
  aws: Aws,
  region: string,
  environments: Readonly<Record<string, object>>,
): Promise<SynthesizedStack[]> {
  const stacks = await synthesize(aws, region, environments);
  for (const stack of stacks) await aws.stacks.deploy({ region, ...stack });
  return stacks;
}

async function publish(aws: Aws, region: string, manifest: AssetManifest, folder: string): Promise<void> {
  const here = (text = '') => text.replaceAll('${AWS::AccountId}', aws.account).replaceAll('${AWS::Region}', region);
  for (const { source, destinations } of Object.values(manifest.files)) {
    if (source.packaging !== 'zip') continue;
    for (const { bucketName, objectKey } of Object.values(destinations)) {
      if (aws.objects.get(here(bucketName), here(objectKey))) continue;
      aws.objects.put(here(bucketName), here(objectKey), await zip(join(folder, source.path)));
    }
  }
  for (const { source, destinations } of Object.values(manifest.dockerImages ?? {})) {
    for (const { repositoryName, imageTag = '' } of Object.values(destinations)) {
      if (aws.images.find(region, here(repositoryName), imageTag)) continue;
      const content = await build(join(folder, source.directory), source.platform);
      await aws.images.push(region, here(repositoryName), imageTag, content);
    }
  }
}

async function zip(folder: string): Promise<Buffer> {
  const files: Zippable = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(folder.length + 1)] = await readFile(path);
  }
  return Buffer.from(zipSync(files, { level: 0 }));
}

async function build(folder: string, platform: string) {
  const dockerfile = join(folder, 'Dockerfile');
  const plan = parseDockerfile(await readFile(dockerfile, 'utf8'));
  const root = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    await layOut(plan, folder, await readBuildContext(folder, dockerfile), root);
    const { command, entrypoint, environment, workingDirectory, user } = plan;
    return await readLayout(root, { platform, command, entrypoint, environment, workingDirectory, user });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
