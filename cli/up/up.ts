import { terminalText } from '../../agent/src/terminal-text.ts';
import type { Environment } from '../../lib/environments/index.ts';
import { environmentNameIn, environmentOptions, readArguments, UsageError } from '../arguments.ts';
import { type AwsClientConfig, clientConfig } from '../aws.ts';
import { ownCdkEnvironment, showCdk } from '../cdk.ts';
import { examine, type Finding } from '../doctor/examine.ts';
import { ambientRegion, openSession } from '../doctor/session.ts';
import { askYes, isPersonThere } from '../person.ts';
import { qualifierOf, readEnvironment } from '../project.ts';
import { deployerOf } from '../release/deployer.ts';
import { releaseNewest } from '../release/release-newest.ts';
import { defaultPrompt } from '../release/smoke-test.ts';
import { readKey } from '../set-key/read-key.ts';
import { storeKey } from '../set-key/store-key.ts';
import { describeStacks, type Stacks, settledStacks } from '../stacks.ts';
import { detail, progress, step } from '../terminal.ts';
import { Interrupted, UserError } from '../user-error.ts';
import { type Bootstrap, bootstrapArguments, bootstrapInWords } from './bootstrap.ts';
import { hasChanged } from './changes.ts';
import { isBootstrapMissing, isSecretMissing, type Makeable, needsOf } from './needs.ts';
import { standOf } from './stand.ts';

const help = `Takes an environment from wherever it is to an agent that has answered: looks at what is there, stores the key and
bootstraps the account where that is missing, deploys, asks the new version and makes it live. Stops at what only you can
decide, and says what to do; again, it goes on from there, and where nothing has changed it says so.

  npm run up -- --environment dev                            asks you for the key, and for a yes
  npm run up -- --environment dev --yes < key.txt            without a terminal: the key, if it is missing, from a file

Options
  --environment NAME   environment of cdk.json (required)
  --yes                ask nothing: bootstrap, and deploy what changes permissions too. Needed where nobody is at a terminal
  --prompt TEXT        what the new version is asked (default: "${defaultPrompt}", which needs a tool)
  --json               print one JSON object: environment, account, region, made, changed, version, former, answer
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

made has what was missing and is there now: secret, bootstrap. former is the version that was live before, or null. The
steps one by one: doctor, set-key, npx cdk bootstrap, npx cdk deploy, release.

Exit status: 0 the newest version is live, 1 it is not, 2 command line not understood, 130 interrupted.
`;

