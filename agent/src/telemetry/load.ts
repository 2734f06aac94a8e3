import { describeForLog } from '../invocation-error.ts';
import { log } from '../log.ts';
import type { RuntimeSettings } from '../settings.ts';
import type { LoadTelemetry, Telemetry } from './telemetry.ts';

/** @returns what loads OpenTelemetry, once, where the settings want traces; an agent without it works all the same */
export function telemetryLoader(settings: RuntimeSettings): LoadTelemetry {
  if (settings.tracing === 'off') return () => undefined;
  let loading: Promise<Telemetry | undefined> | undefined;
  return () => {
    loading ??= import('./start.ts').then(
      ({ startTelemetry }) => startTelemetry(settings, process.env),
      (error: unknown) => void log('error', 'tracing is not started', { detail: describeForLog(error) }),
    );
    return loading;
  };
}
