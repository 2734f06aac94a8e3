const shapes: readonly RegExp[] = [
  // JSON Web Tokens: workload access tokens and anything else a header may have carried.
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\b(?:Bearer|Basic)\s+[\w.+/=~-]+/gi,
  // What follows the name of a header, a parameter or a field that holds a key.
  /(?<=\b(?:api[-_]?key|authorization|secret|token)["']?\s*[:=]\s*["']?)[^\s"',;&]{8,}/gi,
  // OpenAI keys, also as OpenAI echoes them in its 401: a few characters, something in their place, a few characters.
  /\bsk[-_][\w*.…•-]{4,}/g,
  /(?<![\w-])[\w-]*(?:\*{2,}|•{2,}|…|\.{3,})[\w-]+|(?<![\w-])[\w-]+(?:\*{2,}|•{2,})/g,
];

/** The names of AWS's resources look like keys, and without them nobody knows which permission is missing. */
const resourceNames = /\barn:aws[\w-]*:[\w:/.*@+=,-]*/;
/**
 * Sixteen characters and more in one go, digits among letters: keys of any provider, plain, in base64 or in hex. Versions
 * of Azure's API are none.
 */
const likeAKey = /(?<![\w-])(?!\d{4}-\d\d-\d\d-preview\b)(?=[a-z_-]*\d[\w-]*[a-z]|[\w-]*[a-z][a-z_-]*\d)[\w-]{16,}/gi;

/**
 * Takes out of a text whatever has the shape of a key or a token.
 *
 * The last net, not the first: nothing that is known to hold a key is given to it.
 *
 * @param text any text that came from elsewhere, such as the message of an unexpected error
 * @returns the text with `[redacted]` in the place of each secret, on one line and at most 1,000 characters long
 */
export function redact(text: string): string {
  const known = shapes.reduce(
    (rest, shape) => rest.replace(shape, '[redacted]'),
    withoutSecretsInUrls(beginning(text)),
  );
  const safe = known
    .split(new RegExp(`(${resourceNames.source})`))
    .map((part, index) => (index % 2 === 1 ? part : part.replace(likeAKey, '[redacted]')))
    .join('');
  return safe.replace(/\s+/g, ' ').trim().slice(0, 1000);
}

/** Passwords before the host, and all that stands behind the question mark. */
function withoutSecretsInUrls(text: string): string {
  return text.replace(/:\/\/[^/@\s"']+@/g, '://[redacted]@').replace(/(:\/\/[^\s"'?#]*[?#])[^\s"']+/g, '$1[redacted]');
}

/** What is read of a text that may be of any length, so that no text costs much time; it ends between two words. */
function beginning(text: string): string {
  const most = 3000;
  return text.length <= most ? text : text.slice(0, text.lastIndexOf(' ', most) + 1);
}
