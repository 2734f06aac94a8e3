import { readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join, resolve } from 'node:path';
import { packImage } from '../ecr/image-archive.ts';
import { readBuildContext } from './build-context.ts';
import { readCommandLine } from './command-line.ts';
import { parseDockerfile } from './dockerfile.ts';
import { layOut } from './layout.ts';
import { LocalImages } from './local-images.ts';
import { needsDocker, Refusal } from './refusal.ts';
import { Registry } from './registry.ts';

/** What a command works with. */
export interface CommandContext {
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly readInput: () => Promise<string>;
  readonly print: (line: string) => void;
}

/**
 * Runs one docker command.
 *
 * @param words the command line after `docker`
 * @throws Refusal for what the stand-in does not do, and for what went wrong
 */
export async function runCommand(words: readonly string[], context: CommandContext): Promise<void> {
  // The cdk command may name a folder of credential helpers; nothing here would ask them.
  const [name = '', ...rest] = words[0] === '--config' ? words.slice(2) : words;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw needsDocker(`docker ${name}`);
  await command(rest, context);
}

const commands: Record<string, (words: readonly string[], context: CommandContext) => Promise<void>> = {
  async build(words, { environment, workingDirectory, print }) {
    const { flags, operands } = readCommandLine('build', words, {
      tag: 'value',
      file: 'value',
      platform: 'value',
      'build-arg': 'value',
      // These three change how fast a build is, not what it makes.
      'cache-from': 'value',
      'cache-to': 'value',
      'no-cache': 'switch',
    });
    const [folder, ...others] = operands;
    if (folder === undefined || others.length > 0) throw new Refusal('docker build takes one folder.');
    const contextRoot = resolve(workingDirectory, folder);
    const file = flags.get('file')?.at(-1);
    const dockerfile = file === undefined ? join(contextRoot, 'Dockerfile') : resolve(workingDirectory, file);
    const text = await readFile(dockerfile, 'utf8').catch(() => {
      throw new Refusal(`There is no Dockerfile at ${dockerfile}.`);
    });
    const plan = parseDockerfile(text);
    const platform = flags.get('platform')?.at(-1) ?? plan.platform ?? ownPlatform();
    const entries = await readBuildContext(contextRoot, dockerfile);
    const images = await LocalImages.open(environment);
    const { command, entrypoint, environment: variables, workingDirectory: folderOfWork, user } = plan;
    const image = await images.build(
      flags.get('tag') ?? [],
      { platform, command, entrypoint, environment: variables, workingDirectory: folderOfWork, user },
      (root) => layOut(plan, contextRoot, entries, root),
    );
    print(
      `No image was built: this is the stand-in for docker of local-aws. It laid out what the Dockerfile copies in ${image.directory}. ` +
        `The base image ${plan.base} was not fetched and no file has an owner: local-aws runs the image's command with the programs of this machine.`,
    );
  },

  /** As docker says it to `--format '{{json .}}'`, which is how programs ask whether it is there. */
  async version(words, { print }) {
    const { flags } = readCommandLine('version', words, { format: 'value' });
    if (flags.get('format')?.at(-1) !== '{{json .}}') throw new Refusal("docker version takes --format '{{json .}}'.");
    const part = { Version: '(the stand-in of local-aws)', Os: 'linux' };
    print(JSON.stringify({ Client: part, Server: part }));
  },

  async inspect(words, { environment, print }) {
    const { operands } = readCommandLine('inspect', words, {});
    const images = await LocalImages.open(environment);
    const found = await Promise.all(operands.map(async (tag) => ({ tag, image: await images.get(tag) })));
    print(
      JSON.stringify(
        found.map(({ tag, image: { id, config } }) => {
          const [os, architecture] = config.platform.split('/');
          return { Id: id, RepoTags: [tag], Os: os, Architecture: architecture, Config: dockerConfig(config) };
        }),
      ),
    );
  },

  async tag(words, { environment }) {
    const [from, to, ...others] = readCommandLine('tag', words, {}).operands;
    if (from === undefined || to === undefined || others.length > 0) throw new Refusal('docker tag takes two names.');
    await (await LocalImages.open(environment)).tag(from, to);
  },

  async login(words, { environment, readInput, print }) {
    const { flags, operands } = readCommandLine('login', words, { username: 'value', 'password-stdin': 'switch' });
    const [host] = operands;
    if (flags.get('username')?.at(-1) !== 'AWS' || !flags.has('password-stdin') || host === undefined) {
      throw new Refusal('docker login takes --username AWS --password-stdin and a registry of ECR.');
    }
    const registryHost = host.replace(/^https?:\/\/|\/+$/g, '');
    const password = (await readInput()).trim();
    const registry = new Registry(environment);
    await registry.checkLogin(registryHost, password);
    await (await LocalImages.open(environment)).writeLogin(registry.endpoint, registryHost, password);
    print('Login Succeeded');
  },

  async push(words, { environment, print }) {
    const [uri, ...others] = readCommandLine('push', words, {}).operands;
    if (uri === undefined || others.length > 0) throw new Refusal('docker push takes one image.');
    const registry = new Registry(environment);
    const images = await LocalImages.open(environment);
    const image = await images.get(uri);
    const host = uri.split('/')[0] as string;
    const password = await images.readLogin(registry.endpoint, host);
    if (password === undefined) throw new Refusal(`no basic auth credentials: log in to ${host} first.`);
    const archive = new Uint8Array(packImage(await images.content(image)));
    print(`Pushed to local-aws: ${uri} ${await registry.push(uri, archive, password)}`);
  },
};

function ownPlatform(): string {
  return `linux/${arch() === 'x64' ? 'amd64' : arch()}`;
}

function dockerConfig(config: Parameters<typeof packImage>[0]['config']) {
  return {
    Cmd: config.command,
    Entrypoint: config.entrypoint,
    Env: Object.entries(config.environment).map(([name, value]) => `${name}=${value}`),
    WorkingDir: config.workingDirectory,
    User: config.user,
  };
}
