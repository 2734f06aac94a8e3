import { gunzipSync, inflateSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import type { CanaryKey } from './key.ts';

/** A part of a key that was found. */
export interface Finding {
  readonly key: string;
  /** How it was written, such as `base64`. */
  readonly encoding: string;
  /** The offset of its first byte in what was searched. */
  readonly at: number;
}

/** The least that counts: so many characters of a key, one behind the other. */
const windowLength = 8;

/** Three bytes tell where a needle may begin; so many values they have. */
const beginnings = 2 ** 24;

/** Finds every eight or more characters of some keys in bytes, however they are written or packed. */
export class Finder {
  readonly #mayBegin = new Uint8Array(beginnings / 8);
  readonly #needles = new Map<string, Omit<Finding, 'at'>>();
  /** The lengths of the needles, by their first three bytes. */
  readonly #lengths = new Map<number, Set<number>>();

  constructor(keys: readonly CanaryKey[]) {
    for (const key of keys) {
      for (let at = 0; at + windowLength <= key.random.length; at++) {
        const text = key.random.slice(at, at + windowLength);
        for (const [encoding, needles] of Object.entries(writtenAs(text))) {
          for (const needle of needles) this.#add(needle, { key: key.name, encoding });
        }
      }
    }
  }

  /** Where the keys are in the bytes: the first place of each key and encoding. */
  find(bytes: Buffer): Finding[] {
    const found = new Map<string, Finding>();
    for (const view of views(bytes)) {
      for (const finding of this.#in(view)) {
        const id = `${finding.key} ${finding.encoding}`;
        if (!found.has(id)) found.set(id, finding);
      }
    }
    return [...found.values()];
  }

  #add(needle: string, finding: Omit<Finding, 'at'>): void {
    const bytes = Buffer.from(needle, 'latin1');
    const beginning = beginningAt(bytes, 0);
    this.#mayBegin[beginning >> 3] = (this.#mayBegin[beginning >> 3] ?? 0) | (1 << (beginning & 7));
    this.#needles.set(needle, finding);
    const lengths = this.#lengths.get(beginning) ?? new Set();
    this.#lengths.set(beginning, lengths.add(bytes.length));
  }

  *#in(bytes: Buffer): Generator<Finding> {
    for (let at = 0; at + windowLength <= bytes.length; at++) {
      const beginning = beginningAt(bytes, at);
      if (((this.#mayBegin[beginning >> 3] ?? 0) & (1 << (beginning & 7))) === 0) continue;
      for (const length of this.#lengths.get(beginning) ?? []) {
        const finding = this.#needles.get(bytes.toString('latin1', at, at + length));
        if (finding) yield { ...finding, at };
      }
    }
  }
}

function beginningAt(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

/** The ways to write a few characters that cannot be undone before it is known that they are there. */
function writtenAs(text: string): Record<string, string[]> {
  const hex = Buffer.from(text).toString('hex');
  return {
    plain: [text],
    reversed: [[...text].reverse().join('')],
    hex: [hex, hex.toUpperCase()],
    // As Node.js prints a Buffer.
    'hex with spaces': [hex.replace(/..(?=.)/g, '$& ')],
    base64: base64Of(text).flatMap((each) => [each, each.replaceAll('+', '-').replaceAll('/', '_')]),
    'UTF-16': [Buffer.from(text, 'utf16le').toString('latin1').slice(0, -1)],
  };
}

/** Base64 of a text in the middle of others: for the three ways in which it may lie in the groups of three bytes. */
function base64Of(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from('\0'.repeat(before) + text).toString('base64');
    // The first and the last letter depend on the neighbours too.
    const first = Math.ceil((before * 8) / 6);
    return encoded.slice(first, Math.floor(((before + text.length) * 8) / 6));
  });
}

const deepest = 4;

/** The bytes as they are, and once more for each layer that can be taken off them. */
function* views(bytes: Buffer, depth = 0): Generator<Buffer> {
  yield bytes;
  if (depth === deepest) return;
  for (const inner of unpacked(bytes)) yield* views(inner, depth + 1);
  const text = bytes.toString('latin1');
  const plain = unescaped(text);
  if (plain !== text) yield* views(Buffer.from(plain, 'latin1'), depth + 1);
}

/** Takes one layer of the escapes of URLs, JSON and markup off. */
function unescaped(text: string): string {
  return text.replace(
    /%([0-9a-f]{2})|\\u00([0-9a-f]{2})|&#x([0-9a-f]{2});|&#(\d{2,3});|\\([/"\\])/gi,
    (_, url?: string, json?: string, markup?: string, decimal?: string, escaped?: string) => {
      const hex = url ?? json ?? markup;
      return escaped ?? String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    },
  );
}

function unpacked(bytes: Buffer): Buffer[] {
  try {
    if (bytes.readUInt32BE(0) === 0x504b0304) return Object.values(unzipSync(bytes)).map((each) => Buffer.from(each));
    if (bytes.readUInt16BE(0) === 0x1f8b) return [gunzipSync(bytes)];
    if ([0x7801, 0x789c, 0x78da].includes(bytes.readUInt16BE(0))) return [inflateSync(bytes)];
  } catch {
    // It only looked like a packed file: its bytes were searched as they are.
  }
  return [];
}
