import { randomInt } from 'node:crypto';

/** A key that is nowhere else in the world, nor is any eight characters of its random part. */
export interface CanaryKey {
  /** What a report calls it, so that no report quotes it. */
  readonly name: string;
  readonly value: string;
  /** The part that is searched for: what stands before it is the same in every key of that provider. */
  readonly random: string;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Makes a key of forty random characters. Every sixth is one that URLs and JSON write otherwise than they are.
 *
 * @param prefix as the provider's keys have, such as `sk-proj-`; none makes a key that nothing recognizes by its shape
 */
export function canaryKey(name: string, prefix = ''): CanaryKey {
  const random = Array.from({ length: 40 }, (_, at) => (at % 6 === 5 ? pick('/+=') : pick(letters))).join('');
  return { name, value: prefix + random, random };
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}
