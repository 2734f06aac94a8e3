import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Observation } from '../../../local-aws/observation.ts';
import type { TestAccount } from '../../support/account.ts';
import { Commands } from './commands.ts';
import { quoteMarker } from './cut.ts';
import type { CanaryKey } from './key.ts';
import type { Manner, ModelFront } from './model-front.ts';

const jsonSecret = 'team/canary-json';
const plainSecret = 'team/canary-plain';
const malformedSecret = 'team/canary-malformed';
const agentStack = 'outbound-auth-dev-agent';
const unattended = ['--require-approval', 'never'];
const question = { prompt: 'How much is 2X2?' };

/** What a journey takes. */
export interface Route {
  readonly account: TestAccount;
  readonly model: ModelFront;
  /** The key at the beginning, and the one that it is exchanged for. */
  readonly first: CanaryKey;
  readonly second: CanaryKey;
  /** Begun when the longest of the deployments begins. */
  readonly meanwhile: () => Promise<void>;
  /** Everything that local-aws has seen so far. */
  readonly observations: readonly Observation[];
}

/**
 * The whole life of a key, with everything turned on that helps to find faults and with the faults: deployments that
 * fail and roll back, a Lambda function that is killed, errors of AWS and of the model that quote the key, rotation, a
 * switch of source, destroy. Each step makes sure that it happened.
 */
export class Journey {
  readonly commands: Commands;
  readonly #route: Route;
  readonly #secretsManager: SecretsManagerClient;

  constructor(route: Route) {
    this.#route = route;
    this.commands = new Commands(route.account, route.model.url);
    this.#secretsManager = new SecretsManagerClient(route.account.client);
  }

  async travel(): Promise<void> {
    const { first, second } = this.#route;
    try {
      await this.#createSecrets(first);
      const environments = {
        dev: { secret: jsonSecret, openai: { baseUrl: this.#route.model.url } },
        malformed: { secret: malformedSecret },
        refused: { secret: plainSecret, source: 'copy' },
      };
      const assembly = await this.commands.synth('synth', environments);
      const failures = await this.#beginFailingDeployments(assembly, first);
      await this.#succeeds('deploy dev', ['deploy', 'dev/*', ...unattended], assembly);
      await this.#askInEveryWay();
      await this.#haveTheModelQuoteTheKey();
      await this.#lookAround(first);
      await this.#haveIdentityQuoteTheKey(first);
      await this.#rotate(second);
      await this.#storeMalformed(second);
      await this.#askLocally(second);
      await failures.ended;
      await Promise.all([this.#switchToCopy(environments), this.#route.meanwhile()]);
      await this.#ask();
      await this.#refuseRefresh(second);
      await this.#succeeds('destroy everything', ['destroy', '**', '--force'], assembly);
    } finally {
      this.#secretsManager.destroy();
    }
  }

  async #createSecrets({ value }: CanaryKey): Promise<void> {
    const contents = {
      [jsonSecret]: JSON.stringify({ apiKey: value }),
      [plainSecret]: value,
      // Cut off: a JSON parser quotes what it cannot read.
      [malformedSecret]: `{"apiKey": ${value}`,
    };
    for (const [name, text] of Object.entries(contents)) {
      await this.#secretsManager.send(new CreateSecretCommand({ Name: name, SecretString: text }));
    }
  }

  /** @returns their end; by then nothing of the faults is left over for others */
  async #beginFailingDeployments(assembly: string, key: CanaryKey): Promise<{ ended: Promise<void> }> {
    const { aws } = this.#route.account;
    const kill = async () => {
      const busy = aws.functions
        .list('us-east-1')
        .find((each) => each.configuration.functionName.includes('-refused-'));
      assert.equal(await aws.functions.kill('us-east-1', busy?.arn ?? ''), 1);
    };
    const killed = aws.faultInjection.next('CreateApiKeyCredentialProvider', {
      code: 'ServiceUnavailable',
      status: 500,
      meanwhile: kill,
    });
    const refused = aws.faultInjection.next('CreateApiKeyCredentialProvider', quoting(key));
    const ended = Promise.all([
      this.#fails('malformed/identity', assembly, 'is not a JSON object'),
      this.#fails('refused/identity', assembly, 'AgentCore does not take the apiKey'),
    ]);
    await Promise.race([Promise.all([killed, refused]), ended]);
    // Awaited later: until then, nobody would hear of it.
    ended.catch(() => undefined);
    return { ended: ended.then(() => undefined) };
  }

  async #fails(stack: string, assembly: string, reason: string): Promise<void> {
    const { status, output } = await this.commands.cdk(`deploy ${stack}`, ['deploy', stack, ...unattended], assembly);
    assert.equal(status, 1, output);
    assert.ok(output.includes(reason), `${stack} did not fail because "${reason}": ${output.slice(-2000)}`);
  }

  async #succeeds(name: string, args: readonly string[], assembly: string): Promise<void> {
    const { status, output } = await this.commands.cdk(name, args, assembly);
    assert.equal(status, 0, output.slice(-3000));
  }

