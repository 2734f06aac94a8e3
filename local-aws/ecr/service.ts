import type { Aws } from '../aws.ts';
import { AwsError, notSupported } from '../errors.ts';
import { awsJsonService } from '../http/aws-json.ts';
import type { Call, Service } from '../service.ts';
import { type ContainerImage, type Repository, repositoryNotFound } from './image-store.ts';
import { registryHost } from './image-uri.ts';

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}
interface ImagesRequest {
  readonly registryId?: string;
  readonly repositoryName: string;
  readonly imageIds?: readonly ImageId[];
  readonly filter?: { readonly tagStatus?: 'TAGGED' | 'UNTAGGED' | 'ANY' };
}

/** Elastic Container Registry: what it takes to find out whether an image is there, and to push it. */
export function ecrService({ images, account }: Pick<Aws, 'images' | 'account'>): Service {
  const repositoryOf = (input: ImagesRequest, call: Call, action: string): Repository => {
    checkRegistry(input.registryId, account);
    const { repositoryName: name } = input;
    call.authorize(action, `arn:aws:ecr:${call.region}:${account}:repository/${name}`);
    const repository = images.repository(call.region, name);
    if (!repository) throw repositoryNotFound(name, account);
    return repository;
  };
  return awsJsonService({
    signingName: 'ecr',
    title: 'ECR',
    operations: {
      GetAuthorizationToken: (_input: unknown, call: Call) => {
        call.authorize('ecr:GetAuthorizationToken', '*');
        const { password, expires } = images.issueLogin(call.caller, call.region);
        return {
          authorizationData: [
            {
              authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
              expiresAt: expires,
              proxyEndpoint: `https://${registryHost(account, call.region)}`,
            },
          ],
        };
      },

      DescribeRepositories: (input: { registryId?: string; repositoryNames?: readonly string[] }, call: Call) => {
        checkRegistry(input.registryId, account);
        const arn = (name: string) => `arn:aws:ecr:${call.region}:${account}:repository/${name}`;
        call.authorize('ecr:DescribeRepositories', input.repositoryNames?.map(arn) ?? arn('*'));
        const repositories = input.repositoryNames
          ? input.repositoryNames.map((name) => {
              const repository = images.repository(call.region, name);
              if (!repository) throw repositoryNotFound(name, account);
              return repository;
            })
          : images.repositories(call.region);
        return {
          repositories: repositories.map(({ arn: repositoryArn, name, uri, created, tagMutability }) => ({
            repositoryArn,
            registryId: account,
            repositoryName: name,
            repositoryUri: uri,
            createdAt: created,
            imageTagMutability: tagMutability,
          })),
        };
      },

      DescribeImages: (input: ImagesRequest, call: Call) => {
        const repository = repositoryOf(input, call, 'ecr:DescribeImages');
        const found = input.imageIds
          ? new Set(input.imageIds.map((id) => findImage(repository, id, account)))
          : filtered(repository, input);
        return {
          imageDetails: [...found].map((image) => {
            const imageTags = tagsOf(repository, image);
            return {
              registryId: account,
              repositoryName: repository.name,
              imageDigest: image.digest,
              ...(imageTags.length > 0 ? { imageTags } : {}),
              imageSizeInBytes: image.sizeInBytes,
              imagePushedAt: image.pushedAt,
            };
          }),
        };
      },

      ListImages: (input: ImagesRequest, call: Call) => {
        const repository = repositoryOf(input, call, 'ecr:ListImages');
        return {
          imageIds: filtered(repository, input).flatMap((image) => {
            const tags = tagsOf(repository, image);
            const imageDigest = image.digest;
            return tags.length > 0 ? tags.map((imageTag) => ({ imageDigest, imageTag })) : [{ imageDigest }];
          }),
        };
      },
    },
  });
}

function findImage(repository: Repository, id: ImageId, account: string): ContainerImage {
  const digest = id.imageDigest ?? (id.imageTag === undefined ? undefined : repository.tags.get(id.imageTag));
  const image = digest === undefined ? undefined : repository.images.get(digest);
  if (image && (id.imageTag === undefined || repository.tags.get(id.imageTag) === image.digest)) return image;
  throw new AwsError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'} does not exist within the repository with name '${repository.name}' in the registry with id '${account}'`,
  );
}

function filtered(repository: Repository, { filter }: ImagesRequest): readonly ContainerImage[] {
  const all = [...repository.images.values()];
  const status = filter?.tagStatus ?? 'ANY';
  return status === 'ANY' ? all : all.filter((image) => tagsOf(repository, image).length > 0 === (status === 'TAGGED'));
}

function tagsOf({ tags }: Repository, image: ContainerImage): string[] {
  return [...tags].filter(([, digest]) => digest === image.digest).map(([tag]) => tag);
}

function checkRegistry(registryId: string | undefined, account: string): void {
  if (registryId !== undefined && registryId !== account) throw notSupported(`the registry of account ${registryId}`);
}
