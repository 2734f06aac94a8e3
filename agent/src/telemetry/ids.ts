import { randomBytes } from 'node:crypto';

/**
 * Ids of traces and spans. OpenTelemetry's own come from `Math.random`, whose state is in the memory snapshot that the
 * platform may hand to many sessions: they would give the same ids to different traces.
 */
export const randomIds = {
  generateTraceId: () => randomBytes(16).toString('hex'),
  generateSpanId: () => randomBytes(8).toString('hex'),
};
