// Control characters, but for tab and line feed; and what changes the direction of the text that follows.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text from elsewhere as a terminal may show it: without the characters by which it could move the cursor, rename the
 * window, or hide and reorder what was printed. A file or a pipe gets the text as it is.
 */
export function terminalText(text: string, stream: { readonly isTTY?: boolean }): string {
  return stream.isTTY ? text.replace(obeyed, '') : text;
}
