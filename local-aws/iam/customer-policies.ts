import { AwsError } from '../errors.ts';
import { type PolicyDocument, type Statement, statementsOf } from './policy.ts';

/** Characters that a managed policy may have, white space not counted. */
const longest = 6144;

/** The account's own managed policies, by ARN. */
export class CustomerPolicies {
  readonly #account: string;
  readonly #documents = new Map<string, PolicyDocument>();

  constructor(account: string) {
    this.#account = account;
  }

  arn(name: string, path = '/'): string {
    return `arn:aws:iam::${this.#account}:policy${path}${name}`;
  }

  has(arn: string): boolean {
    return this.#documents.has(arn);
  }

  /** @throws AwsError LimitExceeded */
  put(arn: string, document: PolicyDocument): void {
    if (JSON.stringify(document).length > longest) {
      throw new AwsError('LimitExceeded', `Cannot exceed quota for PolicySize: ${longest}`, 409);
    }
    this.#documents.set(arn, document);
  }

  delete(arn: string): void {
    this.#documents.delete(arn);
  }

  /** Its statements; undefined when there is no such policy. */
  statements(arn: string): readonly Statement[] | undefined {
    const document = this.#documents.get(arn);
    return document && statementsOf(document);
  }
}
