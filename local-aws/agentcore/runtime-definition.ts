import type { UpdateAgentRuntimeRequest } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Aws } from '../aws.ts';
import type { ContainerImage } from '../ecr/image-store.ts';
import { AwsError, notSupported } from '../errors.ts';
import type { Credentials } from '../iam/iam.ts';
import type { Call } from '../service.ts';
import { type CodePackage, checkCode } from './code-artifact.ts';
import { checkRequestHeaders } from './request-headers.ts';
import { checkNetwork } from './runtime-network.ts';
import { checkPattern, constraintViolation } from './validation.ts';

/** What a version of a runtime is made of, in the words of the SDK. */
export type RuntimeDefinition = Omit<UpdateAgentRuntimeRequest, 'agentRuntimeId' | 'clientToken'>;

/** What a version runs, as it was when the version was made. */
export type RuntimeArtifact =
  | { readonly kind: 'container'; readonly image: ContainerImage }
  | { readonly kind: 'code'; readonly code: CodePackage };

/** Seconds. */
export interface Lifecycle {
  readonly idleRuntimeSessionTimeout: number;
  readonly maxLifetime: number;
}

const servicePrincipal = 'bedrock-agentcore.amazonaws.com';
const maxVariables = 50;
const pullActions = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** @throws AwsError ValidationException */
export function checkRuntimeName(name: unknown): asserts name is string {
  checkPattern('agentRuntimeName', name, '[a-zA-Z][a-zA-Z0-9_]{0,47}');
}

/**
 * Checks what AgentCore checks before it takes a version: settings, role, image or code.
 *
 * @param maker whoever makes the version: code is read with its permissions, an image with those of the execution role
 * @returns the image or code as it is now; a version keeps it, whatever is under its name later
 * @throws AwsError ValidationException, AccessDeniedException; NotSupportedByLocalAws for what local-aws cannot run
 */
export function checkDefinition(
  aws: Aws,
  maker: Pick<Call, 'region' | 'authorize'>,
  runtimeArn: string,
  definition: RuntimeDefinition,
): RuntimeArtifact {
  checkSettings(definition);
  const { containerConfiguration, codeConfiguration } = definition.agentRuntimeArtifact ?? {};
  if ((containerConfiguration === undefined) === (codeConfiguration === undefined)) {
    throw new AwsError(
      'ValidationException',
      'agentRuntimeArtifact must have exactly one of containerConfiguration and codeConfiguration.',
    );
  }
  const role = assumeExecutionRole(aws, maker.region, runtimeArn, definition.roleArn);
  if (codeConfiguration) return { kind: 'code', code: checkCode(aws, maker, codeConfiguration) };
  const uri = containerConfiguration?.containerUri ?? '';
  return { kind: 'container', image: checkImage(aws, maker.region, uri, role) };
}

/** How long sessions live, with AgentCore's defaults. */
export function lifecycleOf({ lifecycleConfiguration: given }: RuntimeDefinition): Lifecycle {
  const maxLifetime = given?.maxLifetime ?? 28_800;
  return { maxLifetime, idleRuntimeSessionTimeout: given?.idleRuntimeSessionTimeout ?? Math.min(900, maxLifetime) };
}

/**
 * The execution role's credentials, as AgentCore takes them for one runtime.
 *
 * @param lifetime seconds
 * @throws AwsError ValidationException when the role does not let AgentCore take it for this runtime
 */
export function assumeExecutionRole(
  aws: Aws,
  region: string,
  runtimeArn: string,
  roleArn: string | undefined,
  lifetime?: number,
): Credentials {
  checkPattern('roleArn', roleArn, 'arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+');
  const sessionName = `BedrockAgentCore-${region}-${runtimeArn.slice(runtimeArn.lastIndexOf('/') + 1)}`.slice(0, 64);
  const context = { 'aws:SourceAccount': aws.account, 'aws:SourceArn': runtimeArn };
  try {
    return aws.iam.assumeRoleAsService(roleArn, servicePrincipal, sessionName, context, lifetime);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'AccessDenied') throw error;
    throw new AwsError(
      'ValidationException',
      `Role validation failed for '${roleArn}'. Please verify that the role exists and its trust policy allows assumption by this service`,
    );
  }
}

