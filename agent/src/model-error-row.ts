import type { ErrorCode } from './invocation-error.ts';
import { type ModelSettings, modelNameOf } from './model-settings.ts';

/** What the sentences about the model speak of. */
export interface ModelContext {
  readonly model: ModelSettings;
  /** Such as `the key of credential provider "openai-dev"`. */
  readonly keyName: string;
  /** What to do about a key that is refused. */
  readonly keyRemedy: string;
}

/** What the caller is told. */
export interface Row {
  readonly code: ErrorCode;
  /** @returns one sentence, without its full stop */
  readonly message: (context: ModelContext) => string;
}

/** @returns who was asked, as a sentence begins, and what it was asked for */
export function askedOf({ model }: Pick<ModelContext, 'model'>): { readonly who: string; readonly what: string } {
  return model.provider === 'azure'
    ? { who: 'Azure OpenAI', what: `deployment "${modelNameOf(model)}"` }
    : { who: 'The model provider', what: `model "${modelNameOf(model)}"` };
}
