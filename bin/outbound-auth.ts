import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { OutboundAuthApp } from '../lib/outbound-auth-app.ts';
import { SettingsError } from '../lib/settings-error.ts';

// A signal ends a process without the event `exit`, at which the temporary folders go.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

try {
  // Findings of the security checks are printed; otherwise they would be an error with a stack trace.
  new OutboundAuthApp({ context: { '@aws-cdk/core:appMode': 'process' } });
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

// Signals that came meanwhile are heard now: with nothing left to wait for, Node.js would not look for them.
await setImmediate();
