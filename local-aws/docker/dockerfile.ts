import { posix } from 'node:path';
import { needsDocker, Refusal } from './refusal.ts';
import { splitWords } from './words.ts';

/** One COPY. */
export interface Copy {
  /** Relative to the build context. */
  readonly sources: readonly string[];
  /** Absolute, in the image. */
  readonly destination: string;
  /** Whether the Dockerfile says that the destination is a folder. */
  readonly intoFolder: boolean;
  /** From `--chmod`; undefined keeps the file's own mode. */
  readonly executable?: boolean;
}

/** What a Dockerfile of one stage and without RUN makes. */
export interface ImagePlan {
  readonly base: string;
  /** From `FROM --platform=…`. */
  readonly platform?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly user: string;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  /** The folders that WORKDIR makes. */
  readonly folders: readonly string[];
  readonly copies: readonly Copy[];
}

interface Instruction {
  readonly name: string;
  readonly flags: ReadonlyMap<string, string>;
  readonly text: string;
  /** For messages: `COPY (line 4)`. */
  readonly place: string;
}

type Draft = { -readonly [Key in keyof ImagePlan]: ImagePlan[Key] } & {
  base: string | undefined;
  workingDirectorySet: boolean;
};

/**
 * Reads a Dockerfile that only copies.
 *
 * @throws Refusal naming the instruction and its line, for everything else
 */
export function parseDockerfile(text: string): ImagePlan {
  const draft = {
    base: undefined,
    environment: {},
    workingDirectory: '/',
    workingDirectorySet: false,
    user: '',
    command: [],
    entrypoint: [],
    folders: [],
    copies: [],
  } as unknown as Draft;
  for (const instruction of readInstructions(text)) {
    const apply = Object.hasOwn(instructions, instruction.name) ? instructions[instruction.name] : undefined;
    if (!apply) throw needsDocker(instruction.place);
    if (draft.base === undefined && !['FROM', 'ARG'].includes(instruction.name)) {
      throw new Refusal(`${instruction.place}: a Dockerfile begins with FROM.`);
    }
    apply(instruction, draft);
  }
  const { base, workingDirectorySet: _, ...plan } = draft;
  if (base === undefined) throw new Refusal('The Dockerfile has no FROM.');
  if (plan.command.length === 0 && plan.entrypoint.length === 0) {
    throw needsDocker('A Dockerfile with neither CMD nor ENTRYPOINT, which runs what its base image says,');
  }
  return { ...plan, base };
}

const instructions: Record<string, (instruction: Instruction, draft: Draft) => void> = {
  FROM(instruction, draft) {
    if (draft.base !== undefined) throw needsDocker(`${instruction.place}: a build of several stages`);
    const platform = onlyFlags(instruction, ['platform']).get('platform');
    refuseVariables(instruction);
    const [base, as] = splitWords(instruction.text);
    if (base === undefined || (as !== undefined && as.toUpperCase() !== 'AS')) {
      throw new Refusal(`${instruction.place} names no image.`);
    }
    draft.base = base;
    if (platform !== undefined) draft.platform = platform;
  },

  // Its value can only be used by RUN and by substitution, which are both refused.
  ARG() {},

  ENV(instruction, draft) {
    refuseVariables(instruction);
    draft.environment = { ...draft.environment, ...readPairs(instruction) };
  },

  LABEL: refuseVariables,
  EXPOSE: refuseVariables,

  WORKDIR(instruction, draft) {
    refuseVariables(instruction);
    draft.workingDirectory = resolve(instruction, draft, splitWords(instruction.text)[0] ?? '');
    draft.workingDirectorySet = true;
    draft.folders = [...draft.folders, draft.workingDirectory];
  },

  USER(instruction, draft) {
    refuseVariables(instruction);
    draft.user = instruction.text;
  },

  COPY(instruction, draft) {
    refuseVariables(instruction);
    if (instruction.text.includes('<<')) throw needsDocker(`${instruction.place} with a here-document`);
    const flags = onlyFlags(instruction, ['chown', 'chmod', 'link']);
    const words = readStrings(instruction.text) ?? splitWords(instruction.text);
    const destination = words.at(-1);
    if (destination === undefined || words.length < 2) {
      throw new Refusal(`${instruction.place} needs a source and a destination.`);
    }
    const intoFolder = /(?:^|\/)\.?$/.test(destination);
    if (words.length > 2 && !intoFolder) {
      throw new Refusal(
        `${instruction.place}: when using COPY with more than one source file, the destination must be a directory and end with a /`,
      );
    }
    const mode = flags.get('chmod');
    if (mode !== undefined && !/^[0-7]{3,4}$/.test(mode)) throw needsDocker(`${instruction.place} --chmod=${mode}`);
    draft.copies = [
      ...draft.copies,
      {
        sources: words.slice(0, -1),
        destination: resolve(instruction, draft, destination),
        intoFolder,
        ...(mode === undefined ? {} : { executable: (Number.parseInt(mode, 8) & 0o111) !== 0 }),
      },
    ];
  },

  CMD(instruction, draft) {
    draft.command = readExecForm(instruction);
  },

  ENTRYPOINT(instruction, draft) {
    draft.entrypoint = readExecForm(instruction);
  },
};

