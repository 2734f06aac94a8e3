import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Material } from './material.ts';

/** How often the folders are read, in milliseconds. */
const interval = 50;

/** Keeps the contents of every file that is seen below some folders, also after it is gone. */
export class FileWatch {
  readonly #folders: readonly string[];
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Map<string, Material>();

  constructor(folders: readonly string[]) {
    this.#folders = folders;
    this.#timer = setInterval(() => this.look(), interval);
  }

  /** What was seen so far, by version. */
  get files(): Iterable<Material> {
    return this.#seen.values();
  }

  look(): void {
    for (const folder of this.#folders) this.#visit(folder);
  }

  stop(): void {
    this.look();
    clearInterval(this.#timer);
  }

  #visit(folder: string): void {
    for (const entry of list(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) this.#visit(path);
      else if (entry.isFile()) this.#keep(path);
    }
  }

  #keep(path: string): void {
    try {
      const { size, mtimeMs } = statSync(path);
      const version = `${path} ${size} ${mtimeMs}`;
      if (!this.#seen.has(version)) this.#seen.set(version, { where: path, bytes: readFileSync(path) });
    } catch {
      // It is gone again.
    }
  }
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
