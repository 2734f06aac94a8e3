export type LogLevel = 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Writes one line of JSON to stdout, where AgentCore Runtime picks it up for CloudWatch Logs.
 *
 * Never pass a header, a prompt, an answer or a key.
 *
 * @param level how bad it is
 * @param message the same words each time, so that they can be searched for; what varies goes into the fields
 * @param fields identifiers and figures; fields that are undefined are left out
 */
export function log(level: LogLevel, message: string, fields: LogFields = {}): void {
  process.stdout.write(logLine(level, message, fields));
}

/**
 * Writes one line of JSON to stderr and ends the process with status 1: for what makes serving impossible.
 *
 * @param message one sentence that says what to change
 */
export function exitWithError(message: string): never {
  process.stderr.write(logLine('error', message, {}));
  process.exit(1);
}

function logLine(level: LogLevel, message: string, fields: LogFields): string {
  return `${visible(JSON.stringify({ timestamp: new Date().toISOString(), level, message, ...fields }))}\n`;
}

/** JSON leaves these as they are, and a terminal or a log viewer may obey them: to break, recolour or reorder a line. */
function visible(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
