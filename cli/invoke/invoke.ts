import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { terminalText } from '../../agent/src/terminal-text.ts';
import { readArguments, UsageError } from '../arguments.ts';
import { readEnvironment } from '../project.ts';
import { ask } from './ask.ts';
import { findRuntime } from './find-runtime.ts';

const help = `Asks the agent of an environment and streams its answer.

  npm run invoke -- --environment dev "How much is 2X2?"

Options
  --environment NAME   environment of cdk.json (required)
  --session ID         session to go on with, 33 to 256 characters (default: a new one)
  --user ID            user the workload access token is for (default: your own identity, by STS)
  --json               print one JSON object: answer, sessionId, userId, runtimeArn
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

Credentials and Region come from where every AWS tool takes them. The policy that the caller needs is the output
InvokerPolicy of the agent's stack.

Exit status: 0 answered, 1 not answered, 2 command line not understood.
`;

/** The command `invoke`. */
export async function invoke(args: string[]): Promise<number> {
  const { values, positional: prompt } = readArguments(
    args,
    {
      environment: { type: 'string' },
      session: { type: 'string' },
      user: { type: 'string' },
      json: { type: 'boolean' },
      'endpoint-url': { type: 'string' },
      help: { type: 'boolean' },
    },
    'prompt',
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!values.environment) throw new UsageError('Say which environment: --environment dev.');
  if (!prompt?.trim())
    throw new UsageError('Say what to ask: npm run invoke -- --environment dev "What is the weather now?".');
  const sessionId = values.session ?? `session-${randomUUID()}`;
  if (sessionId.length < 33 || sessionId.length > 256) {
    throw new UsageError(
      `The session id "${sessionId}" has ${sessionId.length} characters: AgentCore wants 33 to 256.`,
    );
  }

  const environment = readEnvironment(values.environment);
  const client = {
    ...(environment.region && { region: environment.region }),
    ...(values['endpoint-url'] && { endpoint: endpoint(values['endpoint-url']) }),
  };
  const runtimeArn = await findRuntime(environment, client);
  const userId = values.user ?? (await ownIdentity(client));
  const agentCore = new BedrockAgentCoreClient(client);
  const pieces = ask(agentCore, { runtimeArn, prompt, sessionId, userId });
  if (values.json) {
    const answer = (await Array.fromAsync(pieces)).join('');
    process.stdout.write(
      terminalText(`${JSON.stringify({ answer, sessionId, userId, runtimeArn })}\n`, process.stdout),
    );
  } else {
    for await (const piece of pieces) process.stdout.write(terminalText(piece, process.stdout));
    process.stdout.write('\n');
  }
  agentCore.destroy();
  return 0;
}

async function ownIdentity(client: { region?: string; endpoint?: string }): Promise<string> {
  const sts = new STSClient(client);
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  return Arn ?? 'unknown';
}

function endpoint(url: string): string {
  if (!URL.canParse(url)) throw new UsageError(`--endpoint-url "${url}" is not a URL such as http://127.0.0.1:4566.`);
  return url;
}
