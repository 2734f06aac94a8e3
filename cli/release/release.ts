import { terminalText } from '../../agent/src/terminal-text.ts';
import { liveEndpoint } from '../../lib/agent-runtime/live-endpoint-name.ts';
import { environmentNameIn, environmentOptions, readArguments, UsageError } from '../arguments.ts';
import { clientConfig } from '../aws.ts';
import { readEnvironment } from '../project.ts';
import { progress } from '../terminal.ts';
import { releaseNewest } from './release-newest.ts';
import { defaultPrompt } from './smoke-test.ts';

const help = `Asks the newest version of an environment's agent a question; if it answers, the endpoint ${liveEndpoint} serves it.

  npm run release -- --environment dev
  npm run release -- --environment dev --prompt "What is the weather in Seoul?"

A deployment makes a new version, and ${liveEndpoint} stays on the one that it serves. The smoke test asks the new version in a
session of its own, through the endpoint DEFAULT: its answer has to be a text, and whole. If it fails, ${liveEndpoint} stays where
it was. Sessions that are open stay on the version they began with. npm run rollback leads back.

Options
  --environment NAME   environment of cdk.json (required)
  --prompt TEXT        what the version is asked (default: "${defaultPrompt}", which needs a tool)
  --json               print one JSON object: version, former (null before the first), moved, answer
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

The stack is changed with the deploy role of the bootstrap, where you may take it, as cdk does; all else with your own
credentials: npm run policies -- deployer.

Exit status: 0 the newest version is ${liveEndpoint}, 1 it is not, 2 command line not understood.
`;

/** The command `release`. */
export async function release(args: string[]): Promise<number> {
  const { values } = readArguments(args, { ...environmentOptions, prompt: { type: 'string' } }, undefined);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { prompt } = values;
  if (prompt !== undefined && prompt.trim() === '') throw new UsageError('The prompt is empty: leave --prompt out.');
  const environment = readEnvironment(environmentNameIn(values));
  const client = clientConfig(environment, values['endpoint-url']);
  const { version, former, answer } = await releaseNewest({
    environment,
    client,
    ...(prompt !== undefined && { prompt }),
    progress,
  });
  const moved = version !== former;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ version, former: former ?? null, moved, answer })}\n`);
    return 0;
  }
  const before = former === undefined ? 'for the first time' : `in the place of version ${former}`;
  const done = moved
    ? `Version ${version} is ${liveEndpoint}, ${before}`
    : `Version ${version} was ${liveEndpoint} already`;
  process.stdout.write(terminalText(`${done}. It answered: ${answer.trim()}\n`, process.stdout));
  return 0;
}
