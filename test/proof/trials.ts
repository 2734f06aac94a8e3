import type { Authorization } from '../../local-aws/iam/iam.ts';
import type { PolicyDocument, Statement } from '../../local-aws/iam/policy.ts';
import { statementsOf } from '../../local-aws/iam/policy.ts';
import type { Template } from '../support/in-process-cdk.ts';
import { type ProofAccount, until } from './account.ts';
import { listOf, type ProvenRole, type RoleName } from './calls.ts';
import { ask } from './journey.ts';
import {
  brokenBy,
  type Mutation,
  type Normalize,
  withoutAction,
  withoutResource,
  withoutStatement,
} from './mutations.ts';

/** A mutation that was deployed, and what AWS refused then. */
export interface Trial {
  readonly role: RoleName;
  readonly mutation: Mutation;
  /** Each as `ACTION on RESOURCE`. */
  readonly refused: readonly string[];
}

const environment = 'trials';
const secret = 'team/trials';
const settings = { secret };

type Plan = readonly [
  role: 'Execution role' | 'Handler',
  mutation: (normalize: Normalize) => Mutation,
  provoke: Provoke,
];
/** @returns where in the recording it begins that a call may be refused */
type Provoke = (
  account: ProofAccount,
  change: (template: Template, part: 'identity' | 'agent') => Template,
) => Promise<number>;

const plans: readonly Plan[] = [
  ['Execution role', () => withoutAction('GetApiKey', 'bedrock-agentcore:GetResourceApiKey'), askAgent],
  ['Execution role', (normalize) => withoutResource('GetApiKey', identityOfRuntime, normalize), askAgent],
  ['Execution role', () => withoutStatement('ReadApiKeySecret'), askAgent],
  ['Execution role', () => withoutAction('PullImage', 'ecr:BatchGetImage'), updateAgent],
  [
    'Handler',
    () => withoutAction('ManageCredentialProvider', 'bedrock-agentcore:UpdateApiKeyCredentialProvider'),
    rotate,
  ],
  ['Handler', () => withoutAction('CheckSecret', 'secretsmanager:GetSecretValue'), rotate],
];

const identityOfRuntime =
  'arn:PARTITION:bedrock-agentcore:REGION:ACCOUNT:workload-identity-directory/default/workload-identity/RUNTIME-*';

/** Deploys the app with one thing taken away from a role, in turn, and lets it do what it did before. */
export async function runTrials(account: ProofAccount): Promise<Trial[]> {
  const { aws, region } = account;
  const secretString = JSON.stringify({ apiKey: account.test.model.key });
  aws.secrets.create(aws.iam.administrator, region, { name: secret, secretString });
  await account.deploy(environment, settings);
  const statementsNow = (role: RoleName) =>
    [...aws.iam.role(account.role(role, environment)).inlinePolicies.values()].flatMap(statementsOf);
  const asShipped = { 'Execution role': statementsNow('Execution role'), Handler: statementsNow('Handler') };
  const trials: Trial[] = [];
  for (const [role, planned, provoke] of plans) {
    const normalize = account.placeholders.normalizer(role);
    const mutation = planned(normalize);
    const from = await provoke(account, (template, part) =>
      part === (role === 'Handler' ? 'identity' : 'agent') ? weakened(template, asShipped[role], mutation) : template,
    );
    const refused = refusedSince(account, from, role).map(
      ({ action, resource }) => `${action} on ${normalize(resource)}`,
    );
    trials.push({ role, mutation, refused: [...new Set(refused)] });
  }
  await account.destroy(environment);
  return trials;
}

function refusedSince(account: ProofAccount, from: number, role: Plan[0]): Authorization[] {
  const arn = account.role(role, environment);
  return account.recording.authorizations
    .slice(from)
    .filter(({ principal, decision }) => principal.roleArn === arn && decision !== 'allowed');
}

/** What the replay says that a mutation breaks, in the words of a trial. */
export function predicted(role: ProvenRole, mutation: Mutation, normalize: Normalize): string[] {
  const broken = [...brokenBy(role.calls, mutation)];
  return [...new Set(broken.map(({ action, resource }) => `${action} on ${normalize(resource)}`))];
}

async function askAgent(account: ProofAccount, change: Parameters<Provoke>[1]): Promise<number> {
  await account.deploy(environment, settings, { change });
  const from = account.recording.authorizations.length;
  await expectFailure(ask(account, environment), /ApiKeyAccessDenied/);
  return from;
}

async function updateAgent(account: ProofAccount, change: Parameters<Provoke>[1]): Promise<number> {
  const from = account.recording.authorizations.length;
  const deployment = account.deploy(environment, { ...settings, systemPrompt: 'Be brief.' }, { change });
  await expectFailure(deployment, /Access denied while validating ECR URI/);
  return from;
}

async function rotate(account: ProofAccount, change: Parameters<Provoke>[1]): Promise<number> {
  await account.deploy(environment, settings, { change });
  // A refresh of before may still be repeated: what is refused to it is refused by the policies of now.
  const from = account.recording.authorizations.length;
  const secretString = JSON.stringify({ apiKey: `${account.test.model.key}${Date.now()}` });
  account.aws.secrets.putValue(account.aws.iam.administrator, account.region, { secretId: secret, secretString });
  await until('a refresh that is refused', () => refusedSince(account, from, 'Handler').length > 0);
  return from;
}

async function expectFailure(work: Promise<unknown>, words: RegExp): Promise<void> {
  const message = await work.then(
    () => 'nothing failed',
    (error: Error) => error.message,
  );
  if (!words.test(message)) throw new Error(`Instead of ${words}: ${message}`);
}

/**
 * The template with a statement of one Sid as the mutation writes it. What is deployed tells which entries of a list
 * those are that the mutation takes away: in a template they may be functions. Those with a condition are not there before
 * the first release.
 */
function weakened(template: Template, deployed: readonly Statement[], mutation: Mutation): Template {
  const original = deployed.find(({ Sid }) => Sid === mutation.sid);
  if (!original) throw new Error(`There is no statement ${mutation.sid}.`);
  const left = mutation.apply(original);
  const copy = structuredClone(template);
  for (const { Type, Properties } of Object.values(copy.Resources)) {
    if (Type !== 'AWS::IAM::Policy') continue;
    const document = Properties.PolicyDocument as PolicyDocument;
    const statements = statementsOf(document).flatMap((statement) => {
      if (statement.Sid !== mutation.sid) return [statement];
      if (!left) return [];
      const kept = (field: 'Action' | 'Resource') =>
        asList(statement[field])
          .filter((entry) => !Object.hasOwn(Object(entry), 'Fn::If'))
          .filter((_, index) => listOf(left[field]).includes(listOf(original[field])[index] ?? ''));
      return [{ ...statement, Action: kept('Action'), Resource: kept('Resource') }];
    });
    Properties.PolicyDocument = { ...document, Statement: statements };
  }
  return copy;
}

function asList<T>(value: T | readonly T[] | undefined): T[] {
  return value === undefined ? [] : ([value].flat() as T[]);
}
