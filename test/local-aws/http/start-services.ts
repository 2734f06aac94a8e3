import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Aws } from '../../../local-aws/aws.ts';
import { dispatcher } from '../../../local-aws/dispatch.ts';
import { FaultInjection } from '../../../local-aws/fault-injection.ts';
import { listen } from '../../../local-aws/http/server.ts';
import { Iam } from '../../../local-aws/iam/iam.ts';
import type { PolicyDocument, Statement } from '../../../local-aws/iam/policy.ts';
import type { Service } from '../../../local-aws/service.ts';

export const account = '111122223333';
export const region = 'eu-central-1';

type WritableAws = { -readonly [Part in keyof Aws]: Aws[Part] };

/** A local-aws of a few services only, on a port of its own. */
export interface Started {
  readonly aws: Aws;
  readonly endpoint: string;
  /** What an SDK client is made with; the keys of a role in place of the administrator's when a role's name is given. */
  client(roleName?: string): {
    endpoint: string;
    region: string;
    maxAttempts: number;
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  };
  /** A role with these statements, trusted by the whole account. */
  role(name: string, ...statements: Statement[]): void;
  /** A request as an SDK would send it, as far as local-aws looks. */
  send(request: {
    service: string;
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
    accessKeyId?: string;
  }): Promise<Response>;
  close(): Promise<void>;
}

/** Starts services; `prepare` makes the parts of the account that they need. */
export async function startServices(
  prepare: (aws: WritableAws) => void,
  services: readonly ((aws: Aws) => Service)[],
): Promise<Started> {
  const directory = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
  const aws = {
    account,
    partition: 'aws',
    directory,
    iam: new Iam(account),
    journal: [],
    faults: [],
    faultInjection: new FaultInjection(),
    internalRoutes: new Map(),
  } as Partial<Aws> as WritableAws;
  prepare(aws);
  const server = await listen(
    0,
    dispatcher(
      aws,
      services.map((service) => service(aws)),
    ),
  );
  const endpoint = `http://127.0.0.1:${server.port}`;
  aws.endpoint = endpoint;
  return {
    aws,
    endpoint,
    client(roleName) {
      const credentials = roleName
        ? aws.iam.assumeRole(aws.iam.administrator, aws.iam.roleArn(roleName), 'test')
        : { accessKeyId: 'test', secretAccessKey: 'test' };
      return { endpoint, region, maxAttempts: 1, credentials };
    },
    role(name, ...statements) {
      aws.iam.putRole({ name, trustPolicy: trustOfAccount, inlinePolicies: { policy: { Statement: statements } } });
    },
    async send({ service, method = 'POST', path = '/', headers = {}, body, accessKeyId = 'test' }) {
      return fetch(`${endpoint}${path}`, {
        method,
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
          ...headers,
        },
        ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
      });
    },
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A trust policy for every principal of the account whose own policies allow it. */
export const trustOfAccount: PolicyDocument = {
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${account}:root` } }],
};
