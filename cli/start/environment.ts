import { delimiter, dirname, join } from 'node:path';
import { projectFolder } from '../project.ts';

/** Keys that local-aws takes for those of the account's administrator, as it does any that it has not issued. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/**
 * What an AWS client needs to reach local-aws instead of AWS.
 *
 * @param endpoint of local-aws, for example `http://127.0.0.1:4566`
 */
export function clientEnvironment(endpoint: string, region: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    AWS_REGION: region,
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
export function cdkEnvironment(endpoint: string, region: string, home: string): Record<string, string> {
  const bin = join(projectFolder, 'node_modules/.bin');
  return {
    ...clientEnvironment(endpoint, region),
    PATH: [bin, dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
    HOME: home,
    TMPDIR: home,
    CDK_DOCKER: dockerStandIn,
    LOCAL_AWS_DOCKER_STATE: join(home, 'docker'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // Without it the CLI asks a host on the internet for news at every run, and waits for it.
    CDK_DISABLE_NOTICES: 'true',
    NO_COLOR: '1',
    CI: 'true',
  };
}
