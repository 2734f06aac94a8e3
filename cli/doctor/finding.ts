/** What one look has shown. */
export interface Finding {
  /** What was looked at: `bootstrap`, for example. */
  readonly check: string;
  /** A warning is for a person to think about; a problem stops a deployment or the agent. */
  readonly verdict: 'ok' | 'warning' | 'problem';
  /** What was found, in one sentence. */
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** The findings of one check, which is named once. */
export function findingsOf(check: string) {
  return {
    ok: (found: string): Finding => ({ check, verdict: 'ok', found }),
    warning: (found: string, remedy: string): Finding => ({ check, verdict: 'warning', found, remedy }),
    problem: (found: string, remedy: string): Finding => ({ check, verdict: 'problem', found, remedy }),
  };
}
