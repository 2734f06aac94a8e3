/** Who makes a call. */
export interface Principal {
  readonly kind: 'administrator' | 'role';
  /** As GetCallerIdentity says it: `arn:aws:iam::…:user/…` or `arn:aws:sts::…:assumed-role/ROLE/SESSION`. */
  readonly arn: string;
  readonly userId: string;
  /** The role whose policies count; only for the kind `role`. */
  readonly roleArn?: string;
  /** The AWS service that makes the call on behalf of the principal; missing where the principal calls by itself. */
  readonly via?: string;
}

/** The principal, for what an AWS service does on its behalf while it answers the principal's call. */
export function onBehalfOf(principal: Principal, service: string): Principal {
  return { ...principal, via: service };
}
