import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, readEnvironments } from '../../lib/environments/index.ts';
import {
  cloudFormationExecutionPolicy,
  defaultQualifier,
  inParts,
  type Place,
  permissionsBoundary,
} from '../../lib/policies/index.ts';
import type { Authorization, Recording } from '../../local-aws/iam/iam.ts';
import { statementsOf } from '../../local-aws/iam/policy.ts';
import { TestAccount } from '../support/account.ts';
import { type SynthesizedStack, synthesize, type Template } from '../support/in-process-cdk.ts';
import type { RoleName } from './calls.ts';
import { Placeholders } from './placeholders.ts';

/** Whom a role of ours trusts: a service, and of Lambda which function; another one has to be described here first. */
const rolesByTrust: readonly (readonly [RegExp, RoleName])[] = [
  [/bedrock-agentcore\.amazonaws\.com/, 'Execution role'],
  [/:function:[\w-]*-LogGroups-/, 'Log group handler'],
  [/:function:[\w-]*CredentialProvider-/, 'Handler'],
];

const stackPrefix = 'outbound-auth-';

/** Where the roles of every environment are: a platform team has such rules. */
const rolePath = '/team/';

/** An account that is recorded, with the app's environments in it. */
export class ProofAccount {
  readonly region = 'us-east-1';
  readonly test: TestAccount;
  readonly recording: Recording;
  readonly placeholders = new Placeholders();
  readonly #roles = new Map<string, { name: RoleName; environment: string }>();
  readonly #settings = new Map<string, Environment[]>();
  readonly #steps: { environment: string; step: string; from: number }[] = [];

  private constructor(test: TestAccount) {
    this.test = test;
    this.recording = test.aws.iam.record();
  }

  static async open(): Promise<ProofAccount> {
    return new ProofAccount(await TestAccount.open());
  }

  get aws() {
    return this.test.aws;
  }

  /** From now on, what the roles of an environment do belongs to this step. */
  step(environment: string, step: string): void {
    this.#steps.push({ environment, step, from: this.recording.authorizations.length });
  }

  /** Where on the journey a call was made; undefined for roles that are none of ours. */
  stepOf(authorization: Authorization, index: number): string | undefined {
    const environment = this.#roles.get(authorization.principal.roleArn ?? '')?.environment;
    return this.#steps.findLast((each) => each.environment === environment && each.from <= index)?.step;
  }

  roleOf(roleArn: string): RoleName | undefined {
    return this.#roles.get(roleArn)?.name;
  }

  /** Counts a role that a person made. */
  register(roleArn: string, name: RoleName, environment: string): void {
    this.#roles.set(roleArn, { name, environment });
  }

  /** The role of an environment as it is now. */
  role(name: RoleName, environment: string): string {
    const found = [...this.#roles].findLast(
      ([arn, role]) => role.name === name && role.environment === environment && this.aws.iam.findRole(arn),
    );
    if (!found) throw new Error(`the environment ${environment} has no role "${name}"`);
    return found[0];
  }

  /**
   * Deploys an environment as it is shipped.
   *
   * @param change what is different from that, for one stack of it
   * @param by an administrator makes roles without a boundary
   * @param parts which stacks; both by default, in the order of `cdk deploy`
   */
  async deploy(
    environment: string,
    settings: object,
    {
      parts = ['identity', 'agent'],
      change = (template) => template,
      by = 'CloudFormation’s role',
    }: DeployOptions = {},
  ): Promise<void> {
    const boundary = by === 'an administrator' ? {} : { permissionsBoundary: this.boundaryArn(environment) };
    const bounded = { ...boundary, rolePath, ...settings };
    const roleArn = this.#prepare(environment, bounded);
    const stacks = await synthesize(this.aws, this.region, { [environment]: bounded });
    for (const part of parts) {
      const stack = stacks.find(({ stackName }) => stackName === nameOf(environment, part)) as SynthesizedStack;
      try {
        await this.aws.stacks.deploy({
          region: this.region,
          ...stack,
          template: change(stack.template, part),
          ...(by === 'an administrator' ? {} : { roleArn }),
        });
      } finally {
        this.#learn(environment);
      }
    }
  }

