import { delimiter, dirname, join } from 'node:path';
import { projectFolder } from '../project.ts';

/** Where and as whom a client calls local-aws; any AWS SDK client takes it as its configuration. */
export interface LocalClient {
  /** For example `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Keys that local-aws takes for those of the account's administrator, as it does any that it has not issued. */
export const anyCredentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** The environment variables by which an AWS client reaches local-aws instead of AWS. */
export function clientEnvironment({ endpoint, region, credentials }: LocalClient): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    // The one that the AWS CLI 1 and boto3 read.
    AWS_DEFAULT_REGION: region,
  };
}

/** What the `cdk` command needs besides: no Docker is at work, but a small program that lays out the image's files. */
export const dockerStandIn = join(projectFolder, 'local-aws/docker/docker.ts');

/**
 * The whole environment of the `cdk` command: what the machine needs to run it, and nothing of the caller's AWS
 * settings, keys or profiles.
 *
 * @param home an empty folder, so that no AWS profile is found
 */
export function cdkEnvironment(client: LocalClient, home: string): Record<string, string> {
  const bin = join(projectFolder, 'node_modules/.bin');
  return {
    ...clientEnvironment(client),
    PATH: [bin, dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
    HOME: home,
    TMPDIR: home,
    CDK_DOCKER: dockerStandIn,
    LOCAL_AWS_DOCKER_STATE: join(home, 'docker'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // Where the app keeps what Node.js compiles, so that the command need not be compiled at every run either.
    NODE_COMPILE_CACHE: join(projectFolder, '.cache/node'),
    // CDK's own validation of the templates takes longer than the rest of a synth, and every synth for AWS does it.
    CDK_VALIDATION: 'false',
    // Without it the CLI asks a host on the internet for news at every run, and waits for it.
    CDK_DISABLE_NOTICES: 'true',
    NO_COLOR: '1',
    CI: 'true',
  };
}
