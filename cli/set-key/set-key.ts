import type { Environment } from '../../lib/environments/index.ts';
import { environmentNameIn, environmentOptions, readArguments } from '../arguments.ts';
import { clientConfig } from '../aws.ts';
import { refuseOtherAccount } from '../own-account.ts';
import { readEnvironment } from '../project.ts';
import { UserError } from '../user-error.ts';
import { type Verification, verifyKey } from '../verify-key/verify-key.ts';
import { readKey } from './read-key.ts';
import { storeKey } from './store-key.ts';

const help = `Stores the API key of an environment in its Secrets Manager secret, and makes the secret if there is none.

  npm run set-key -- --environment dev                  asks for the key; nothing is shown while you type
  npm run set-key -- --environment dev < key.txt        or from a file or a pipe
  npm run set-key -- --environment dev --verify         asks the model provider first whether it takes the key

The key is never an argument: those stand in the shell's history and in the process list. Placeholders are refused. Other
fields of a secret that is a JSON object stay as they are. Running agents use the new key once the old one is refused,
and after five minutes in any case.

Options
  --environment NAME   environment of cdk.json (required)
  --verify             store the key only if the model provider takes it; the question costs nothing
  --json               print one JSON object: secret, arn, versionId, created, kept, and with --verify what was found
  --endpoint-url URL   where AWS is (default: AWS itself, or AWS_ENDPOINT_URL)

Needs secretsmanager:GetSecretValue and PutSecretValue on the secret, and CreateSecret (TagResource with tags) for a new one.

Exit status: 0 stored, 1 not stored, 2 command line not understood, 130 interrupted.
`;

/** The command `set-key`. */
export async function setKey(args: string[]): Promise<number> {
  const { values } = readArguments(args, { ...environmentOptions, verify: { type: 'boolean' } }, undefined);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const environment = readEnvironment(environmentNameIn(values));
  const config = clientConfig(environment, values['endpoint-url']);
  // Before the key: in another account a secret of the same name would be somebody else's.
  if (environment.account) await refuseOtherAccount(environment, config);
  const key = await readKey(environment.secret, process.stdin, process.stderr);
  const verified = values.verify ? await takenKey(environment, key) : undefined;
  const { created, arn, versionId, kept } = await storeKey(config, environment, key);
  if (values.json) {
    const stored = { secret: environment.secret, arn, versionId, created, kept };
    process.stdout.write(`${JSON.stringify({ ...stored, ...(verified && { verified: verified.found }) })}\n`);
    return 0;
  }
  if (verified) process.stdout.write(`${[verified.found, verified.remedy].join(' ').trim()}\n`);
  const done = created
    ? `Made the secret ${environment.secret}`
    : `Stored a new version of the secret ${environment.secret}`;
  const others = kept.length > 0 ? `; kept its other fields: ${kept.join(', ')}` : '';
  process.stdout.write(`${done} (version ${versionId})${others}.\n`);
  return 0;
}

/** @throws UserError for a key that the provider does not take, or says nothing about */
export async function takenKey({ model }: Pick<Environment, 'model'>, key: string): Promise<Verification> {
  const verification = await verifyKey(model, key);
  const { verdict, found, remedy } = verification;
  if (verdict === 'refused') throw new UserError(`${found} Nothing was stored. ${remedy}`);
  if (verdict === 'untold') throw new UserError(`${found} Nothing was stored. ${remedy} Or leave out --verify.`);
  return verification;
}
