import { strict as assert } from 'node:assert';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cdkEnvironment } from '../../../cli/start/environment.ts';
import type { TestAccount } from '../../support/account.ts';
import { type Ended, projectFolder, runNode } from '../../support/run.ts';
import type { Printed } from './evidence.ts';

const debugOfLibraries = { OPENAI_LOG: 'debug', DEBUG: '*' };

/** Runs the commands that a person runs, each in a temporary folder of its own, and keeps what they print. */
export class Commands {
  readonly printed: Printed[] = [];
  /** The output folders of cdk. */
  readonly assemblies: string[] = [];
  readonly #account: TestAccount;
  readonly #modelUrl: string;

  /** @param modelUrl base URL of the model that `npm run agent` is to ask */
  constructor(account: TestAccount, modelUrl: string) {
    this.#account = account;
    this.#modelUrl = modelUrl;
  }

  /** `cdk synth` of some environments; @returns the output folder */
  async synth(name: string, environments: object): Promise<string> {
    const app = `${process.execPath} ${join(import.meta.dirname, 'app-with-debug.ts')}`;
    const folder = join(await this.#home(name), 'cdk.out');
    this.assemblies.push(folder);
    const context = `environments=${JSON.stringify(environments)}`;
    const { status, output } = await this.cdk(
      name,
      ['synth', '--quiet', '--output', folder, '--context', context],
      app,
    );
    assert.equal(status, 0, output);
    return folder;
  }

  /** `cdk` with its debug logs on. @param app the command of the app, or the folder that it was synthesized into */
  async cdk(name: string, args: readonly string[], app: string): Promise<Ended> {
    const command = [join(projectFolder, 'node_modules/aws-cdk/bin/cdk'), ...args, '--app', app];
    const env = cdkEnvironment(this.#account.client, await this.#home(name));
    const ended = await runNode([...command, '--no-notices', '--debug', '-vvv'], { env });
    this.printed.push({ by: 'cdk', command: name, output: ended.output });
    return ended;
  }

  /**
   * A command of ours for the environment `dev`, as npm starts it.
   *
   * @param input what a person types
   */
  npm(command: string, args: readonly string[] = [], input = ''): Promise<Ended> {
    return this.#run(command, ['--environment', 'dev', ...args], {}, input);
  }

  /** `npm run agent`, with the key where a person sets it: in the environment. */
  agent(key: string): Promise<Ended> {
    const variables = { OPENAI_API_KEY: key, OPENAI_BASE_URL: this.#modelUrl };
    return this.#run('agent', ['{"prompt":"How much is 2X2?"}'], variables, '');
  }

  async #run(command: string, args: readonly string[], variables: object, input: string): Promise<Ended> {
    const home = await this.#home(`npm-${command}-${this.printed.length}`);
    const env = { ...cdkEnvironment(this.#account.client, home), ...debugOfLibraries, ...variables };
    const ended = await runNode(['cli/main.js', command, ...args], { env, input });
    this.printed.push({ by: 'us', command: `npm run ${command}`, output: ended.output });
    return ended;
  }

  async #home(name: string): Promise<string> {
    const home = join(this.#account.folder, name.replaceAll(/[ /*]/g, '-'));
    await mkdir(home, { recursive: true });
    return home;
  }
}