  async #switchToCopy({ dev, ...others }: { readonly dev: object }): Promise<void> {
    const copied = { ...others, dev: { ...dev, secret: plainSecret, source: 'copy' } };
    const assembly = await this.commands.synth('synth with a copy', copied);
    await this.#succeeds('switch dev to a copy', ['deploy', 'dev/*', ...unattended], assembly);
  }

  async #askInEveryWay(): Promise<void> {
    await this.#ask();
    const { body } = await this.#invoke(question, { accept: 'text/event-stream' });
    assert.match(body, /data: /);
    assert.match((await this.#invoke(question, { runtimeUserId: undefined })).body, /WorkloadAccessTokenMissing/);
    assert.match((await this.#invoke('no JSON')).body, /InvalidPayload/);
    assert.equal((await this.commands.npm('invoke', [question.prompt])).status, 0);
  }

  /** What a person looks at when the model has refused the key, and how a key gets into the secret of cdk.json. */
  async #lookAround({ value }: CanaryKey): Promise<void> {
    const look = async (command: string, words: RegExp, args: readonly string[] = [], input = '') => {
      const { output } = await this.commands.npm(command, args, input);
      assert.match(output, words);
    };
    await look('set-key', /^Made the secret /, [], value);
    await look('set-key', /placeholder|nothing was stored/, [], `${value} ${value}`);
    await look('doctor', /✓ secret /);
    await look('status', /^Errors .*ModelKeyRefused/m);
    await look('logs', /ModelKeyRefused/, ['--since', '1h']);
    await look('logs', /"code":"ModelKeyRefused"/, ['--since', '1h', '--json']);
  }

  async #haveTheModelQuoteTheKey(): Promise<void> {
    const codes: Partial<Record<Manner, RegExp>> = {
      'refuse the key': /ModelKeyRefused/,
      'break off': /ModelUnavailable|ModelResponseInvalid/,
      'show the request': /ModelRejectedRequest/,
    };
    for (const [manner, code] of Object.entries(codes)) {
      this.#route.model.manner = manner as Manner;
      assert.match((await this.#invoke(question)).body, code);
      assert.match((await this.#invoke(question, { accept: 'text/event-stream' })).body, code);
    }
    this.#route.model.manner = 'refuse the key';
    assert.equal((await this.commands.npm('invoke', [question.prompt])).status, 1);
    assert.equal((await this.commands.npm('invoke', ['--chat'], `${question.prompt}\n`)).status, 1);
    assert.equal((await this.commands.npm('release')).status, 1);
    this.#route.model.manner = 'pass on';
  }

  async #haveIdentityQuoteTheKey(key: CanaryKey): Promise<void> {
    void this.#route.account.aws.faultInjection.next('GetResourceApiKey', quoting(key));
    assert.match((await this.#invoke(question)).body, /ApiKeyRequestRejected/);
  }

  /** The open session goes on with the new key, after one request that the model refuses. */
  async #rotate({ value }: CanaryKey): Promise<void> {
    const session = { runtimeSessionId: `rotation-${'x'.repeat(33)}` };
    await this.#ask(session);
    await this.#refreshed(() => this.#put(jsonSecret, JSON.stringify({ apiKey: value })));
    this.#route.account.acceptOnly(value);
    await this.#ask(session);
  }

  async #storeMalformed({ value }: CanaryKey): Promise<void> {
    await this.#deadLetter(() => this.#put(jsonSecret, `{"apiKey": ${value}`));
    assert.match((await this.#invoke(question)).body, /ApiKeyRequestRejected/);
    await this.#refreshed(() => this.#put(jsonSecret, JSON.stringify({ apiKey: value })));
    await this.#put(plainSecret, value);
  }

  /** AgentCore refuses the new key of a copy, whenever it is told. */
  async #refuseRefresh(key: CanaryKey): Promise<void> {
    const { faultInjection } = this.#route.account.aws;
    // Two events tell of one change, and Lambda tries each three times.
    const refused = [1, 2, 3, 4, 5, 6].map(() => faultInjection.next('UpdateApiKeyCredentialProvider', quoting(key)));
    await this.#deadLetter(() => this.#put(plainSecret, key.value));
    await Promise.all(refused);
  }

  async #askLocally({ value }: CanaryKey): Promise<void> {
    assert.equal((await this.commands.agent(value)).status, 0);
    this.#route.model.manner = 'refuse the key';
    assert.equal((await this.commands.agent(value)).status, 1);
    this.#route.model.manner = 'pass on';
  }

  async #put(secretId: string, text: string): Promise<void> {
    await this.#secretsManager.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: text }));
  }

  async #refreshed(change: () => Promise<void>): Promise<void> {
    const refreshed = () =>
      this.#route.observations.filter(
        (each) => each.kind === 'line' && /message.*"refreshed"|\\"refreshed\\"/.test(each.line),
      ).length;
    const before = refreshed();
    await change();
    await until('the credential provider is refreshed', () => refreshed() > before);
  }

  async #deadLetter(change: () => Promise<void>): Promise<void> {
    const letters = () => this.#route.observations.filter(({ kind }) => kind === 'message').length;
    const before = letters();
    await change();
    await until('a refresh that failed lands in the dead-letter queue', () => letters() > before);
  }

  async #ask(options: { runtimeSessionId?: string } = {}): Promise<void> {
    const { body } = await this.#invoke(question, options);
    assert.match(body, /^".*\b4\b/s);
  }

  async #invoke(payload: unknown, options: Parameters<TestAccount['invoke']>[2] = {}) {
    const { account } = this.#route;
    return account.invoke(await account.output(agentStack, 'RuntimeArn'), payload, options);
  }
}

/** AWS quotes the value that it finds invalid. */
function quoting({ value }: CanaryKey) {
  return {
    code: 'ValidationException',
    message: `${quoteMarker} the key. 1 validation error detected: Value '${value}' at 'apiKey' failed to satisfy constraint`,
  };
}

async function until(what: string, happened: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) if (happened()) return;
  throw new Error(`It was waited for 20 s, and not seen, that ${what}.`);
}
