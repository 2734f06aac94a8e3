import { redact } from '../../agent/src/redact.ts';

/** Without them nobody knows which one is meant, and no key looks so. */
const idsOfNetworks = /\b((?:subnet|sg|vpc)-[0-9a-f]{8,17})\b/;

/** A value for a message: as JSON, of 80 characters at most, without what looks like a key or a password. */
export function show(value: unknown): string {
  const safe = (JSON.stringify(value) ?? 'undefined')
    .split(idsOfNetworks)
    .map((part, index) => (index % 2 === 1 ? part : redact(part)))
    .join('')
    .replace(/\/\/[^/@"]*@/, '//[redacted]@');
  return safe.length > 80 ? `${safe.slice(0, 77)}…` : safe;
}
