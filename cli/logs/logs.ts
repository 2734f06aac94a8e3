import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { environmentNameIn, environmentOptions, readArguments, UsageError } from '../arguments.ts';
import { clientConfig } from '../aws.ts';
import { findRuntime } from '../invoke/find-runtime.ts';
import { readEnvironment } from '../project.ts';
import { dim, red } from '../terminal.ts';
import { type AgentLine, cleaned, oneLine, readableLine } from './agent-line.ts';
import { follow } from './follow.ts';
import { logGroupsOf } from './log-groups.ts';
import { linesOfAll, longest } from './read-lines.ts';
import { readSince } from './since.ts';

const help = `Prints what the agent of an environment has logged, at all its endpoints, oldest first.

  npm run logs -- --environment dev
  npm run logs -- --environment dev --follow
  npm run logs -- --environment dev --since 2h --session ID

Options
  --environment NAME   environment of cdk.json (required)
  --since TIME         how far back: 90s, 15m, 2h, 1d (default: 15m)
  --session ID         lines of one session only; the beginning of its id, as the lines show it, is enough
  --follow             go on with what comes, until Ctrl-C
  --json               print the lines as the agent wrote them, one JSON object a line
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

Times are UTC. Needs cloudformation:DescribeStacks on the agent's stack, logs:DescribeLogGroups on all log groups, and
logs:FilterLogEvents on the log groups /aws/bedrock-agentcore/runtimes/RUNTIME_ID-*.

Exit status: 0 printed, or ended by Ctrl-C; 1 not deployed, or not readable; 2 command line not understood.
`;

/** AgentCore's session ids have 33 characters at least. */
const shortestId = 33;

/** The command `logs`. */
export async function logs(args: string[]): Promise<number> {
  const { values } = readArguments(
    args,
    {
      ...environmentOptions,
      since: { type: 'string' },
      session: { type: 'string' },
      follow: { type: 'boolean' },
    },
    undefined,
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const name = environmentNameIn(values);
  const from = Date.now() - readSince(values.since ?? '15m');
  const session = sessionIn(values.session);
  const environment = readEnvironment(name);
  const client = clientConfig(environment, values['endpoint-url']);
  const runtimeId = (await findRuntime(environment, client)).split('/').at(-1) ?? '';
  const cloudWatchLogs = new CloudWatchLogsClient(client);
  // A part of an id is looked for here: whether CloudWatch Logs finds parts of words is not documented.
  const wanted = { from, ...(session && session.length >= shortestId && { phrase: session }) };
  const isWanted = (line: AgentLine) => session === undefined || isOfSession(line, session);
  const print = (line: AgentLine) =>
    process.stdout.write(
      `${values.json ? oneLine(jsonLine(line), process.stdout) : readableLine(cleaned(line, process.stdout), paint)}\n`,
    );
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  try {
    if (values.follow) {
      const interrupted = new AbortController();
      // npm passes on what the terminal has sent already: the second one must not end it in the middle.
      process.on('SIGINT', () => interrupted.abort());
      const onNoGroups = () => tell(`${noGroups(name)} Waiting for one; Ctrl-C ends it.`);
      for await (const line of follow(cloudWatchLogs, runtimeId, wanted, interrupted.signal, onNoGroups)) {
        if (isWanted(line)) print(line);
      }
      return 0;
    }
    const groups = await logGroupsOf(cloudWatchLogs, runtimeId);
    if (groups.length === 0) {
      tell(noGroups(name));
      return 0;
    }
    const all = await linesOfAll(cloudWatchLogs, groups, wanted);
    if (all.length >= longest)
      tell(`There is more than ${longest} events: the newest may be missing. Ask for less: --since 5m.`);
    const lines = all.filter(isWanted);
    for (const line of lines) print(line);
    const where = session === undefined ? '' : ` of the session ${session}`;
    if (lines.length === 0) tell(`Nothing was logged in the last ${values.since ?? '15m'}${where}.`);
    return 0;
  } finally {
    cloudWatchLogs.destroy();
  }
}

function noGroups(environment: string): string {
  return `The agent of ${environment} has no log group: its deployment makes it, and AgentCore at the next invocation.`;
}

/** @throws UsageError for what no session id contains */
function sessionIn(given: string | undefined): string | undefined {
  if (given === undefined || /^[\w-]{1,256}$/.test(given)) return given;
  throw new UsageError(`--session "${given}" is not a session id: letters, digits, hyphens and underscores.`);
}

function isOfSession({ fields }: AgentLine, session: string): boolean {
  return typeof fields?.sessionId === 'string' && fields.sessionId.includes(session);
}

/** What the agent writes is JSON already; a line of Node.js itself becomes it. */
function jsonLine({ time, text, fields }: AgentLine): string {
  return fields ? text.trim() : JSON.stringify({ timestamp: time.toISOString(), message: text });
}

function paint(level: string, text: string): string {
  if (level === 'error' || level === 'warn') return red(text);
  return dim(text);
}
