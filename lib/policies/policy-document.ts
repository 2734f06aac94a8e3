/** A statement of a policy, as IAM takes it. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy, as IAM takes it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/** A policy of statements; `undefined` stands for one that the environment does not need. */
export function policyDocument(...statements: readonly (PolicyStatement | undefined)[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements.filter((statement) => statement !== undefined) };
}

/** @param actions of one service, without its prefix */
export function actionsOf(service: string, ...actions: readonly string[]): string[] {
  return actions.map((action) => `${service}:${action}`);
}

/** Lets actions be taken on resources, each named once. */
export function allow(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  condition?: PolicyStatement['Condition'],
): PolicyStatement {
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: [...new Set(resources)],
    ...(condition && { Condition: condition }),
  };
}
