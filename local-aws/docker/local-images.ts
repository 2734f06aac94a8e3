import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { digestOf, type ImageContent, readLayout } from '../ecr/image-archive.ts';
import type { ImageConfig } from '../ecr/image-config.ts';
import { Refusal } from './refusal.ts';

/** An image as `build` left it. */
export interface LocalImage {
  readonly id: string;
  readonly config: ImageConfig;
  /** Its files, laid out as a root file system. */
  readonly directory: string;
}

/** What the stand-in keeps between its calls: images by tag, and logins. A folder that only its user can read. */
export class LocalImages {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Opens the folder that the environment variable LOCAL_AWS_DOCKER_STATE names, else one of the user among the
   * temporary files.
   *
   * @throws Refusal when the folder is another user's, or others can read it
   */
  static async open(environment: NodeJS.ProcessEnv): Promise<LocalImages> {
    const { uid } = userInfo();
    const directory = environment.LOCAL_AWS_DOCKER_STATE || join(tmpdir(), `local-aws-docker-${uid}`);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Everybody may write below /tmp: somebody else could have put the folder there first.
    const state = await lstat(directory);
    if (!state.isDirectory() || (uid >= 0 && state.uid !== uid) || (uid >= 0 && (state.mode & 0o077) !== 0)) {
      throw new Refusal(
        `${directory} must be a folder that only you can read: remove it, or set LOCAL_AWS_DOCKER_STATE.`,
      );
    }
    for (const folder of ['images', 'tags', 'logins']) await mkdir(join(directory, folder), { recursive: true });
    return new LocalImages(directory);
  }

  /** Lays out a new image by a function that fills an empty folder, and tags it. */
  async build(
    tags: readonly string[],
    config: ImageConfig,
    fill: (root: string) => Promise<void>,
  ): Promise<LocalImage> {
    const unfinished = join(this.#directory, 'images', `unfinished-${randomBytes(8).toString('hex')}`);
    try {
      const root = join(unfinished, 'files');
      await mkdir(root, { recursive: true });
      await fill(root);
      const id = digestOf(await readLayout(root, config));
      await writeFile(join(unfinished, 'config.json'), JSON.stringify(config));
      // Another build of the same content may have come first: then that one stays.
      await rename(unfinished, this.#imageDirectory(id)).catch(() => undefined);
      for (const tag of tags) await this.#writeTag(tag, id);
      return { id, config, directory: join(this.#imageDirectory(id), 'files') };
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  async find(tag: string): Promise<LocalImage | undefined> {
    const entry = await readJson<{ id: string }>(this.#tagFile(tag));
    if (!entry) return undefined;
    const config = await readJson<ImageConfig>(join(this.#imageDirectory(entry.id), 'config.json'));
    return config && { id: entry.id, config, directory: join(this.#imageDirectory(entry.id), 'files') };
  }

  /** @throws Refusal when there is no such image */
  async get(tag: string): Promise<LocalImage> {
    const image = await this.find(tag);
    if (!image) throw new Refusal(`No such image: ${tag}`);
    return image;
  }

  /** @throws Refusal when there is no image with the first tag */
  async tag(tag: string, newTag: string): Promise<void> {
    await this.#writeTag(newTag, (await this.get(tag)).id);
  }

  async content(image: LocalImage): Promise<ImageContent> {
    return readLayout(image.directory, image.config);
  }

  /** Keeps the password of a registry, for the local-aws of this endpoint alone. */
  async writeLogin(endpoint: string, registry: string, password: string): Promise<void> {
    await this.#write(this.#loginFile(endpoint, registry), password);
  }

  async readLogin(endpoint: string, registry: string): Promise<string | undefined> {
    return readFile(this.#loginFile(endpoint, registry), 'utf8').catch(() => undefined);
  }

  async #writeTag(tag: string, id: string): Promise<void> {
    await this.#write(this.#tagFile(tag), JSON.stringify({ tag: withTag(tag), id }));
  }

  // Several builds run at once: a file appears whole or not at all.
  async #write(path: string, text: string): Promise<void> {
    const unfinished = `${path}.${randomBytes(8).toString('hex')}`;
    await writeFile(unfinished, text, { mode: 0o600 });
    await rename(unfinished, path);
  }

  #imageDirectory(id: string): string {
    return join(this.#directory, 'images', id.replace(':', '-'));
  }

  #tagFile(tag: string): string {
    return join(this.#directory, 'tags', fileName(withTag(tag)));
  }

  #loginFile(endpoint: string, registry: string): string {
    return join(this.#directory, 'logins', fileName(`${endpoint} ${registry}`));
  }
}

function withTag(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`;
}

// A tag is longer than a file's name may be, and holds slashes.
function fileName(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
