import { posix } from 'node:path';
import type { CodeConfiguration, S3Location } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { filesOfZip, type ZipFiles } from '../process/zip.ts';
import type { Call } from '../service.ts';
import { checkLength, checkPattern, constraintViolation } from './validation.ts';

/** The code of a direct code deployment, as it was when the version was made. */
export interface CodePackage {
  readonly files: ZipFiles;
  /** Path in the zip of what Node.js runs. */
  readonly entryPoint: string;
}

const managedRuntimes = ['PYTHON_3_10', 'PYTHON_3_11', 'PYTHON_3_12', 'PYTHON_3_13', 'PYTHON_3_14', 'NODE_22'];
const mebibyte = 1024 * 1024;
const maxZipped = 250 * mebibyte;
const maxUnzipped = 750 * mebibyte;

/**
 * Checks the code of a direct code deployment and reads it from S3, with the permissions of whoever makes the version. It
 * runs on the Node.js of this project, which is newer than AgentCore's NODE_22: what the older one lacks is not found here.
 *
 * @throws AwsError ValidationException; AccessDeniedException where the caller may not read the object;
 * NotSupportedByLocalAws for Python
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-common-issues.html
 */
export function checkCode(
  aws: Aws,
  { authorize }: Pick<Call, 'authorize'>,
  { code, runtime, entryPoint }: CodeConfiguration,
): CodePackage {
  if (!managedRuntimes.includes(String(runtime))) {
    throw constraintViolation(
      'agentRuntimeArtifact.codeConfiguration.runtime',
      runtime,
      `Member must satisfy enum value set: [${managedRuntimes.join(', ')}]`,
    );
  }
  const [program, ...others] = checkEntryPoint(entryPoint);
  if (runtime !== 'NODE_22') throw notSupported(`agent runtimes on ${runtime}: it runs Node.js only`);
  if (others.length > 0) throw notSupported('entry points of two parts for Node.js');
  const zip = readZip(aws, authorize, code?.s3);
  const path = posix.normalize(program);
  if (!path.endsWith('.js')) {
    throw new AwsError('ValidationException', `The entry point '${program}' is not a .js file.`);
  }
  if (!Object.hasOwn(zip, path)) {
    throw new AwsError('ValidationException', `The entry point '${program}' is not in the code package.`);
  }
  return { files: zip, entryPoint: path };
}

function checkEntryPoint(entryPoint: readonly string[] | undefined): [string, ...string[]] {
  const name = 'agentRuntimeArtifact.codeConfiguration.entryPoint';
  const [program, ...others] = entryPoint ?? [];
  if (program === undefined || others.length > 1) {
    throw constraintViolation(name, `[${entryPoint?.join(', ') ?? ''}]`, 'Member must have length between 1 and 2');
  }
  for (const part of [program, ...others]) checkLength(name, part, 1, 128);
  return [program, ...others];
}

function readZip(aws: Aws, authorize: Call['authorize'], location: S3Location | undefined): ZipFiles {
  const name = 'agentRuntimeArtifact.codeConfiguration.code.s3';
  const { bucket, prefix, versionId } = location ?? {};
  checkPattern(`${name}.bucket`, bucket, '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]');
  checkLength(`${name}.prefix`, prefix, 1, 1024);
  if (versionId !== undefined) throw notSupported('versions of S3 objects');
  authorize('s3:GetObject', `arn:aws:s3:::${bucket}/${prefix}`);
  const where = `s3://${bucket}/${prefix}`;
  const zip = aws.objects.get(bucket, prefix);
  if (!zip) throw new AwsError('ValidationException', `There is no object ${where}.`);
  if (zip.length > maxZipped) throw new AwsError('ValidationException', `${where} is larger than 250 MB.`);
  const files = filesOfZip(zip);
  if (!files) throw new AwsError('ValidationException', `${where} is not a zip.`);
  const unzipped = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  if (unzipped > maxUnzipped) throw new AwsError('ValidationException', `${where} is larger than 750 MB unzipped.`);
  return files;
}
