/**
 * A text from elsewhere as a terminal may show it: without the control characters by which it could move the cursor,
 * rename the window or hide what was printed. A file or a pipe gets the text as it is.
 */
export function terminalText(text: string, stream: { readonly isTTY?: boolean }): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return stream.isTTY ? text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '') : text;
}