function readInstructions(text: string): Instruction[] {
  const found: Instruction[] = [];
  let pending: { text: string; line: number } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (index === 0 && /^#\s*escape\s*=\s*`/i.test(line)) throw needsDocker('The parser directive "escape"');
    // A comment may also stand between the lines of one instruction.
    if (line === '' || line.startsWith('#')) continue;
    const isContinued = line.endsWith('\\');
    const part = isContinued ? line.slice(0, -1) : line;
    pending = { text: (pending?.text ?? '') + part, line: pending?.line ?? index + 1 };
    if (isContinued) continue;
    found.push(readInstruction(pending.text, pending.line));
    pending = undefined;
  }
  if (pending) found.push(readInstruction(pending.text, pending.line));
  return found;
}

function readInstruction(text: string, line: number): Instruction {
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  const name = word.toUpperCase();
  const flags = new Map<string, string>();
  let remaining = rest.trim();
  for (;;) {
    const match = /^--([a-z-]+)(?:=(\S*))?\s+/.exec(remaining);
    if (!match) break;
    flags.set(match[1] as string, match[2] ?? 'true');
    remaining = remaining.slice(match[0].length);
  }
  return { name, flags, text: remaining, place: `${name} (line ${line})` };
}

function onlyFlags({ flags, place }: Instruction, known: readonly string[]): ReadonlyMap<string, string> {
  const other = [...flags.keys()].find((flag) => !known.includes(flag));
  if (other !== undefined) throw needsDocker(`${place} --${other}`);
  return flags;
}

function refuseVariables({ text, flags, place }: Instruction): void {
  if ([text, ...flags.values()].some((value) => value.includes('$'))) {
    throw needsDocker(`${place} with the substitution of a variable`);
  }
}

function readPairs({ text, place }: Instruction): Record<string, string> {
  const words = splitWords(text);
  if (words[0]?.includes('=')) {
    return Object.fromEntries(
      words.map((word) => {
        const at = word.indexOf('=');
        if (at <= 0) throw new Refusal(`${place}: "${word}" is not NAME=VALUE.`);
        return [word.slice(0, at), word.slice(at + 1)];
      }),
    );
  }
  // The old form: one name, and the rest of the line is its value.
  const [, name, value] = /^(\S+)\s+(.+)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Refusal(`${place} needs a name and a value.`);
  return { [name]: splitWords(value).join(' ') };
}

function readStrings(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function readExecForm({ text, place }: Instruction): string[] {
  const words = readStrings(text);
  if (!words) throw needsDocker(`${place} in the shell form (write ["program", "argument"] instead)`);
  return words;
}

function resolve({ place }: Instruction, { workingDirectory, workingDirectorySet }: Draft, path: string): string {
  if (!path.startsWith('/') && !workingDirectorySet) {
    throw needsDocker(`${place}: a path relative to the base image's own WORKDIR`);
  }
  const resolved = posix.join('/', path.startsWith('/') ? path : posix.join(workingDirectory, path));
  return resolved.length > 1 ? resolved.replace(/\/$/, '') : resolved;
}
