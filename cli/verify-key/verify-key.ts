import { certificateFault } from '../../agent/src/certificate-errors.ts';
import { routeTo } from '../../agent/src/model-route.ts';
import type { AzureSettings, ModelSettings, OpenAISettings } from '../../agent/src/model-settings.ts';

/** What a model provider makes of a key. Neither the key nor a word of the provider is in it. */
export interface Verification {
  /**
   * `accepted`: the provider takes the key. `limited`: it does, and something else stands in the agent's way. `refused`:
   * it does not. `untold`: it was not reached, or did not say.
   */
  readonly verdict: 'accepted' | 'limited' | 'refused' | 'untold';
  /** One sentence. */
  readonly found: string;
  /** What to do; empty for a key that is accepted. */
  readonly remedy: string;
}

/** How long one question may take, in milliseconds. */
const patience = 10_000;

/**
 * Asks the model provider of an environment whether it takes a key, by questions that cost nothing: for the model or the
 * list of models, and of Azure OpenAI with a request to the deployment that has no messages.
 *
 * @see https://platform.openai.com/docs/api-reference/models/retrieve
 * @see https://learn.microsoft.com/azure/ai-foundry/openai/latest (models, the same on the v1 route)
 */
export function verifyKey(model: ModelSettings, key: string): Promise<Verification> {
  return model.provider === 'openai' ? verifyOpenAI(model, key) : verifyAzure(model, key);
}

async function verifyOpenAI(model: OpenAISettings, key: string): Promise<Verification> {
  const { baseUrl, keyHeader } = routeTo(model);
  const { organization, project, modelId } = model;
  const who = new URL(baseUrl).host;
  const answer = await ask(`${baseUrl.replace(/\/+$/, '')}/models/${encodeURIComponent(modelId)}`, {
    headers: [
      keyHeader(key),
      ...(organization ? [['openai-organization', organization] as const] : []),
      ...(project ? [['openai-project', project] as const] : []),
    ],
  });
  if ('unreachable' in answer) return unreachable(who, answer.unreachable);
  if (answer.status === 200) return accepted(`${who} takes the key and has the model ${modelId}.`);
  if (answer.status === 404 && answer.code === 'model_not_found') {
    return {
      verdict: 'limited',
      found: `${who} takes the key, and has no model ${modelId} for it.`,
      remedy: 'Change "openai.modelId", or use a key of a project that has the model.',
    };
  }
  // Keys can be restricted to asking models, which is all that the agent does.
  if (answer.status === 403 && answer.quotes('api.model.read')) {
    return accepted(
      `${who} takes the key, which may not read the list of models: whether it has ${modelId} is not known.`,
    );
  }
  return verdictOf(who, answer);
}

async function verifyAzure(model: AzureSettings, key: string): Promise<Verification> {
  const { endpoint, deployment, apiVersion } = model;
  const { baseUrl, query, keyHeader } = routeTo(model);
  const who = `Azure OpenAI at ${new URL(endpoint).host}`;
  const models = apiVersion === undefined ? `${endpoint}/openai/v1/models` : `${endpoint}/openai/models`;
  const withQuery = (url: string) => `${url}${apiVersion === undefined ? '' : `?${new URLSearchParams(query)}`}`;
  const headers = [keyHeader(key)];
  const answer = await ask(withQuery(models), { headers });
  if ('unreachable' in answer) return unreachable(who, answer.unreachable);
  if (answer.status !== 200) return verdictOf(who, answer);
  // Refused for its lack of messages, and so free of charge; one for a deployment that is not there is refused for that.
  const body = JSON.stringify({ model: deployment, messages: [] });
  const ofDeployment = await ask(withQuery(`${baseUrl}/chat/completions`), { headers, body });
  if ('unreachable' in ofDeployment) return unreachable(who, ofDeployment.unreachable);
  if (ofDeployment.status === 404) {
    return {
      verdict: 'limited',
      found: `${who} takes the key, and has no deployment ${deployment}.`,
      remedy: 'Change "azure.deployment", or deploy the model under that name; a new one takes some minutes to appear.',
    };
  }
  return accepted(`${who} takes the key and has the deployment ${deployment}.`);
}

function accepted(found: string): Verification {
  return { verdict: 'accepted', found, remedy: '' };
}

function unreachable(who: string, why: string): Verification {
  return {
    verdict: 'untold',
    found: `${who} could not be reached from this machine (${why}).`,
    remedy: 'Check the URL in the settings, and the network and proxy of this machine.',
  };
}

function verdictOf(who: string, { status, code }: Answer): Verification {
  if (code === 'unsupported_country_region_territory') {
    return {
      verdict: 'untold',
      found: `${who} answers nobody from the country that this machine is in.`,
      remedy: 'Try it from elsewhere; the agent asks from the Region of its environment.',
    };
  }
  if (status === 401 || status === 403) {
    return {
      verdict: 'refused',
      found: `${who} refuses the key (HTTP ${status}).`,
      remedy: 'Get a working key from the provider.',
    };
  }
  if (status === 429) {
    return code === 'insufficient_quota'
      ? {
          verdict: 'limited',
          found: `${who} takes the key, and its account has no quota left.`,
          remedy: 'Check plan and billing of the account with the provider.',
        }
      : { verdict: 'limited', found: `${who} throttles the key (HTTP 429).`, remedy: 'Try again later.' };
  }
  return {
    verdict: 'untold',
    found: `${who} does not say whether it takes the key (HTTP ${status}).`,
    remedy: 'Check the URL in the settings; a service without a list of models can only be tried: npm run invoke.',
  };
}

interface Answer {
  readonly status: number;
  /** The provider's own code of an error. */
  readonly code: string | undefined;
  /** Whether a text is in the provider's words, which are not shown: they may quote the key. */
  readonly quotes: (text: string) => boolean;
}

async function ask(
  url: string,
  { headers, body }: { headers: readonly (readonly [string, string])[]; body?: string },
): Promise<Answer | { readonly unreachable: string }> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...Object.fromEntries(headers),
      },
      ...(body !== undefined && { body }),
      // The key goes where the settings say, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    return { status: response.status, code: codeIn(text), quotes: (part) => text.includes(part) };
  } catch (error) {
    // The words of the error are left out: those of fetch may quote a header.
    return { unreachable: reasonOf(error) };
  }
}

function codeIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } };
    return typeof error?.code === 'string' ? error.code : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${patience / 1000} seconds`;
  const certificate = certificateFault(error);
  if (certificate) return `its certificate is not trusted: ${certificate}`;
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'no connection';
}
