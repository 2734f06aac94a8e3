/** One page of log groups. */
export interface LogGroupPage {
  readonly names: readonly string[];
  readonly nextToken: string | undefined;
}

export type Tags = Readonly<Record<string, string>>;

/** Every call to CloudWatch Logs that the handler makes, behind one object that tests replace. Errors are the AWS SDK's own. */
export interface Calls {
  /** @throws ResourceAlreadyExistsException when there is one of this name */
  createGroup(name: string, settings: { readonly kmsKeyArn: string | undefined; readonly tags: Tags }): Promise<void>;
  /** @throws ResourceNotFoundException when there is no such group, as all that follow */
  putRetention(name: string, days: number): Promise<void>;
  associateKey(name: string, kmsKeyArn: string): Promise<void>;
  disassociateKey(name: string): Promise<void>;
  tagsOf(arn: string): Promise<Tags>;
  tag(arn: string, tags: Tags): Promise<void>;
  untag(arn: string, keys: readonly string[]): Promise<void>;
  deleteGroup(name: string): Promise<void>;
  listGroups(prefix: string, nextToken: string | undefined): Promise<LogGroupPage>;
}
