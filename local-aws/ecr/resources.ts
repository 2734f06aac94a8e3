import type {
  Properties,
  ResourceContext,
  ResourceProvider,
  ResourceResult,
} from '../cloudformation/resource-provider.ts';
import { isObject } from '../cloudformation/template/template.ts';
import { AwsError, notSupported } from '../errors.ts';
import type { Repository } from './image-store.ts';

/** The properties of `AWS::ECR::Repository` that local-aws knows. */
interface RepositoryProperties {
  readonly ImageTagMutability?: Repository['tagMutability'];
  readonly LifecyclePolicy?: unknown;
  readonly RepositoryName?: string;
  readonly RepositoryPolicyText?: unknown;
  readonly Tags?: readonly unknown[];
}

/** `AWS::ECR::Repository`. Its lifecycle policy expires nothing: no process here lives that long. */
const repositoryResource: ResourceProvider = {
  type: 'AWS::ECR::Repository',
  replaceOn: ['RepositoryName'],
  properties: ['ImageTagMutability', 'LifecyclePolicy', 'RepositoryName', 'RepositoryPolicyText', 'Tags'],

  async create(context, properties) {
    const { aws, region, authorize } = context;
    const { RepositoryName, ImageTagMutability = 'MUTABLE', Tags = [] } = properties as RepositoryProperties;
    const name = RepositoryName ?? context.generateName(256).toLowerCase();
    const arn = repositoryArn(context, name);
    authorize('ecr:CreateRepository', arn);
    if (Tags.length > 0) authorize('ecr:TagResource', arn);
    authorizePolicies(context, arn, properties, {});
    if (aws.images.repository(region, name)) {
      throw new AwsError(
        'RepositoryAlreadyExistsException',
        `The repository with name '${name}' already exists in the registry with id '${aws.account}'`,
      );
    }
    return made(aws.images.createRepository(region, name, { tagMutability: ImageTagMutability }));
  },

  async update(context, name, properties, oldProperties) {
    const { aws, region } = context;
    const arn = repositoryArn(context, name);
    authorizePolicies(context, arn, properties, oldProperties);
    const { ImageTagMutability = 'MUTABLE' } = properties as RepositoryProperties;
    if (ImageTagMutability !== ((oldProperties as RepositoryProperties).ImageTagMutability ?? 'MUTABLE')) {
      throw notSupported(`a change of ImageTagMutability (${name})`);
    }
    return made(aws.images.createRepository(region, name));
  },

  async delete(context, name) {
    const { aws, region, authorize } = context;
    const repository = aws.images.repository(region, name);
    if (!repository) return;
    authorize('ecr:DeleteRepository', repository.arn);
    if (repository.images.size > 0) {
      throw new AwsError(
        'RepositoryNotEmptyException',
        `The repository with name '${name}' in registry with id '${aws.account}' cannot be deleted because it still contains images`,
      );
    }
    aws.images.deleteRepository(repository);
  },
};

/** The CloudFormation types of ECR. */
export const ecrResources: readonly ResourceProvider[] = [repositoryResource];

function authorizePolicies(
  { authorize }: ResourceContext,
  arn: string,
  properties: Properties,
  oldProperties: Properties,
): void {
  const { LifecyclePolicy, RepositoryPolicyText } = properties as RepositoryProperties;
  const before = oldProperties as RepositoryProperties;
  checkRepositoryPolicy(RepositoryPolicyText);
  if (JSON.stringify(LifecyclePolicy) !== JSON.stringify(before.LifecyclePolicy)) {
    authorize('ecr:PutLifecyclePolicy', arn);
  }
  if (JSON.stringify(RepositoryPolicyText) !== JSON.stringify(before.RepositoryPolicyText)) {
    authorize('ecr:SetRepositoryPolicy', arn);
  }
}

/** Services that pull images are not here: what lets only them do it changes nothing. */
function checkRepositoryPolicy(policy: unknown): void {
  const statements = isObject(policy) ? [policy.Statement].flat() : [];
  for (const statement of statements) {
    const principal = isObject(statement) ? statement.Principal : undefined;
    if (!isObject(principal) || Object.keys(principal).some((kind) => kind !== 'Service')) {
      throw notSupported('a repository policy that is for others than services of AWS');
    }
  }
}

function made({ arn, name, uri }: Repository): ResourceResult {
  return { physicalId: name, attributes: { Arn: arn, RepositoryUri: uri } };
}

function repositoryArn({ aws, region }: ResourceContext, name: string): string {
  return `arn:aws:ecr:${region}:${aws.account}:repository/${name}`;
}