/** The command `up`. */
export async function up(args: string[]): Promise<number> {
  const { values } = readArguments(
    args,
    { ...environmentOptions, yes: { type: 'boolean' }, prompt: { type: 'string' } },
    undefined,
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { prompt, yes: isAgreed = false, 'endpoint-url': endpointUrl } = values;
  if (prompt !== undefined && prompt.trim() === '') throw new UsageError('The prompt is empty: leave --prompt out.');
  const environment = readEnvironment(environmentNameIn(values));
  const client = clientConfig(environment, endpointUrl);
  const person = isPersonThere();
  if (!person && !isAgreed) {
    throw new UserError(
      'Nobody is at a terminal to say yes: add --yes, and all that is missing is made without a question.',
    );
  }
  const run = { environment, client, endpointUrl, isAgreed, person };
  try {
    const place = await prepare(run);
    const { changed, release } = await deployAndRelease(run, place.region, prompt);
    const { version, former, answer } = release;
    if (values.json) {
      const { made, account, region } = place;
      const result = { environment: environment.name, account, region, made, changed, version };
      process.stdout.write(`${JSON.stringify({ ...result, former: former ?? null, answer })}\n`);
      return 0;
    }
    const done =
      version === former
        ? `${changed ? 'Version' : 'Nothing to deploy: version'} ${version} is live, as it was`
        : `Version ${version} is live`;
    process.stdout.write(terminalText(`${done}. It answered: ${answer.trim()}\n`, process.stdout));
    tell('Ask it', `npm run invoke -- --environment ${environment.name} --chat`);
    return 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(
      `${error.message} What CloudFormation has begun it ends by itself: npm run up -- --environment ${environment.name} goes on from there.\n`,
    );
    return 130;
  }
}

interface Run {
  readonly environment: Environment;
  readonly client: AwsClientConfig;
  readonly endpointUrl: string | undefined;
  /** All is agreed to beforehand. */
  readonly isAgreed: boolean;
  readonly person: boolean;
}

const tell = (name: string, text: string) => step(name, terminalText(text, process.stderr), process.stderr);

/** Looks at what a deployment needs, and makes what is missing and can be made. */
async function prepare(run: Run): Promise<{ account: string; region: string; made: readonly Makeable[] }> {
  const { environment, client, isAgreed } = run;
  if (run.person) progress('Looking at what is there …');
  // What an interrupted deployment still makes is known only afterwards. What cannot be asked here the doctor tells better.
  await settle(run).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
  });
  const findings = await Array.fromAsync(examine({ environment, client, verify: false }));
  const mendable = new Set<string>(['secret', 'bootstrap'] satisfies Makeable[]);
  stopAt(findings.filter(({ check, verdict }) => verdict === 'problem' && !mendable.has(check)));
  const region = environment.region ?? (await ambientRegion(client)) ?? 'unknown';
  const { account } = await openSession(client, region);
  const bootstrap: Bootstrap = { account, region, qualifier: qualifierOf(environment) };
  const needs = needsOf(findings, {
    secret: await isSecretMissing(client, environment.secret),
    bootstrap: await isBootstrapMissing(client, bootstrap.qualifier),
  });
  stopAt(needs.inTheWay);
  const fine = findings.filter(({ verdict }) => verdict === 'ok').length;
  const made = needs.missing.length > 0 ? `; missing, and made next: ${needs.missing.join(', ')}` : '';
  tell('Doctor', `account ${account}, ${region}: ${fine} of ${findings.length} checks found all well${made}`);
  for (const { check, verdict, found } of findings) {
    if (verdict === 'warning') detail(terminalText(`! ${check}: ${found}`, process.stderr), process.stderr);
  }
  const missing = new Set(needs.missing);
  if (missing.has('bootstrap')) {
    tell('CDK', bootstrapInWords(bootstrap));
    if (!isAgreed && !(await askYes('Make it'))) {
      throw new UserError(
        `Nothing was changed. Without a bootstrap nothing can be deployed to ${account}, ${region}: run it again and say y, or ask who may run npx cdk ${bootstrapArguments(bootstrap).join(' ')}.`,
      );
    }
  }
  if (missing.has('secret')) {
    tell(
      'Secret',
      `${environment.secret} is not there yet${run.person ? '' : ': the key is read from standard input'}`,
    );
    const { versionId } = await storeKey(
      client,
      environment,
      await readKey(environment.secret, process.stdin, process.stderr),
    );
    tell('Secret', `${environment.secret} holds the key (version ${versionId})`);
  }
  if (missing.has('bootstrap')) {
    await showCdk(bootstrapArguments(bootstrap), ownCdkEnvironment(run.endpointUrl, region), run.person);
  }
  return { account, region, made: needs.missing };
}

/** @throws UserError with all problems, each with what to do */
function stopAt(problems: readonly Finding[]): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ check, found, remedy }) => `${check}: ${found}${remedy ? ` ${remedy}` : ''}`);
  throw new UserError(`Nothing was changed. ${lines.join('\n')}`);
}

/** The stacks, once CloudFormation is at work on them no more. */
async function settle({ environment, client }: Pick<Run, 'environment' | 'client'>): Promise<Stacks> {
  return settledStacks(environment, (await deployerOf(environment, client)).ofStack, progress);
}

/** Brings the stacks to what cdk.json says, and the endpoint `live` to the version that comes of it. */
async function deployAndRelease(
  { environment, client, endpointUrl, isAgreed, person }: Run,
  region: string,
  prompt: string | undefined,
) {
  const before = await settle({ environment, client });
  for (const part of ['identity', 'agent'] as const) {
    const stand = standOf(environment, part, before[part]);
    if (stand.kind === 'stuck') throw new UserError(stand.says);
    if (stand.says) progress(stand.says);
  }
  tell('Deploy', `npx cdk deploy '${environment.name}/*'`);
  // Else what is printed while the image is built stands behind the question that cdk asks.
  const approval = isAgreed ? ['never'] : ['broadening', '--no-asset-prebuild'];
  await showCdk(
    ['deploy', `${environment.name}/*`, '--require-approval', ...approval],
    ownCdkEnvironment(endpointUrl, region),
    person,
  );
  const { ofStack } = await deployerOf(environment, client);
  const changed = hasChanged(before, await describeStacks(environment, ofStack));
  tell('Release', changed ? 'the new version is asked' : 'nothing has changed; the agent is asked');
  const release = await releaseNewest({ environment, client, ...(prompt !== undefined && { prompt }), progress });
  return { changed, release };
}