function checkSettings(definition: RuntimeDefinition): void {
  const { environmentVariables = {}, networkConfiguration, protocolConfiguration, platformVersion } = definition;
  if (Object.keys(environmentVariables).length > maxVariables) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'environmentVariables' failed to satisfy constraint: Member must have length less than or equal to ${maxVariables}`,
    );
  }
  for (const [name, value] of Object.entries(environmentVariables)) {
    if (name.length < 1 || name.length > 100 || value.length > 5000) {
      throw new AwsError(
        'ValidationException',
        `The environment variable ${name} is not 1 to 100 characters of name and at most 5000 of value.`,
      );
    }
  }
  const { maxLifetime, idleRuntimeSessionTimeout } = lifecycleOf(definition);
  checkSeconds('lifecycleConfiguration.maxLifetime', maxLifetime);
  checkSeconds('lifecycleConfiguration.idleRuntimeSessionTimeout', idleRuntimeSessionTimeout);
  if (idleRuntimeSessionTimeout > maxLifetime) {
    throw new AwsError('ValidationException', 'idleRuntimeSessionTimeout must be less than or equal to maxLifetime');
  }
  if (platformVersion !== undefined) checkPattern('platformVersion', platformVersion, 'V1|V2');
  const protocol = protocolConfiguration?.serverProtocol ?? 'HTTP';
  if (protocol !== 'HTTP') throw notSupported(`agent runtimes of the protocol ${protocol}`);
  checkNetwork(networkConfiguration);
  checkRequestHeaders(definition.requestHeaderConfiguration?.requestHeaderAllowlist);
  for (const refused of unsupported) {
    if (definition[refused] !== undefined) throw notSupported(`agent runtimes with ${refused}`);
  }
}

const unsupported = [
  'authorizerConfiguration',
  'filesystemConfigurations',
  'capacityProviderConfiguration',
  'metadataConfiguration',
] as const satisfies readonly (keyof RuntimeDefinition)[];

function checkSeconds(name: string, value: number): void {
  if (value < 60) throw constraintViolation(name, value, 'Member must have value greater than or equal to 60');
  if (!(value <= 28_800)) throw constraintViolation(name, value, 'Member must have value less than or equal to 28800');
}

function checkImage(aws: Aws, region: string, uri: string, { principal }: Credentials): ContainerImage {
  const repository = /^\d{12}\.dkr\.ecr\.([\w-]+)\.amazonaws\.com\/([^:@]+)[:@]/.exec(uri);
  if (!repository?.[2] || repository[1] !== region) {
    throw new AwsError(
      'ValidationException',
      `The container URI '${uri}' is not of an image in Amazon ECR in ${region}.`,
    );
  }
  try {
    aws.iam.authorize(principal, 'ecr:GetAuthorizationToken', '*');
    const repositoryArn = `arn:aws:ecr:${region}:${uri.slice(0, 12)}:repository/${repository[2]}`;
    for (const action of pullActions) aws.iam.authorize(principal, action, repositoryArn);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'AccessDeniedException') throw error;
    throw new AwsError(
      'ValidationException',
      `Access denied while validating ECR URI '${uri}'. The execution role requires permissions for ecr:GetAuthorizationToken, ecr:BatchGetImage, and ecr:GetDownloadUrlForLayer operations.`,
    );
  }
  const image = aws.images.resolveUri(uri);
  if (!image) {
    throw new AwsError(
      'ValidationException',
      `The specified image identifier does not exist in the repository: '${uri}'.`,
    );
  }
  if (!/^linux\/arm64(\/v8)?$/.test(image.platform)) {
    throw new AwsError(
      'ValidationException',
      `Architecture incompatible for uri '${uri}'. Supported architectures: [arm64]`,
    );
  }
  const [program] = [...image.entrypoint, ...image.command];
  if (!program || !/^(\/(?:.+\/)?)?node$/.test(program)) {
    throw notSupported(
      `agent images that start anything but node (${program ?? 'no CMD'}): it runs them without a container`,
    );
  }
  return image;
}
