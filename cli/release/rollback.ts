import { terminalText } from '../../agent/src/terminal-text.ts';
import { liveEndpoint } from '../../lib/agent-runtime/live-endpoint-name.ts';
import { environmentNameIn, environmentOptions, readArguments, UsageError } from '../arguments.ts';
import { clientConfig } from '../aws.ts';
import { readEnvironment } from '../project.ts';
import { progress } from '../terminal.ts';
import { rollBack } from './roll-back.ts';

const help = `Puts the endpoint ${liveEndpoint} back to the version that it served before.

  npm run rollback -- --environment dev
  npm run rollback -- --environment dev --to 3

It is done at once, without a smoke test; then ${liveEndpoint} is asked once, and what it answers is told. A second rollback goes
forward again: the two versions change places. Nothing is deployed, and the newest version stays what DEFAULT serves.
A version whose credential provider is gone is refused: a deployment with another secret leaves the former provider for
eight hours after the release, and no longer.

Options
  --environment NAME   environment of cdk.json (required)
  --to VERSION         version to go to, such as 3 (default: the one that was ${liveEndpoint} before)
  --json               print one JSON object: version, former, moved, answer or problem
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

The stack is changed with the deploy role of the bootstrap, where you may take it, as cdk does; all else with your own
credentials: npm run policies -- deployer.

Exit status: 0 that version is ${liveEndpoint} and answers, 1 nothing was changed, or it does not answer (it says which),
2 command line not understood.
`;

/** The command `rollback`. */
export async function rollback(args: string[]): Promise<number> {
  const { values } = readArguments(args, { ...environmentOptions, to: { type: 'string' } }, undefined);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { to } = values;
  if (to !== undefined && !/^[1-9]\d{0,4}$/.test(to)) {
    throw new UsageError(`--to "${to}" is no version: they are numbers, such as 3.`);
  }
  const environment = readEnvironment(environmentNameIn(values));
  const client = clientConfig(environment, values['endpoint-url']);
  const done = await rollBack({ environment, client, ...(to !== undefined && { to }), progress });
  const { version, former, answer, problem } = done;
  const moved = version !== former;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...done, moved })}\n`);
    return problem === undefined ? 0 : 1;
  }
  const place = moved
    ? `Version ${version} is ${liveEndpoint} again, in the place of version ${former}; another rollback leads back to that.`
    : `Version ${version} is ${liveEndpoint} already.`;
  const words = answer === undefined ? '' : ` It answered: ${answer.trim()}`;
  process.stdout.write(terminalText(`${place}${words}\n`, process.stdout));
  if (problem === undefined) return 0;
  process.stderr.write(terminalText(`It does not answer: ${problem}.\n`, process.stderr));
  return 1;
}
