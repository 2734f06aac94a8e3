import { OutboundAuthApp } from '../lib/outbound-auth-app.ts';
import { SettingsError } from '../lib/settings-error.ts';

try {
  new OutboundAuthApp();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
