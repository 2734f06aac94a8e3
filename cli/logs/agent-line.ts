import { terminalText } from '../../agent/src/terminal-text.ts';

/** One event of the agent's log. */
export interface AgentLine {
  readonly time: Date;
  readonly endpoint: string;
  /** As it stands in the log. */
  readonly text: string;
  /** What the agent writes; undefined for what is no JSON object, such as a line of Node.js itself. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export function parseLine(text: string): AgentLine['fields'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A text that may quote a model, as one line that commands no terminal. */
export function oneLine(text: string, stream: { readonly isTTY?: boolean }): string {
  return terminalText(text, stream).replaceAll(/[\r\n]+/g, ' ');
}

/** A line of the log with nothing in it that a terminal obeys: our own colours come after. */
export function cleaned(line: AgentLine, stream: { readonly isTTY?: boolean }): AgentLine {
  const clean = (value: unknown) => (typeof value === 'string' ? oneLine(value, stream) : value);
  const fields = Object.entries(line.fields ?? {}).map(([name, value]) => [oneLine(name, stream), clean(value)]);
  return { ...line, text: oneLine(line.text, stream), fields: line.fields && Object.fromEntries(fields) };
}

/** Fields that stand in the line in a place of their own, or that say what the session says already. */
const placed = new Set(['timestamp', 'level', 'message', 'code', 'sessionId', 'requestId', 'traceId', 'durationMs']);

/**
 * A line for a person: when (UTC), how bad, which endpoint, what, the session's beginning, and whatever else the agent
 * said. It quotes others: what a terminal obeys must be out of it before.
 *
 * @param paint gives a level its colour
 */
export function readableLine(
  { time, endpoint, text, fields }: AgentLine,
  paint: (level: string, text: string) => string,
): string {
  const when = time.toISOString().slice(11, 23);
  if (!fields) return `${when} ${'-'.padEnd(5)} ${endpoint}  ${text}`;
  const { level, message, code, sessionId, durationMs } = fields;
  const others = Object.entries(fields)
    .filter(([name, value]) => !placed.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? JSON.stringify(value) : String(value)}`);
  const parts = [
    [message, code].filter((part) => part !== undefined).join(': '),
    sessionId === undefined ? '' : `session ${shortSession(String(sessionId))}`,
    durationMs === undefined ? '' : `${durationMs} ms`,
    ...others,
  ];
  return [
    when,
    paint(String(level), String(level).padEnd(5)),
    `${endpoint} `,
    parts.filter((part) => part !== '').join('  '),
  ].join(' ');
}

/** Enough to tell sessions apart, and for `--session`. */
function shortSession(sessionId: string): string {
  return sessionId.replace(/^(session|release)-/, '').slice(0, 8);
}
