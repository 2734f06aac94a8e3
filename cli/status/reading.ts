import { describeError } from '../user-error.ts';

/** A part of the status: what was read, or why it could not be. */
export type Reading<T> = { readonly value: T } | { readonly unreadable: string };

/** Reads a part, so that one that is denied or gone does not hide the others. */
export async function reading<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { unreadable: describeError(error) };
  }
}

/** Something that another part would have to know, and does not. */
export function unknown(why: string): Reading<never> {
  return { unreadable: why };
}
