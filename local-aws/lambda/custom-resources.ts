import { randomUUID } from 'node:crypto';
import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { AwsError, notSupported } from '../errors.ts';
import { openResponseUrl } from './custom-resource-responses.ts';

/** A custom resource that was not made, or not wholly. */
export class CustomResourceError extends AwsError {
  /** What the rollback's delete is to be called with: on AWS a failed create is deleted too, by this id. */
  readonly physicalId: string;

  constructor(message: string, physicalId: string) {
    super('CustomResourceFailed', message);
    this.physicalId = physicalId;
  }
}

const maxResponseBytes = 4096;
const defaultTimeout = 3600;

interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly ResponseURL: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly StackId: string;
  readonly ServiceToken: string;
  readonly ResourceProperties: unknown;
  readonly PhysicalResourceId?: string;
  readonly OldResourceProperties?: unknown;
}

interface CustomResourceResponse {
  readonly Status?: unknown;
  readonly Reason?: unknown;
  readonly PhysicalResourceId?: unknown;
  readonly Data?: unknown;
}

/** The provider for a type that a Lambda function answers for: `Custom::`, or CloudFormation's own name for it. */
export function customResource(type: string): ResourceProvider {
  return {
    type,
    replaceOn: [],
    create: (context, properties) => ask(context, 'Create', properties, {}),
    update(context, physicalId, properties, oldProperties) {
      if (properties.ServiceToken !== oldProperties.ServiceToken) {
        throw new AwsError('ValidationError', 'Modifying service token is not allowed.');
      }
      return ask(context, 'Update', properties, { physicalId, oldProperties });
    },
    async delete(context, physicalId, properties) {
      await ask(context, 'Delete', properties, { physicalId });
    },
  };
}

async function ask(
  context: ResourceContext,
  requestType: CustomResourceEvent['RequestType'],
  properties: Properties,
  { physicalId, oldProperties }: { physicalId?: string; oldProperties?: Properties },
): Promise<ResourceResult> {
  const functionArn = functionOf(context, properties);
  const timeout = timeoutOf(properties);
  context.authorize('lambda:InvokeFunction', functionArn);
  const requestId = randomUUID();
  const response = openResponseUrl(context.aws, timeout * 1000);
  const event: CustomResourceEvent = {
    RequestType: requestType,
    ServiceToken: functionArn,
    ResponseURL: response.url,
    StackId: context.stackId,
    RequestId: requestId,
    LogicalResourceId: context.logicalId,
    ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId }),
    ResourceType: context.resourceType,
    ResourceProperties: asStrings(properties),
    ...(oldProperties ? { OldResourceProperties: asStrings(oldProperties) } : {}),
  };
  void context.aws.functions.invokeAsynchronously(context.region, functionArn, event).then((outcome) => {
    // Nobody is left who could answer. AWS does not know that, and waits to the end of ServiceTimeout.
    if (outcome === 'failed') response.close();
  });
  const body = await response.body;
  const fallbackId = physicalId ?? context.generateName(128);
  if (body === undefined) {
    throw new CustomResourceError(
      `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${requestId}]. If you are using the Python cfn-response module, you may need to update your Lambda function's code so that CloudFormation can attach the updated version.`,
      fallbackId,
    );
  }
  return readResponse(body, requestId, fallbackId);
}

function functionOf({ aws, region }: ResourceContext, { ServiceToken: token }: Properties): string {
  if (typeof token !== 'string' || token === '') {
    throw new AwsError('ValidationError', 'Property ServiceToken cannot be empty.');
  }
  if (!token.startsWith('arn:aws:lambda:'))
    throw notSupported(`the ServiceToken ${token}: it calls Lambda functions only`);
  return aws.functions.get(region, token).arn;
}

function timeoutOf({ ServiceTimeout: given }: Properties): number {
  const seconds = given === undefined ? defaultTimeout : Number(given);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600) {
    throw new AwsError('ValidationError', 'Property ServiceTimeout must be an integer from 1 to 3600 seconds.');
  }
  return seconds;
}

function readResponse(body: Buffer, requestId: string, fallbackId: string): ResourceResult {
  const response = body.length > maxResponseBytes ? undefined : parse(body);
  if (!response) {
    throw new CustomResourceError(
      body.length > maxResponseBytes ? 'Response object is too long.' : 'Invalid Response object: it is not JSON.',
      fallbackId,
    );
  }
  const { Status: status, Reason: reason, PhysicalResourceId: physicalId, Data: data } = response;
  const id = typeof physicalId === 'string' && physicalId !== '' ? physicalId : undefined;
  if (status === 'FAILED') {
    throw new CustomResourceError(
      `Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: ${requestId})`,
      id ?? fallbackId,
    );
  }
  if (status !== 'SUCCESS') {
    throw new CustomResourceError(`Invalid Response object: Status is ${JSON.stringify(status)}.`, id ?? fallbackId);
  }
  if (id === undefined || Buffer.byteLength(id) > 1024) {
    throw new CustomResourceError('Invalid PhysicalResourceId', fallbackId);
  }
  const attributes = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  return { physicalId: id, attributes };
}

function parse(body: Buffer): CustomResourceResponse | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** CloudFormation hands every scalar to a custom resource as a string. */
function asStrings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asStrings);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asStrings(inner)]));
  }
  return value === null || value === undefined ? value : String(value);
}
