import { Refusal } from '../../custom-resource/handler/refusal.ts';
import type { CredentialProviderProperties } from '../resource-properties.ts';

/** Where the key is to come from. */
export interface WantedKey {
  readonly source: 'EXTERNAL' | 'MANAGED';
  readonly secretId: string;
  /** Always there when the source is EXTERNAL. */
  readonly jsonKey: string | undefined;
}

/** What is to be known of a provider that is to go. */
export interface FormerProvider {
  readonly name: string;
  readonly onDelete: 'Delete' | 'Retain' | undefined;
  /** Tags beside those that mark its owner. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What a provider is to be. */
export interface WantedProvider extends WantedKey, FormerProvider {
  readonly adoptExisting: boolean;
}

/**
 * The properties as the handler works with them.
 *
 * @throws Refusal when they make no sense
 */
export function wantedProvider(properties: CredentialProviderProperties): WantedProvider {
  return {
    ...wantedKey(properties),
    name: properties.CredentialProviderName,
    adoptExisting: properties.AdoptExisting === 'true',
    onDelete: properties.OnDelete,
    tags: furtherTags(properties.Tags),
  };
}

/** The properties of a resource that is to go, or has changed: even ones that made no sense must not hinder that. */
export function formerProvider(properties: CredentialProviderProperties): FormerProvider {
  return {
    name: properties.CredentialProviderName,
    onDelete: properties.OnDelete,
    tags: tagsIn(properties.Tags) ?? {},
  };
}

/** @throws Refusal when a reference names no JSON key */
export function wantedKey({
  // Stacks of the time when there was one source say nothing of it.
  SecretSource: source = 'EXTERNAL',
  SecretId: secretId,
  JsonKey: jsonKey,
}: Pick<CredentialProviderProperties, 'SecretSource' | 'SecretId' | 'JsonKey'>): WantedKey {
  if (source === 'EXTERNAL' && jsonKey === undefined) {
    throw new Refusal(
      `A reference to the secret ${secretId} needs the JSON key under which the API key stands. Say it: jsonKey; or copy the secret.`,
    );
  }
  return { source, secretId, jsonKey };
}

/** @throws Refusal when it is not a JSON object of strings, or uses the prefix of the tags that mark the owner */
function furtherTags(text: string | undefined): Record<string, string> {
  const tags = tagsIn(text);
  if (!tags) throw new Refusal('Tags must be a JSON object of strings.');
  const reserved = Object.keys(tags).find((name) => name.startsWith('outbound-auth:'));
  if (reserved) throw new Refusal(`The tag ${reserved} is reserved: it marks the owner. Choose another name for it.`);
  return tags;
}

/** Undefined when it is not a JSON object of strings. */
function tagsIn(text = '{}'): Record<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject && Object.values(parsed).every((value) => typeof value === 'string')
      ? (parsed as Record<string, string>)
      : undefined;
  } catch {
    return undefined;
  }
}
