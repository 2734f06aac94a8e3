import type { APIError } from 'openai';
import type { Row } from './model-error-row.ts';
import type { AzureSettings } from './model-settings.ts';

/**
 * The errors of Azure OpenAI that say more than their status does.
 *
 * Nothing of its own words goes into the sentence: they are only looked for.
 *
 * @returns undefined for an error that means what it means with every provider
 */
export function explainAzureError(error: APIError, settings: AzureSettings): Row | undefined {
  const { deployment, api, apiVersion } = settings;
  const host = new URL(settings.endpoint).host;
  const sentence = (code: Row['code'], message: string): Row => ({ code, message: () => message });

  if (error.status === 401) {
    return {
      code: 'ModelKeyRefused',
      message: ({ keyName, keyRemedy }) =>
        `Azure OpenAI at ${host} refused ${keyName}: it takes the keys of its own resource only. ${keyRemedy}`,
    };
  }
  if (error.status === 403 && error.code === 'AuthenticationTypeDisabled') {
    return sentence('ModelAccessDenied', `Azure OpenAI at ${host} takes no keys: they are disabled for the resource`);
  }
  if (error.code === 'DeploymentNotFound') {
    return sentence(
      'ModelNotFound',
      `Azure OpenAI at ${host} has no deployment "${deployment}"; a new one takes some minutes to appear`,
    );
  }
  if (error.code === 'OperationNotSupported') {
    return sentence('ModelRejectedRequest', `The deployment "${deployment}" cannot be asked by the API ${api}`);
  }
  if ((error.status === 400 || error.status === 404) && /api[- ]?version/i.test(error.message)) {
    return sentence(
      'ModelRejectedRequest',
      apiVersion === undefined
        ? `Azure OpenAI at ${host} wants an API version: set one, or use a resource that has the v1 route`
        : `Azure OpenAI at ${host} does not take the API version ${apiVersion}: set another, or none for the v1 route`,
    );
  }
  if (error.status === 404 && error.code !== 'model_not_found') {
    return sentence(
      'ModelNotFound',
      `Azure OpenAI at ${host} does not know this route: check endpoint, deployment and API version`,
    );
  }
  if (error.status === 400 && error.code === 'content_filter') {
    const categories = filteredCategories(error.error);
    const because = categories.length > 0 ? ` for ${categories.join(', ')}` : '';
    return sentence('ModelRejectedRequest', `The content filter of Azure OpenAI rejected the request${because}`);
  }
  return undefined;
}

const filterCategories = [
  'hate',
  'self_harm',
  'sexual',
  'violence',
  'profanity',
  'jailbreak',
  'indirect_attack',
  'protected_material_text',
  'protected_material_code',
] as const;

interface FilterError {
  readonly innererror?: { readonly content_filter_result?: Readonly<Record<string, unknown>> };
}

/** Those of Azure's list that it found in the request. */
function filteredCategories(error: unknown): string[] {
  const results = (error as FilterError | undefined)?.innererror?.content_filter_result;
  return filterCategories.filter(
    (category) => (results?.[category] as { readonly filtered?: unknown } | undefined)?.filtered === true,
  );
}
