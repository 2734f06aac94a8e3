import { type Environment, oneOf, optional, type Rule } from './variables.ts';

/** Whether traces are sent, and whether they hold what was said. */
export const tracingModes = ['off', 'on', 'content'] as const;
export type TracingMode = (typeof tracingModes)[number];

/** Names of the variables that say whether traces are sent, and where; OpenTelemetry's own name a collector. */
export const tracingVariables = { tracing: 'TRACING' } as const;
const collectorVariables = {
  traces: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  all: 'OTEL_EXPORTER_OTLP_ENDPOINT',
} as const;

export const tracingDefaults = { tracing: 'off' } as const;

export interface TracingSettings {
  readonly tracing: TracingMode;
  /** Of a collector that traces go to; undefined where there is none, or no tracing. */
  readonly collectorUrl: string | undefined;
}

/**
 * Reads whether traces are sent, and where.
 *
 * @throws SettingsError for the first variable that is not allowed
 */
export function readTracingSettings(env: Environment): TracingSettings {
  const tracing = optional(env, tracingVariables.tracing, oneOf(tracingModes)) ?? tracingDefaults.tracing;
  return { tracing, collectorUrl: tracing === 'off' ? undefined : readCollectorUrl(env) };
}

const collectorRule: Rule<string> = { allowed: 'an http or https URL without a user name', parse: collectorUrl };

function readCollectorUrl(env: Environment): string | undefined {
  return (
    optional(env, collectorVariables.traces, collectorRule) ??
    optional(env, collectorVariables.all, collectorRule)?.replace(/\/*$/, '/v1/traces')
  );
}

function collectorUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password ? text : undefined;
}
