import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectFolder } from '../support/run.ts';

/** What of a workflow the tests look at. */
export interface Workflow {
  readonly file: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly strategy?: { readonly matrix: { readonly include: readonly Readonly<Record<string, string>>[] } };
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export const folder = join(projectFolder, '.github/workflows');

/** The workflows of this repository, as text by the name of their file. */
export function workflowFiles(): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

export function readWorkflows(files: Readonly<Record<string, string>>): Workflow[] {
  return Object.entries(files).map(([file, text]) => ({ ...(parse(text) as Workflow), file, text }));
}
