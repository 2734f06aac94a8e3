import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Aws } from '../aws.ts';
import { AwsError } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import type { Principal } from '../iam/principal.ts';
import { digestOf, type ImageContent, unpackImage, writeLayout } from './image-archive.ts';
import type { ImageConfig } from './image-config.ts';
import { type ImageUri, parseImageUri, registryHost } from './image-uri.ts';

/** An image as it was pushed. */
export interface ContainerImage extends ImageConfig {
  /** `sha256:…` */
  readonly digest: string;
  /** On disk: the image's files above its base, laid out as a root file system; the files are read-only. */
  readonly directory: string;
  readonly pushedAt: Date;
  readonly sizeInBytes: number;
}

/** A repository as kept. */
export interface Repository {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  /** `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME` */
  readonly uri: string;
  readonly created: Date;
  readonly tagMutability: 'MUTABLE' | 'IMMUTABLE';
  readonly images: Map<string, ContainerImage>;
  /** Digests by tag. */
  readonly tags: Map<string, string>;
}

const pushActions = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

/** The account's container registry, by Region. Images arrive from `docker/docker.ts` through `/_local-aws/images/`. */
export class ImageStore {
  readonly #aws: Pick<Aws, 'account' | 'directory' | 'iam'>;
  readonly #repositories = new Map<string, Repository>();
  readonly #logins = new Map<string, { principal: Principal; region: string; expires: Date }>();

  constructor(aws: Pick<Aws, 'account' | 'directory' | 'iam' | 'internalRoutes'>) {
    this.#aws = aws;
    aws.internalRoutes.set('images', (request) => this.#answer(request));
  }

  /** Creates a repository; one that is there already stays as it is. */
  createRepository(
    region: string,
    name: string,
    options: { tagMutability?: Repository['tagMutability'] } = {},
  ): Repository {
    const { account } = this.#aws;
    const earlier = this.repository(region, name);
    if (earlier) return earlier;
    const repository: Repository = {
      region,
      name,
      arn: `arn:aws:ecr:${region}:${account}:repository/${name}`,
      uri: `${registryHost(account, region)}/${name}`,
      created: new Date(),
      tagMutability: options.tagMutability ?? 'MUTABLE',
      images: new Map(),
      tags: new Map(),
    };
    this.#repositories.set(`${region} ${name}`, repository);
    return repository;
  }

  deleteRepository({ region, name }: Pick<Repository, 'region' | 'name'>): void {
    this.#repositories.delete(`${region} ${name}`);
  }

  repository(region: string, name: string): Repository | undefined {
    return this.#repositories.get(`${region} ${name}`);
  }

  /** A Region's repositories, oldest first. */
  repositories(region: string): readonly Repository[] {
    return [...this.#repositories.values()].filter((repository) => repository.region === region);
  }

  /**
   * A password for `docker login`, good for twelve hours. Who uses it pushes as the principal that asked for it.
   */
  issueLogin(principal: Principal, region: string): { password: string; expires: Date } {
    const password = randomBytes(36).toString('base64url');
    const expires = new Date(Date.now() + 12 * 3_600_000);
    this.#logins.set(password, { principal, region, expires });
    return { password, expires };
  }

  /**
   * Stores an image and gives it a tag.
   *
   * @throws AwsError RepositoryNotFoundException, ImageTagAlreadyExistsException
   */
  async push(region: string, repositoryName: string, tag: string, content: ImageContent): Promise<ContainerImage> {
    const repository = this.repository(region, repositoryName);
    if (!repository) throw repositoryNotFound(repositoryName, this.#aws.account);
    const digest = digestOf(content);
    const tagged = repository.tags.get(tag);
    if (repository.tagMutability === 'IMMUTABLE' && tagged !== undefined && tagged !== digest) {
      throw new AwsError(
        'ImageTagAlreadyExistsException',
        `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the tag is immutable.`,
      );
    }
    const image = repository.images.get(digest) ?? (await this.#store(digest, content));
    repository.images.set(digest, image);
    repository.tags.set(tag, digest);
    return image;
  }

  /** The image that a tag or a digest (`sha256:…`) names. */
  find(region: string, repositoryName: string, tagOrDigest: string): ContainerImage | undefined {
    const repository = this.repository(region, repositoryName);
    return repository?.images.get(repository.tags.get(tagOrDigest) ?? tagOrDigest);
  }

  /** The image that a container URI names: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`, or `@sha256:…`. */
  resolveUri(uri: string): ContainerImage | undefined {
    const parsed = parseImageUri(uri);
    if (!parsed || parsed.account !== this.#aws.account) return undefined;
    return this.find(parsed.region, parsed.repositoryName, parsed.reference);
  }

  async #store(digest: string, content: ImageContent): Promise<ContainerImage> {
    const images = join(this.#aws.directory, 'images');
    const directory = join(images, digest.replace(':', '-'));
    const unfinished = join(images, `unfinished-${randomBytes(6).toString('hex')}`);
    await mkdir(unfinished, { recursive: true });
    await writeLayout(unfinished, content);
    try {
      await rename(unfinished, directory);
    } catch {
      // The same image was pushed twice at the same time or into two repositories: the first is as good.
      await rm(unfinished, { recursive: true, force: true });
    }
    const sizeInBytes = [...content.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    return { ...content.config, digest, directory, pushedAt: new Date(), sizeInBytes };
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    const target = decodeURIComponent(request.path.slice('/_local-aws/images/'.length));
    const login = this.#login(request);
    if (!login) return text(401, 'not authorized: log in with the password of ecr get-authorization-token.');
    if (request.method === 'GET') {
      return target === `${registryHost(this.#aws.account, login.region)}/`
        ? text(200, 'logged in')
        : text(401, `this login is for ${registryHost(this.#aws.account, login.region)} only.`);
    }
    const uri = parseImageUri(target);
    if (request.method !== 'PUT' || !uri?.tag) return text(400, `cannot push to ${target}.`);
    return this.#receive(uri, uri.tag, login, request.body);
  }

  async #receive(
    { account, region, repositoryName }: ImageUri,
    tag: string,
    login: { principal: Principal; region: string },
    archive: Buffer,
  ): Promise<HttpResponse> {
    if (account !== this.#aws.account || region !== login.region) {
      return text(403, `this login is for ${registryHost(this.#aws.account, login.region)} only.`);
    }
    const repository = this.repository(region, repositoryName);
    if (!repository) throw repositoryNotFound(repositoryName, account);
    for (const action of pushActions) this.#aws.iam.authorize(login.principal, action, repository.arn);
    const { digest } = await this.push(region, repositoryName, tag, unpackImage(archive));
    return text(201, digest);
  }

  #login({ headers }: HttpRequest): { principal: Principal; region: string } | undefined {
    const encoded = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const [user, password = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    const login = user === 'AWS' ? this.#logins.get(password) : undefined;
    return login && login.expires.getTime() > Date.now() ? login : undefined;
  }
}

/** ECR's error for a repository that is not there. */
export function repositoryNotFound(name: string, account: string): AwsError {
  return new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${account}'`,
  );
}

function text(status: number, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
