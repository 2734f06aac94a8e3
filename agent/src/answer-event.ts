/** Tokens as the model provider counted them, over all its answers to one prompt. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

/**
 * One event of an answer, exactly as it travels: a string is a piece of the text, everything else an object with one
 * member, in the words of Amazon Bedrock's ConverseStream.
 */
export type AnswerEvent =
  | string
  /** The model calls a tool. */
  | { readonly toolUse: { readonly toolUseId: string; readonly name: string; readonly input: unknown } }
  /** The tool is done. */
  | { readonly toolResult: { readonly toolUseId: string; readonly status: 'success' | 'error' } }
  /** The last event of an answer that is whole; no `usage` where the provider counted nothing. */
  | { readonly messageStop: { readonly stopReason: string; readonly usage?: Usage } };
