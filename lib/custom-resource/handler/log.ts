/** One line of the log: never the event, which holds the ResponseURL. */
export type Log = (entry: Record<string, string>) => void;

/** Writes one line of JSON to where Lambda picks it up. */
export const log: Log = (entry) => console.log(JSON.stringify(entry));
