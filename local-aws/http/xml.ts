/** What the XML renderer takes: nothing (left out), a text, a time, a list (of `member`), or a structure. */
export type XmlValue =
  | undefined
  | null
  | string
  | number
  | boolean
  | Date
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/**
 * Renders a value as the children of an element.
 *
 * @param itemName the name of a list's items: `member` in the query protocol
 */
export function renderXml(value: XmlValue, itemName = 'member'): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value))
    return value.map((item) => `<${itemName}>${renderXml(item, itemName)}</${itemName}>`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter(([, child]) => child !== undefined && child !== null)
      .map(([name, child]) => `<${name}>${renderXml(child, itemName)}</${name}>`)
      .join('');
  }
  return escapeText(String(value));
}

// A colour in a log line is enough to make a document that no XML parser reads.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 has no place for
const notXml = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

function escapeText(text: string): string {
  return text
    .replace(notXml, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#xD;');
}
