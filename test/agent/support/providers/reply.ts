/** What the model says to one request. */
export interface Reply {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly args: string }[];
  readonly refusal?: string;
  readonly usage: { readonly input: number; readonly output: number };
}