  /** The settings of an environment as it was deployed last. */
  environment(name: string): Environment {
    const [environment] = this.#settings.get(name) ?? [];
    if (!environment) throw new Error(`the environment ${name} was not deployed`);
    return environment;
  }

  get place(): Place {
    return { account: this.aws.account, region: this.region, qualifier: defaultQualifier };
  }

  /** ARN of the permissions boundary of an environment. */
  boundaryArn(environment: string): string {
    return this.aws.iam.customerPolicies.arn(`boundary-of-${environment}`);
  }

  /**
   * What a platform team does before the deployment: the permissions boundary, and the role that CloudFormation works
   * with, which has the policy for that and nothing else.
   *
   * @returns ARN of that role
   */
  #prepare(name: string, settings: object): string {
    const { iam } = this.aws;
    const { place } = this;
    const { customerPolicies } = iam;
    const [environment] = readEnvironments({ [name]: settings }) as [Environment];
    this.placeholders.name(environment);
    const former = this.#settings.get(name) ?? [];
    this.#settings.set(name, [environment, ...former]);
    const boundaryArn = this.boundaryArn(name);
    customerPolicies.put(boundaryArn, permissionsBoundary(environment, place, former));
    const policies = inParts(cloudFormationExecutionPolicy(environment, place, boundaryArn));
    const policyArns = policies.map((_, index) => customerPolicies.arn(`cloudformation-${index + 1}-of-${name}`));
    for (const [index, policy] of policies.entries()) customerPolicies.put(policyArns[index] as string, policy);
    const { arn } = iam.putRole({
      name: `cloudformation-of-${name}`,
      trustPolicy: {
        Statement: {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'cloudformation.amazonaws.com' },
        },
      },
      managedPolicyArns: policyArns,
    });
    this.register(arn, 'CloudFormation', name);
    return arn;
  }

  async destroy(environment: string): Promise<void> {
    for (const part of ['agent', 'identity'] as const)
      await this.aws.stacks.destroy(this.region, nameOf(environment, part));
  }

  stack(environment: string, part: StackPart) {
    return this.aws.stacks.get(this.region, nameOf(environment, part));
  }

  output(environment: string, part: StackPart, key: string): string {
    return this.stack(environment, part).outputs.find((output) => output.key === key)?.value ?? '';
  }

  /** The one resource of a type in a stack. */
  resource(environment: string, part: StackPart, type: string) {
    const found = [...this.stack(environment, part).resources.values()].find((resource) => resource.type === type);
    if (!found) throw new Error(`the stack ${nameOf(environment, part)} has no ${type}`);
    return found;
  }

  /** How often a text is in the handler's log. */
  logged(environment: string, text: string): number {
    const group = this.resource(environment, 'identity', 'AWS::Logs::LogGroup').physicalId ?? '';
    return this.aws.logs.events(this.region, group).filter(({ message }) => message.includes(text)).length;
  }

  async close(): Promise<void> {
    await this.test.close();
  }

  #learn(environment: string): void {
    for (const part of ['identity', 'agent'] as const) {
      const stack = this.aws.stacks.find(this.region, nameOf(environment, part));
      if (stack) this.placeholders.learn(stack);
    }
    for (const { name, arn, trustPolicy } of this.aws.iam.roles()) {
      if (!name.startsWith(`${stackPrefix}${environment}-`) || this.#roles.has(arn)) continue;
      const trust = JSON.stringify(statementsOf(trustPolicy));
      const [, role] = rolesByTrust.find(([pattern]) => pattern.test(trust)) ?? [];
      if (!role) throw new Error(`The role ${name} trusts ${trust}: say in test/proof/account.ts which it is.`);
      this.#roles.set(arn, { name: role, environment });
    }
  }
}

export type StackPart = 'identity' | 'agent';

export interface DeployOptions {
  readonly parts?: readonly StackPart[];
  readonly change?: (template: Template, part: StackPart) => Template;
  readonly by?: 'CloudFormation’s role' | 'an administrator';
}

function nameOf(environment: string, part: StackPart): string {
  return `${stackPrefix}${environment}-${part}`;
}

/** Waits for something that comes by itself. */
export async function until(what: string, condition: () => boolean, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(20);
  }
}
