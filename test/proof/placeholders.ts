import type { Environment } from '../../lib/environments/index.ts';
import type { Stack } from '../../local-aws/cloudformation/stack.ts';
import { bounds, type RoleName } from './calls.ts';
import type { Normalize } from './mutations.ts';

interface Placeholder {
  readonly literal: string;
  readonly name: string;
  readonly only?: readonly RoleName[];
}

/** The names that deployments gave, so that policies of all environments can be read as one. Learned from the stacks. */
export class Placeholders {
  #known: Placeholder[] = [];

  /** Names that the policies of an environment have, whether it is deployed or not. */
  name({ runtimeName, name }: Pick<Environment, 'name' | 'runtimeName'>): void {
    this.#add(runtimeName, 'RUNTIME');
    this.#add(`/outbound-auth-${name}`, '/OWN_IDENTITY');
  }

  /** Reads the names in a stack; to be told after each deployment, since names change. */
  learn(stack: Stack): void {
    const isAgent = [...stack.resources.values()].some(({ type }) => type === 'AWS::BedrockAgentCore::Runtime');
    this.#add(stack.id, isAgent ? 'AGENT_STACK_ID' : 'IDENTITY_STACK_ID');
    this.#add(`stack/${stack.name}/`, `stack/${isAgent ? 'AGENT_STACK' : 'IDENTITY_STACK'}/`);
    const prefix = stack.name.replace(/(identity|agent)$/, '');
    for (const slash of ['', '/']) this.#add(`${slash}${prefix}`, `${slash}outbound-auth-ENVIRONMENT-`);
    for (const { type, logicalId, physicalId = '', properties, attributes } of stack.resources.values()) {
      const text = (value: unknown) => String(value ?? '');
      if (type === 'AWS::BedrockAgentCore::Runtime') {
        this.#add(physicalId, 'RUNTIME-SUFFIX');
        this.#add(text(properties.AgentRuntimeName), 'RUNTIME');
      }
      if (type === 'AWS::BedrockAgentCore::WorkloadIdentity') this.#add(`/${text(properties.Name)}`, '/OWN_IDENTITY');
      if (type === 'AWS::Lambda::Function') this.#add(`:function:${physicalId}`, ':function:HANDLER');
      if (type === 'AWS::Logs::LogGroup') this.#add(physicalId, 'HANDLER_LOG_GROUP');
      if (type === 'AWS::SQS::Queue') this.#add(text(attributes.QueueName), 'DEAD_LETTER_QUEUE');
      if (type === 'Custom::ApiKeyCredentialProvider') {
        // The credential provider of the model has no other name in front.
        const of = logicalId.startsWith('CredentialProvider') ? '' : '_OF_TOOL';
        const secretId = text(properties.SecretId);
        const name = text(properties.CredentialProviderName);
        this.#add(`/${name}`, `/PROVIDER${of}`);
        if (secretId.startsWith('arn:')) this.#add(secretId, `SECRET${of}_AS_GIVEN`, ['Handler', bounds]);
        this.#add(
          text(attributes.SecretArn),
          text(attributes.SecretArn).replace(/:secret:.*/, `:secret:SECRET${of}-SUFFIX`),
        );
        this.#add(`:secret:${secretId.replace(/^arn:.*:secret:/, '')}`, `:secret:SECRET${of}`);
        const copy = /:secret:bedrock-agentcore-identity!.*/.exec(text(attributes.ApiKeySecretArn))?.[0];
        if (copy) this.#add(copy, `:secret:bedrock-agentcore-identity!default/apikey/PROVIDER${of}-SUFFIX`);
      }
    }
  }

  /** Writes texts of a role without names, accounts and Regions. */
  normalizer(role: RoleName): Normalize {
    const known = this.#known
      .filter(({ only }) => only === undefined || only.includes(role))
      .sort(
        (a, b) => b.literal.length - a.literal.length || Number(b.only !== undefined) - Number(a.only !== undefined),
      );
    return (text) => {
      const named = known.reduce((all, { literal, name }) => all.replaceAll(literal, name), text);
      return named
        .replace(/cdk-\w+-container-assets-[\w-]+/g, 'CDK_ASSETS')
        .replaceAll('cdk-hnb659fds-', 'cdk-QUALIFIER-')
        .replace(/:policy\/boundary-of-\w+/g, ':policy/BOUNDARY')
        .replaceAll(':role/team/', ':role/PATH/')
        .replace(/(:kms:.*:)key\/[\w-]+/g, '$1key/KEY')
        .replaceAll('us-east-1', 'REGION')
        .replaceAll('111122223333', 'ACCOUNT')
        .replaceAll('arn:aws:', 'arn:PARTITION:');
    };
  }

  #add(literal: string, name: string, only?: readonly RoleName[]): void {
    if (literal === '' || this.#known.some((known) => known.literal === literal && known.only?.join() === only?.join()))
      return;
    this.#known.push({ literal, name, ...(only && { only }) });
  }
}
