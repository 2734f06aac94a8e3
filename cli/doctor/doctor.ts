import { styleText } from 'node:util';
import { terminalText } from '../../agent/src/terminal-text.ts';
import { environmentNameIn, environmentOptions, readArguments } from '../arguments.ts';
import { clientConfig } from '../aws.ts';
import { readEnvironment } from '../project.ts';
import { dim } from '../terminal.ts';
import { examine } from './examine.ts';
import type { Finding } from './finding.ts';

const help = `Looks at everything that an environment needs, says what it found and what to do. It changes nothing.

  npm run doctor -- --environment dev
  npm run doctor -- --environment dev --verify     asks the model provider too, with the key

✓ is as it should be, ! is for you to think about, ✗ stops a deployment or the agent. What cannot be looked at for want of
a permission is a !.

Options
  --environment NAME   environment of cdk.json (required)
  --verify             ask the model provider whether it takes the key and has the model, which costs nothing, and the
                       weather service for the weather, where the agent's tool has a key of its own
  --json               print one JSON object a line: check, verdict (ok, warning, problem), found, remedy
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

Needs, each for the check of its name
  bootstrap        ssm:GetParameter, sts:AssumeRole on the deploy role
  agentcore        bedrock-agentcore:ListApiKeyCredentialProviders (provider-quota too)
  secret           secretsmanager:DescribeSecret; GetSecretValue for the shape of the value, which is never shown
  provider-name    bedrock-agentcore:GetApiKeyCredentialProvider, ListTagsForResource, cloudformation:DescribeStacks
  runtime-name     bedrock-agentcore:ListAgentRuntimes, cloudformation:ListStackResources
  callers          iam:GetRole, iam:SimulatePrincipalPolicy, cloudformation:DescribeStacks
  network          ec2:DescribeSubnets, DescribeSecurityGroups, DescribeRouteTables, for an environment in a VPC
  model, weather   secretsmanager:GetSecretValue, with --verify only

Exit status: 0 no problem, 1 a problem, 2 command line not understood.
`;

/** The command `doctor`. */
export async function doctor(args: string[]): Promise<number> {
  const { values } = readArguments(args, { ...environmentOptions, verify: { type: 'boolean' } }, undefined);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const environment = readEnvironment(environmentNameIn(values));
  const client = clientConfig(environment, values['endpoint-url']);
  const verdicts = new Set<Finding['verdict']>();
  for await (const finding of examine({ environment, client, verify: values.verify === true })) {
    verdicts.add(finding.verdict);
    process.stdout.write(values.json ? `${JSON.stringify(finding)}\n` : linesOf(finding));
  }
  return verdicts.has('problem') ? 1 : 0;
}

const signs = { ok: ['✓', 'green'], warning: ['!', 'yellow'], problem: ['✗', 'red'] } as const;

/** A finding for a person: what to do about it stands on a line of its own. */
function linesOf({ check, verdict, found, remedy }: Finding): string {
  const [sign, colour] = signs[verdict];
  // What AWS says may quote what others have named.
  const safe = (text: string) => terminalText(text, process.stdout);
  const line = `${styleText(colour, sign, { stream: process.stdout })} ${check.padEnd(15)}${safe(found)}\n`;
  return remedy === undefined ? line : `${line}${' '.repeat(17)}${dim(safe(remedy))}\n`;
}
