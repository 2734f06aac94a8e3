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

/** Fields that stand in the line in a place of their own, or that say what the session says already. */
const placed = new Set(['timestamp', 'level', 'message', 'code', 'sessionId', 'requestId', 'traceId', 'durationMs']);

/**
 * A line for a person: when (UTC), how bad, which endpoint, what, the session's beginning, and whatever else the agent
 * said. It quotes others, so a terminal must get it through `terminalText`.
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
  return sessionId.replace(/^session-/, '').slice(0, 8);
}
