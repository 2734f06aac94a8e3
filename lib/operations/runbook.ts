/** The pages of docs/runbook.md, one for each alarm. */
export type RunbookPage =
  | 'key-fetch-failures'
  | 'key-fetch-throttles'
  | 'workload-token-failures'
  | 'key-refused'
  | 'model-quota-exceeded'
  | 'model-throttled'
  | 'model-failures'
  | 'refresh-given-up'
  | 'system-errors'
  | 'user-errors'
  | 'throttles'
  | 'latency';

/** A description of an alarm, with the page that says what to do. */
export function withRunbook(meaning: string, page: RunbookPage): string {
  return `${meaning} Runbook: docs/runbook.md#${page}`;
}
