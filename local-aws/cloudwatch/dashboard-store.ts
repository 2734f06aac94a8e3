/** A dashboard as it was put. */
export interface Dashboard {
  readonly name: string;
  readonly arn: string;
  /** JSON, as PutDashboard takes it. */
  readonly body: string;
  readonly modified: Date;
}

/** The account's CloudWatch dashboards: they belong to no Region. */
export class Dashboards {
  readonly #account: string;
  readonly #dashboards = new Map<string, Dashboard>();

  constructor(account: string) {
    this.#account = account;
  }

  arn(name: string): string {
    return `arn:aws:cloudwatch::${this.#account}:dashboard/${name}`;
  }

  /** Makes a dashboard or replaces it. */
  put(name: string, body: string): void {
    this.#dashboards.set(name, { name, arn: this.arn(name), body, modified: new Date() });
  }

  find(name: string): Dashboard | undefined {
    return this.#dashboards.get(name);
  }

  delete(name: string): void {
    this.#dashboards.delete(name);
  }
}
