import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  type InvokeAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { anyCredentials, cdkEnvironment } from '../../cli/start/environment.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../local-aws/index.ts';
import { type OfflineModel, offlineKeyPrefix, startOfflineModel } from '../../offline-model/index.ts';
import { type Ended, projectFolder, runNode } from './run.ts';

interface Keys {
  only?: string | undefined;
  readonly used: string[];
}

/** An AWS account on this machine with a model beside it, for one file of tests. */
export class TestAccount {
  readonly region = 'us-east-1';
  readonly aws: LocalAws;
  readonly model: OfflineModel;
  /** A folder that is removed at the end. */
  readonly folder: string;

  readonly #keys: Keys;
  /** Folders of what was synthesized, by the settings that it was synthesized from. */
  readonly #assemblies = new Map<string, string>();

  private constructor(aws: LocalAws, model: OfflineModel, folder: string, keys: Keys) {
    this.aws = aws;
    this.model = model;
    this.folder = folder;
    this.#keys = keys;
  }

  /** @param options for local-aws, beside where the model is */
  static async open(
    options: Pick<LocalAwsOptions, 'bootstrapped' | 'observe' | 'runtimeEnvironment'> = {},
  ): Promise<TestAccount> {
    const keys: Keys = { used: [] };
    const model = await startOfflineModel({
      acceptsKey: (key) => {
        keys.used.push(key);
        return keys.only === undefined ? key.startsWith(offlineKeyPrefix) : key === keys.only;
      },
    });
    const aws = await startLocalAws({
      ...options,
      runtimeEnvironment: { OPENAI_BASE_URL: model.url, ...options.runtimeEnvironment },
    });
    return new TestAccount(aws, model, await mkdtemp(join(tmpdir(), 'outbound-auth-test-')), keys);
  }

  async close(): Promise<void> {
    const { faults } = this.aws;
    await this.aws.close();
    await this.model.close();
    await rm(this.folder, { recursive: true, force: true });
    if (faults.length > 0) throw new AggregateError(faults, 'local-aws had faults of its own');
  }

  /** From now on the model takes this key only; undefined: every key of the offline model again. */
  acceptOnly(key: string | undefined): void {
    this.#keys.only = key;
  }

  /** The keys that the model was asked with since the last call, each once. */
  takeKeysUsed(): string[] {
    return [...new Set(this.#keys.used.splice(0))];
  }

  /** Configuration of an SDK client, as the account's administrator. */
  get client() {
    return { region: this.region, endpoint: this.aws.endpoint, credentials: anyCredentials };
  }

  /** The environment of a command that works with this account. */
  get environment(): Record<string, string> {
    return cdkEnvironment(this.client, this.folder);
  }

  /** Runs the real `cdk` command. What it has synthesized from the same settings before it takes as it is. */
  async cdk(...args: string[]): Promise<Ended> {
    const settings = args.flatMap((each, index) =>
      /^--(context|app)$/.test(each) ? [each, args[index + 1] ?? ''] : [],
    );
    const key = JSON.stringify(settings);
    const assembly = this.#assemblies.get(key);
    const output = join(this.folder, `cdk.out-${this.#assemblies.size}`);
    const from = assembly ? [...args.filter((each) => !settings.includes(each)), '--app', assembly] : args;
    const command = [join(projectFolder, 'node_modules/aws-cdk/bin/cdk'), ...from, '--no-notices'];
    const ended = await runNode(assembly ? command : [...command, '--output', output], { env: this.environment });
    if (!assembly && existsSync(join(output, 'manifest.json'))) this.#assemblies.set(key, output);
    return ended;
  }

  /** The real `cdk deploy` of the environment `dev`, unattended: as cdk.json has it, or with these settings instead. */
  deployDev(settings?: object): Promise<Ended> {
    const context = settings ? ['--context', `environments=${JSON.stringify({ dev: settings })}`] : [];
    return this.cdk('deploy', 'dev/*', '--require-approval', 'never', ...context);
  }

  /** Makes a secret that holds a key under `apiKey`; by default one that the model takes. */
  createSecret(name: string, apiKey = this.model.key): void {
    this.aws.secrets.create(this.aws.iam.administrator, this.region, {
      name,
      secretString: JSON.stringify({ apiKey }),
    });
  }

  async stack(name: string): Promise<Stack | undefined> {
    const cloudFormation = new CloudFormationClient(this.client);
    try {
      return (await cloudFormation.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0];
    } catch (error) {
      if ((error as Error).message.includes('does not exist')) return undefined;
      throw error;
    } finally {
      cloudFormation.destroy();
    }
  }

  async output(stackName: string, key: string): Promise<string> {
    const value = (await this.stack(stackName))?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    if (value === undefined) throw new Error(`the stack ${stackName} has no output ${key}`);
    return value;
  }

  /** Asks an agent through the AWS SDK; the body as it came. */
  async invoke(
    agentRuntimeArn: string,
    payload: unknown,
    options: Partial<InvokeAgentRuntimeCommandInput> = {},
  ): Promise<{ body: string; contentType: string; sessionId: string }> {
    const agentCore = new BedrockAgentCoreClient({ ...this.client, maxAttempts: 1 });
    try {
      const answer = await agentCore.send(
        new InvokeAgentRuntimeCommand({
          agentRuntimeArn,
          qualifier: 'DEFAULT',
          runtimeUserId: 'tester',
          accept: 'application/json',
          contentType: 'application/json',
          payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
          ...options,
        }),
      );
      return {
        body: (await answer.response?.transformToString()) ?? '',
        contentType: answer.contentType ?? '',
        sessionId: answer.runtimeSessionId ?? '',
      };
    } finally {
      agentCore.destroy();
    }
  }
}
