import { statementsOf } from '../../local-aws/iam/policy.ts';
import type { ProvenRole } from './calls.ts';
import { callsThatNeed } from './judgement.ts';
import type { Normalize } from './mutations.ts';
import { conditionsOf, statementsById } from './policies.ts';
import type { Evidence } from './proof.ts';
import { reasons } from './reasons.ts';

/** Where the page is, from the project's folder. */
export const pagePath = 'docs/permissions.md';

/** The command that writes it anew. */
export const pageCommand = 'npm run permissions';

const introductions: Readonly<Record<ProvenRole['name'], string>> = {
  'Execution role': 'What the agent, and AgentCore for it, may do. One for each agent.',
  Handler: 'What the Lambda function behind the credential provider may do.',
  'Log group handler':
    'What the Lambda function may do that gives the log groups of the agent their retention, key and tags. With `production` it may not look for log groups, nor delete them.',
  Invoker:
    'What whoever asks the agent needs, as `npm run invoke` does. The agent’s stack prints it as output `InvokerPolicy`; attach it to a role or user of your own:\n\n```sh\naws cloudformation describe-stacks --stack-name outbound-auth-dev-agent \\\n  --query "Stacks[0].Outputs[?OutputKey==\'InvokerPolicy\'].OutputValue" --output text > invoker-policy.json\naws iam create-policy --policy-name ask-the-agent --policy-document file://invoker-policy.json\n```',
  Deployer:
    'What a pipeline needs to run `cdk diff`, `cdk deploy` and `cdk destroy`. `npm run policies` prints it, with the trust in GitHub’s OIDC ([how](production.md#least-privilege-for-those-who-deploy)).',
  Diff: 'What `cdk diff --method template` needs, for a role that the code of a pull request works with. `npm run policies` prints it, with the trust in GitHub’s OIDC ([how](pipelines.md)).',
  CloudFormation:
    'What CloudFormation needs to make, change and delete the stacks of one environment, instead of `AdministratorAccess`. `npm run policies` prints it.',
  'Permissions boundary':
    'The most that any role of an environment may ever do, whatever its own policies say. `npm run policies` prints it. The refused calls were tried with a role that is allowed everything, within this boundary.',
};

const order = Object.keys(introductions) as ProvenRole['name'][];

/** The page about permissions, as Markdown. */
export function permissionsPage({ roles, refusals, normalizer }: Evidence): string {
  const steps = [...new Set(roles.flatMap(({ calls }) => calls.map(({ step }) => step)))].sort();
  const sorted = roles.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const parts = sorted.map((role) => {
    const normalize = normalizer(role.name);
    const own = refusals.filter((refusal) => refusal.role === role.name).map(({ what }) => `- ${what}`);
    return [
      `## ${role.name}`,
      introductions[role.name],
      ...trustOf(role, normalize),
      ...[...statementsById(role.calls, normalize).keys()].map((sid) => statementOf(role, sid, normalize)),
      `### Refused to it\n\n${[...new Set(own)].join('\n')}`,
    ].join('\n\n');
  });
  return `${[head(steps), ...parts].join('\n\n')}\n`;
}

const head = (steps: readonly string[]) => `# Permissions

<!-- Written by \`${pageCommand}\` from the synthesized templates and the calls of a recorded journey. Not by hand. -->

Every statement of every role, why it is there, and which calls need it. The journey deploys all kinds of environments to
\`local-aws\`, asks their agents, rotates secrets, replaces, adopts and destroys; \`npm run proof\` makes it anew and shows that

- every call of it was allowed,
- with any statement, action or resource taken away, or any wildcard narrowed, a call of it is refused,
- every condition refuses something that would be allowed without it,
- what is listed as refused was tried with the role's own credentials, and refused.

Its steps: ${steps.join('; ')}.

Words in capitals stand for names: \`PROVIDER\` is the environment's credential provider, \`SECRET\` its secret (with the
\`SUFFIX\` that Secrets Manager adds; \`SECRET_AS_GIVEN\` where the environment names it by an ARN, of which nobody can tell
whether it is complete), \`RUNTIME\` its agent runtime. \`PROVIDER_OF_TOOL\` and \`SECRET_OF_TOOL\` are those of a tool with a
key of its own: each of the two providers has a handler with a role of its own, which names that one only. A statement or
resource is there only in environments that need it: \`ManageCopy\` where the source is a copy, \`DecryptSecret\` where there
is a customer managed key.`;

function trustOf({ trust = [] }: ProvenRole, normalize: Normalize): string[] {
  const lines = trust.flatMap(({ trustPolicy, service }) =>
    statementsOf(trustPolicy).map(
      (statement) =>
        `Trusted: \`${service}\`, where ${conditionsOf(statement, normalize)
          .map((condition) => `\`${condition}\``)
          .join(' and ')}.`,
    ),
  );
  return [...new Set(lines)].sort();
}

function statementOf(role: ProvenRole, sid: string, normalize: Normalize): string {
  const { actions = [], resources = [], conditions = [] } = statementsById(role.calls, normalize).get(sid) ?? {};
  const { why, awsItself, unproven } = reasons[role.name][sid] ?? { why: 'Nobody has said why.' };
  const code = (values: readonly string[]) => values.map((value) => `\`${value}\``).join('<br>');
  const rows = [
    ['Actions', code(actions)],
    ['Resources', code(resources)],
    ...(conditions.length > 0 ? [['Only where', code(conditions)]] : []),
    ...neededBy(role, sid).map((line) => ['Needed by', line]),
    ...(awsItself ? [['AWS itself', `${code(awsItself.actions)}<br>${awsItself.source}`]] : []),
    ...(unproven ? [['Not proven', `${code(unproven.actions)}<br>${unproven.because}`]] : []),
  ];
  return [
    `### ${sid}`,
    why,
    ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'),
  ].join('\n\n');
}

function neededBy(role: ProvenRole, sid: string): string[] {
  const names = callsThatNeed(role, sid).map(({ operation, action }) =>
    operation === undefined ? `AWS for \`${action}\`` : `\`${operation}\``,
  );
  return names.length > 0 ? [[...new Set(names)].sort().join('<br>')] : [];
}
