/** Where the key of one request comes from. */
export interface ApiKeySource {
  /** How a message names the key, such as `the key of credential provider "openai-dev"`. */
  readonly keyName: string;
  /** What to do about a key that the model provider refuses: one sentence. */
  readonly remedy: string;
  /** @returns the key to use now */
  get(): Promise<string>;
  /**
   * @param refused the key that the model provider has just refused; it is not handed out again from memory
   * @returns the key to try instead, which may be the same again
   */
  replace(refused: string): Promise<string>;
}
