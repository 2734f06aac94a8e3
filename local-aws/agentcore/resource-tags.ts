import { AwsError } from '../errors.ts';
import type { ConditionContext } from '../iam/conditions.ts';

/** Tags by name. */
export type Tags = Readonly<Record<string, string>>;

const maxTags = 50;

/** The condition keys of a call that brings tags. */
export function requestTagContext(tags: Tags): ConditionContext {
  const keys = Object.keys(tags);
  return keys.length === 0 ? {} : { ...prefixed('aws:RequestTag/', tags), 'aws:TagKeys': keys };
}

/** The condition keys of a call on a resource that has tags. */
export function resourceTagContext(tags: Tags): ConditionContext {
  return prefixed('aws:ResourceTag/', tags);
}

function prefixed(prefix: string, tags: Tags): ConditionContext {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}${key}`, value]));
}

/** The tags of everything in AgentCore that has an ARN. */
export class ResourceTags {
  readonly #tags = new Map<string, Map<string, string>>();

  /** Begins to know a resource. */
  add(arn: string, tags: Tags = {}): void {
    checkTags(tags);
    this.#tags.set(arn, new Map(Object.entries(tags)));
  }

  remove(arn: string): void {
    this.#tags.delete(arn);
  }

  /** @throws AwsError ResourceNotFoundException */
  of(arn: string): Tags {
    return Object.fromEntries(this.#of(arn));
  }

  /** The condition keys of a call on a resource: none where it has no tags, or is not there. */
  contextOf(arn: string): ConditionContext {
    return resourceTagContext(Object.fromEntries(this.#tags.get(arn) ?? []));
  }

  /** @throws AwsError ResourceNotFoundException, ValidationException (more than 50 tags) */
  put(arn: string, tags: Tags): void {
    const known = this.#of(arn);
    checkTags({ ...Object.fromEntries(known), ...tags });
    for (const [name, value] of Object.entries(tags)) known.set(name, value);
  }

  /** @throws AwsError ResourceNotFoundException */
  delete(arn: string, names: readonly string[]): void {
    const known = this.#of(arn);
    for (const name of names) known.delete(name);
  }

  #of(arn: string): Map<string, string> {
    const tags = this.#tags.get(arn);
    if (!tags) throw new AwsError('ResourceNotFoundException', `Resource not found: ${arn}`, 404);
    return tags;
  }
}

/** @throws AwsError ValidationException */
export function checkTags(tags: Tags): void {
  const entries = Object.entries(tags);
  if (entries.length > maxTags) {
    throw new AwsError('ValidationException', `A resource can have at most ${maxTags} tags.`);
  }
  for (const [name, value] of entries) {
    if (name.length < 1 || name.length > 128 || name.startsWith('aws:')) {
      throw new AwsError('ValidationException', `The tag key "${name}" is not 1 to 128 characters without "aws:".`);
    }
    if (typeof value !== 'string' || value.length > 256) {
      throw new AwsError('ValidationException', `The value of the tag "${name}" is longer than 256 characters.`);
    }
  }
}
