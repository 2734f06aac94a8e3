import {
  BedrockAgentCoreControlClient,
  ListApiKeyCredentialProvidersCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import type { Environment } from '../../lib/environments/index.ts';
import { arnsOf } from '../../lib/policies/place.ts';
import { stackName } from '../../lib/stack-name.ts';
import { qualifierOf } from '../project.ts';
import { describeStack } from '../stacks.ts';
import type { Session } from './session.ts';

/** A credential provider of the account and Region. */
export interface ListedProvider {
  readonly name: string;
  readonly arn: string;
}

/** What the checks of an account have at hand. What several of them ask is asked once. */
export interface Visit {
  readonly environment: Environment;
  readonly session: Session;
  readonly qualifier: string;
  readonly arns: ReturnType<typeof arnsOf>;
  /** All API key credential providers. */
  providers(): Promise<readonly ListedProvider[]>;
  /** A stack of the environment; undefined where it is not deployed. */
  stack(part: 'identity' | 'agent'): Promise<Stack | undefined>;
}

export function visit(environment: Environment, session: Session): Visit {
  const { account, region, config } = session;
  const qualifier = qualifierOf(environment);
  let providers: Promise<readonly ListedProvider[]> | undefined;
  const stacks = new Map<string, Promise<Stack | undefined>>();
  return {
    environment,
    session,
    qualifier,
    arns: arnsOf({ account, region, qualifier }),
    providers() {
      providers ??= listProviders(config);
      return providers;
    },
    stack(part) {
      const asked = stacks.get(part) ?? stackOf(config, stackName(environment, part));
      stacks.set(part, asked);
      return asked;
    },
  };
}

async function listProviders(config: Session['config']): Promise<ListedProvider[]> {
  const agentCore = new BedrockAgentCoreControlClient(config);
  try {
    const found: ListedProvider[] = [];
    let nextToken: string | undefined;
    do {
      const page = await agentCore.send(new ListApiKeyCredentialProvidersCommand({ nextToken }));
      for (const { name = '', credentialProviderArn: arn = '' } of page.credentialProviders ?? []) {
        found.push({ name, arn });
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  } finally {
    agentCore.destroy();
  }
}

async function stackOf(config: Session['config'], name: string): Promise<Stack | undefined> {
  const cloudFormation = new CloudFormationClient(config);
  return describeStack(cloudFormation, name).finally(() => cloudFormation.destroy());
}
