const secretShapes: readonly RegExp[] = [
  // OpenAI keys, also as OpenAI echoes them in its 401: a few characters, asterisks, a few characters.
  /\bsk-[\w*-]{4,}/g,
  // JSON Web Tokens: workload access tokens and anything else a header may have carried.
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\bBearer\s+\S+/gi,
];

/**
 * Takes out of a text whatever has the shape of a key or a token.
 *
 * The last net, not the first: nothing that is known to hold a key is given to it.
 *
 * @param text any text that came from elsewhere, such as the message of an unexpected error
 * @returns the text with `[redacted]` in the place of each secret, on one line and at most 1,000 characters long
 */
export function redact(text: string): string {
  const safe = secretShapes.reduce((rest, shape) => rest.replace(shape, '[redacted]'), text);
  return safe.replace(/\s+/g, ' ').trim().slice(0, 1000);
}
