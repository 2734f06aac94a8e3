import { examine, type Finding } from '../../../cli/doctor/examine.ts';
import { readEnvironments } from '../../../lib/environments/index.ts';
import type { Statement } from '../../../local-aws/iam/policy.ts';
import { type LocalAws, startLocalAws } from '../../../local-aws/index.ts';

export const region = 'us-east-1';
export const account = '111122223333';
export const secretName = 'agentcore-outbound-auth/dev/openai';
export const key = 'sk-proj-AbC123dEf456GhI789';

/** What is looked at: an account on this machine, and the settings of an environment. */
export interface Patient {
  readonly aws: LocalAws;
  /** Added to those of an environment that needs nothing but a secret. */
  settings: Readonly<Record<string, unknown>>;
  /** Whose keys are used; undefined: the administrator's. */
  role: string | undefined;
  client: Readonly<Record<string, unknown>>;
  /** Puts a secret where the environment has its own. */
  store(secretString: string | undefined, more?: { name?: string; kmsKeyId?: string }): void;
  /** Makes a role of these statements, and looks as it from now on. */
  actAs(name: string, ...statements: Statement[]): void;
  examine(verify?: boolean): Promise<Finding[]>;
}

/** Everything is well with it. */
export async function admit(): Promise<Patient> {
  const aws = await startLocalAws();
  const { administrator } = aws.iam;
  const patient: Patient = {
    aws,
    settings: {},
    role: undefined,
    client: {},
    store(secretString, { name = secretName, kmsKeyId } = {}) {
      const id = { secretId: name, force: true };
      if (aws.secrets.list(administrator, region).some((each) => each.name === name)) {
        aws.secrets.delete(administrator, region, id);
      }
      aws.secrets.create(administrator, region, {
        name,
        ...(secretString !== undefined && { secretString }),
        ...(kmsKeyId !== undefined && { kmsKeyId }),
      });
    },
    actAs(name, ...statements) {
      aws.iam.putRole({
        name,
        trustPolicy: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: account } } },
        inlinePolicies: { policy: { Statement: statements } },
      });
      patient.role = name;
    },
    async examine(verify = false) {
      const settings = { secret: secretName, region, artifact: 'code', ...patient.settings };
      const [environment] = readEnvironments({ dev: settings });
      if (!environment) throw new Error('no environment');
      const credentials = patient.role
        ? aws.iam.assumeRole(administrator, aws.iam.roleArn(patient.role), 'me')
        : { accessKeyId: 'local', secretAccessKey: 'local' };
      const client = { region, endpoint: aws.endpoint, credentials, ...patient.client };
      const findings: Finding[] = [];
      for await (const finding of examine({ environment, client, verify })) findings.push(finding);
      return findings;
    },
  };
  patient.store(JSON.stringify({ apiKey: key }));
  return patient;
}

/** A finding as `npm run doctor` prints it. */
export function printed({ check, verdict, found, remedy }: Finding): string {
  const sign = { ok: '✓', warning: '!', problem: '✗' }[verdict];
  return `${sign} ${check}: ${found}${remedy === undefined ? '' : ` → ${remedy}`}`;
}
