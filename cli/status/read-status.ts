import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Environment } from '../../lib/environments/index.ts';
import { credentialsOf } from '../../lib/outbound-credentials.ts';
import { agentOutputs, identityOutputs } from '../../lib/outputs.ts';
import type { AwsClientConfig } from '../aws.ts';
import { UserError } from '../user-error.ts';
import { type AlarmStatus, readAlarms } from './alarms.ts';
import { type ErrorStatus, readErrors } from './errors.ts';
import { type ProviderStatus, readProvider, readSecret, type SecretStatus } from './keys.ts';
import { type Reading, reading, unknown } from './reading.ts';
import {
  type EndpointStatus,
  idOf,
  type RuntimeStatus,
  type RuntimeVersionStatus,
  readEndpoints,
  readRuntime,
  readVersions,
} from './runtime.ts';
import { type DeployedStack, readStack, resourcesOf } from './stacks.ts';

/** A key of the agent: its credential provider and the secret that it comes from. */
export interface KeyStatus {
  /** Who takes the key, such as `openai`. */
  readonly service: string;
  readonly provider: Reading<ProviderStatus>;
  readonly secret: Reading<SecretStatus>;
}

/** What there is of an environment, as far as it could be read. */
export interface EnvironmentStatus {
  readonly environment: string;
  readonly stacks: Readonly<Record<'identity' | 'agent', Reading<DeployedStack | undefined>>>;
  readonly runtime: Reading<RuntimeStatus>;
  readonly versions: Reading<readonly RuntimeVersionStatus[]>;
  readonly endpoints: Reading<readonly EndpointStatus[]>;
  readonly keys: readonly KeyStatus[];
  readonly alarms: Reading<readonly AlarmStatus[]>;
  /** Of the last hour. */
  readonly errors: Reading<readonly ErrorStatus[]>;
}

const hour = 3_600_000;

/** @throws UserError where none of the environment's stacks is there */
export async function readStatus(environment: Environment, config: AwsClientConfig): Promise<EnvironmentStatus> {
  const cloudFormation = new CloudFormationClient(config);
  const agentCore = new BedrockAgentCoreControlClient(config);
  const secretsManager = new SecretsManagerClient(config);
  const cloudWatch = new CloudWatchClient(config);
  const cloudWatchLogs = new CloudWatchLogsClient(config);
  try {
    const [identity, agent] = (await Promise.all(
      (['identity', 'agent'] as const).map((part) => reading(() => readStack(cloudFormation, environment, part))),
    )) as [Reading<DeployedStack | undefined>, Reading<DeployedStack | undefined>];
    refuseNotDeployed(environment, [identity, agent]);
    const stackOf = (stack: Reading<DeployedStack | undefined>) => ('value' in stack ? stack.value : undefined);
    const arn = stackOf(agent)?.outputs[agentOutputs.runtimeArn];
    const ofRuntime = <T>(read: (runtimeArn: string) => Promise<T>): Promise<Reading<T>> =>
      arn === undefined ? Promise.resolve(noOutput(agent, 'runtime')) : reading(() => read(arn));
    const ofKey = <T>(output: string, what: string, read: (value: string) => Promise<T>): Promise<Reading<T>> => {
      const value = stackOf(identity)?.outputs[output];
      return value === undefined ? Promise.resolve(noOutput(identity, what)) : reading(() => read(value));
    };
    const [runtime, versions, endpoints, keys, alarms, errors] = await Promise.all([
      ofRuntime((runtimeArn) => readRuntime(agentCore, runtimeArn)),
      ofRuntime((runtimeArn) => readVersions(agentCore, runtimeArn)),
      ofRuntime((runtimeArn) => readEndpoints(agentCore, runtimeArn)),
      Promise.all(
        credentialsOf(environment).map(async ({ service, idPrefix }) => {
          const { credentialProviderName, secretArn } = identityOutputs;
          const [provider, secret] = await Promise.all([
            ofKey(`${idPrefix}${credentialProviderName}`, 'credential provider', (name) =>
              readProvider(agentCore, name),
            ),
            ofKey(`${idPrefix}${secretArn}`, 'secret', (secretId) => readSecret(secretsManager, secretId)),
          ]);
          return { service, provider, secret };
        }),
      ),
      reading(async () => {
        const deployed = [identity, agent].map(stackOf).filter((stack) => stack !== undefined);
        const names = deployed.map((stack) => resourcesOf(cloudFormation, stack, 'AWS::CloudWatch::Alarm'));
        return readAlarms(cloudWatch, (await Promise.all(names)).flat());
      }),
      ofRuntime((runtimeArn) => readErrors(cloudWatchLogs, idOf(runtimeArn), Date.now() - hour)),
    ]);
    return {
      environment: environment.name,
      stacks: { identity, agent },
      runtime,
      versions,
      endpoints,
      keys,
      alarms,
      errors,
    };
  } finally {
    for (const client of [cloudFormation, agentCore, secretsManager, cloudWatch, cloudWatchLogs]) client.destroy();
  }
}

function refuseNotDeployed({ name }: Environment, stacks: readonly Reading<DeployedStack | undefined>[]): void {
  if (stacks.some((stack) => !('value' in stack) || stack.value !== undefined)) return;
  throw new UserError(
    `The environment ${name} is not deployed here: it has no stacks. Deploy it: npm run up -- --environment ${name}.`,
  );
}

/** Why a part that a stack's output would lead to cannot be read. */
function noOutput(stack: Reading<DeployedStack | undefined>, what: string): Reading<never> {
  if (!('value' in stack)) return unknown(`not known, as the stack could not be read`);
  if (!stack.value) return unknown(`not there: the stack is not deployed`);
  return unknown(`the stack ${stack.value.name} is ${stack.value.status} and has no ${what}`);
}
