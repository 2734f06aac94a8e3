import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { terminalText } from '../../agent/src/terminal-text.ts';
import { liveEndpoint } from '../../lib/agent-runtime/live-endpoint-name.ts';
import { environmentNameIn, environmentOptions, readArguments, UsageError } from '../arguments.ts';
import { clientConfig } from '../aws.ts';
import { ownIdentity } from '../own-identity.ts';
import { readEnvironment } from '../project.ts';
import { progress } from '../terminal.ts';
import { ask, textIn } from './ask.ts';
import { chat } from './chat.ts';
import { findAgent } from './find-runtime.ts';
import { noteOfNewerVersion } from './newer-version.ts';

const help = `Asks the agent of an environment and streams its answer.

  npm run invoke -- --environment dev "How much is 2X2?"
  npm run invoke -- --environment dev --chat

Options
  --environment NAME   environment of cdk.json (required)
  --chat               ask again and again in one session; Ctrl-C ends an answer, Ctrl-D the chat. Without a
                       terminal, each line of standard input is a prompt
  --session ID         session to go on with, 33 to 256 characters (default: a new one)
  --qualifier NAME     endpoint to ask (default: live, where a version was released, else DEFAULT, the newest)
  --user ID            user the workload access token is for (default: your own identity, by STS)
  --json               print one JSON object: answer, sessionId, userId, runtimeArn, qualifier
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

Credentials and Region come from where every AWS tool takes them. The policy that the caller needs is the output
InvokerPolicy of the agent's stack.

Exit status: 0 all answered, 1 not answered, 2 command line not understood.
`;

/** The command `invoke`. */
export async function invoke(args: string[]): Promise<number> {
  const { values, positional: prompt } = readArguments(
    args,
    {
      ...environmentOptions,
      chat: { type: 'boolean' },
      session: { type: 'string' },
      qualifier: { type: 'string' },
      user: { type: 'string' },
    },
    'prompt',
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const name = environmentNameIn(values);
  if (values.chat) {
    if (prompt !== undefined)
      throw new UsageError('With --chat the prompts are typed: leave out the one in the command.');
    if (values.json) throw new UsageError('--json prints one answer and --chat asks for many: leave one of them out.');
  } else if (!prompt?.trim()) {
    throw new UsageError('Say what to ask: npm run invoke -- --environment dev "What is the weather now?".');
  }
  const sessionId = values.session ?? `session-${randomUUID()}`;
  if (sessionId.length < 33 || sessionId.length > 256) {
    throw new UsageError(
      `The session id "${sessionId}" has ${sessionId.length} characters: AgentCore wants 33 to 256.`,
    );
  }

  const environment = readEnvironment(name);
  const client = clientConfig(environment, values['endpoint-url']);
  const agent = await findAgent(environment, client);
  const { runtimeArn } = agent;
  const qualifier = values.qualifier ?? (agent.liveVersion === undefined ? 'DEFAULT' : liveEndpoint);
  const note = qualifier === liveEndpoint ? noteOfNewerVersion(agent, name) : undefined;
  if (note !== undefined && process.stderr.isTTY) progress(note);
  const userId = values.user ?? (await ownIdentity(client)).arn;
  const question = { runtimeArn, qualifier, userId, environment: name };
  const agentCore = new BedrockAgentCoreClient(client);
  try {
    if (prompt === undefined) {
      const { stdin: input, stdout: output } = process;
      const unanswered = await chat({
        sessionId,
        ask: (line, session, signal) => ask(agentCore, { ...question, prompt: line, sessionId: session, signal }),
        input,
        output,
      });
      return unanswered > 0 ? 1 : 0;
    }
    const pieces = textIn(ask(agentCore, { ...question, prompt, sessionId }));
    if (values.json) {
      const answer = (await Array.fromAsync(pieces)).join('');
      process.stdout.write(
        terminalText(`${JSON.stringify({ answer, sessionId, userId, runtimeArn, qualifier })}\n`, process.stdout),
      );
    } else {
      for await (const piece of pieces) process.stdout.write(terminalText(piece, process.stdout));
      process.stdout.write('\n');
    }
    return 0;
  } finally {
    agentCore.destroy();
  }
}
