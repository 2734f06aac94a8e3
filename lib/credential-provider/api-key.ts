const providers = 'openai|azure|anthropic|gemini|google|mistral|groq|openrouter';
const phrase = `the|my|your|this|our|some|insert|enter|paste|put|add|replace|change|with|by|me|in|here|goes|real|actual|new|api|key|token|secret|${providers}`;

/** What tutorials, templates and dashboards have where the key belongs. */
const placeholders = [
  /^(<.*>|\[.*\]|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|%\w+%|\$[a-z_]\w*)$/i,
  /^your[-_ ].*$/i,
  /^(placeholder|dummy|todo|tbd|none|null|undefined)$/i,
  // OPENAI_API_KEY, INSERT_API_KEY_HERE, changeme, sk-your-key-here
  new RegExp(`^(sk-)?((${phrase})[-_ ]?)+$`, 'i'),
  // The name of a variable instead of its value.
  /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*_(KEY|TOKEN|SECRET)=?$/,
  // sk-proj-xxxx
  /^([a-z]+\d*[-_])*x{3,}$/i,
  // A key that was shortened or masked for somebody to look at: sk-..., sk-proj-****4711
  /\.{3}|…|\*{3}|^\*+$/,
];

const quotes = '"\'`“”„‟‘’‚‛«»‹›';

/**
 * What keeps a text from being an API key. It knows no provider's own format, only what no key has: it is sent in a header,
 * and it is no placeholder.
 *
 * @returns the end of a sentence that begins with what the text is the value of, and never quotes it; undefined for
 * what can be a key
 */
export function problemOfApiKey(text: string): string | undefined {
  if (text.trim() === '') return 'is empty';
  if (isJson(text)) return 'is JSON, not a plain key';
  if (placeholders.some((pattern) => pattern.test(text))) return 'is a placeholder, not a key';
  // A byte order mark would be white space to the next line, and is not seen by whoever is told to look for that.
  if (/[^\P{C}\s]|\ufeff/u.test(text)) {
    return 'has an invisible character in it, such as a byte order mark or a zero-width space';
  }
  if (text !== text.trim()) return 'begins or ends with white space or a line end';
  if (isQuoted(text)) return 'stands in quotation marks, which are not part of a key';
  if (/^bearer\s/i.test(text)) return 'begins with Bearer, which is not part of a key';
  if (isAssignment(text)) return 'is an assignment of a variable, not only its value';
  if (/\s/.test(text)) return 'has white space or a line end in it';
  if (!/^[\x21-\x7e]+$/.test(text)) return 'has a character in it that is not ASCII';
  return undefined;
}

/** The two at the ends may differ when they are typographic, which no key has in any place. */
function isQuoted(text: string): boolean {
  const [first = '', last = ''] = [text.at(0), text.at(-1)];
  return text.length > 1 && quotes.includes(first) && quotes.includes(last) && (first === last || first > '\x7f');
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** `=` at the end is what Base64 fills up with. */
function isAssignment(text: string): boolean {
  const name = /^(?:export\s+|set\s+)?([a-z_]\w*)\s*=\s*[^=\s]/i.exec(text)?.[1];
  return name !== undefined && (/^[A-Z][A-Z0-9_]{2,}$/.test(name) || /key|token|secret/i.test(name));
}
