import { environmentNameIn, environmentOptions, readArguments } from '../arguments.ts';
import { clientConfig } from '../aws.ts';
import { readEnvironment } from '../project.ts';
import { readStatus } from './read-status.ts';
import { showStatus } from './show-status.ts';

const help = `Shows what is deployed of an environment, and how it is.

  npm run status -- --environment dev

Stacks, runtime, versions and endpoints, credential providers and when their secrets have changed, alarms, and the errors
that the agent has logged in the last hour. What cannot be read says so on its line. No key is read.

Options
  --environment NAME   environment of cdk.json (required)
  --json               print one JSON object; a part that could not be read is {"unreadable": "…"}
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

Needs, each for its line only
  cloudformation:DescribeStacks, ListStackResources                         on both stacks
  bedrock-agentcore:GetAgentRuntime                                         on the runtime
  bedrock-agentcore:ListAgentRuntimeVersions, ListAgentRuntimeEndpoints     on *
  bedrock-agentcore:GetApiKeyCredentialProvider                             on the provider and its token vault
  secretsmanager:DescribeSecret                                             on the secret
  cloudwatch:DescribeAlarms                                                 on the account's alarms
  logs:DescribeLogGroups                                                    on all log groups
  logs:FilterLogEvents                                                      on those of the runtime

Exit status: 0 shown, 1 not deployed, 2 command line not understood.
`;

/** The command `status`. */
export async function status(args: string[]): Promise<number> {
  const { values } = readArguments(args, environmentOptions, undefined);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const environment = readEnvironment(environmentNameIn(values));
  const found = await readStatus(environment, clientConfig(environment, values['endpoint-url']));
  if (values.json) process.stdout.write(`${JSON.stringify(forMachines(found))}\n`);
  else showStatus(found);
  return 0;
}

/** What was read stands for itself; a stack that is not deployed is null. */
function forMachines(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value ?? null;
  if (Array.isArray(value)) return value.map(forMachines);
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === 'value') return forMachines(only[1]);
  return Object.fromEntries(entries.map(([name, inner]) => [name, forMachines(inner)]));
}
