import { settings } from './fault.ts';
import type { Observation, ObservedFault } from './observe.ts';

/** Where the page is, from the project's folder. */
export const pagePath = 'docs/faults.md';

/** The command that writes it anew. */
export const pageCommand = 'npm run faults';

const head = `# Faults

<!-- Written by \`${pageCommand}\` from a run of the agent against servers that misbehave. Not by hand. -->

What the agent does when the model provider or AgentCore Identity fails: what its caller gets, what its log says, how long
that takes and how often it asks. Each row was run against the agent as it ships, read as JSON and as an event stream, with
the same outcome. In an event stream the error is the one last event, after what was said until then. The agent lives on:
the next request was answered.

Each row is one line of the log with \`sessionId\`, \`requestId\`, \`code\`, \`reason\` (what the caller reads) and
\`durationMs\`; the column *log* has its \`level\` and \`detail\`. \`retryable\` says whether the same request may succeed later
without anybody changing anything. Every answer comes with HTTP 200, for AgentCore Runtime would replace any other; \`status\`
is what it would have been.

Times are bounds, wide enough for two busy cores, with \`MODEL_TIMEOUT_SECONDS=${settings.model}\`, \`ANSWER_TIMEOUT_SECONDS=${settings.answer}\` and
\`IDENTITY_TIMEOUT_SECONDS=${settings.identity}\`; by default these are 60, 840 and 15. Where the agent asks again on its own, it waits
half a second and then one, each less up to a quarter, or as long as the model provider asks for, up to ten seconds.`;

/** The page about faults, as Markdown. */
export function faultsPage(observed: readonly ObservedFault[]): string {
  const ofModel = observed.filter(({ fault }) => fault.at.startsWith('model'));
  const ofIdentity = observed.filter((each) => !ofModel.includes(each));
  return `${[head, '## The model provider', table(ofModel), '## AgentCore Identity', table(ofIdentity)].join('\n\n')}\n`;
}

const columns = ['Fault', 'Code', 'Status', 'Retryable', 'The caller reads', 'Log', 'Time', 'Asked'];

function table(rows: readonly ObservedFault[]): string {
  return [columns, columns.map(() => '---'), ...rows.map(cells)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cells({ fault, observations }: ObservedFault): string[] {
  // Both ways had the same outcome, which the test shows; the log of one is the log of the other.
  const [observation] = observations;
  const { code = '', status = '', retryable, message } = errorOf(observation);
  return [
    fault.fault,
    code && `\`${code}\``,
    String(status),
    retryable === undefined ? '' : retryable ? 'yes' : 'no',
    message ?? 'the answer',
    logOf(observation),
    fault.time.words,
    fault.asked === undefined ? 'nobody there' : String(fault.asked),
  ];
}

interface ErrorFields {
  readonly code?: string;
  readonly status?: number;
  readonly retryable?: boolean;
  readonly message?: string;
}

function errorOf(observation: Observation | undefined): ErrorFields {
  const last = observation?.events.at(-1);
  return typeof last === 'object' && last !== null && 'error' in last ? (last.error as ErrorFields) : {};
}

function logOf(observation: Observation | undefined): string {
  const [line] = observation?.lines ?? [];
  const detail = String(line?.detail ?? '').replace(/(?<=127\.0\.0\.1:)\d+/g, 'PORT');
  return [line?.level, detail && `\`${detail}\``].filter(Boolean).join(', ');
}
