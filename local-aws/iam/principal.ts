/** Who makes a call. */
export interface Principal {
  readonly kind: 'administrator' | 'role';
  /** As GetCallerIdentity says it: `arn:aws:iam::…:user/…` or `arn:aws:sts::…:assumed-role/ROLE/SESSION`. */
  readonly arn: string;
  readonly userId: string;
  /** The role whose policies count; only for the kind `role`. */
  readonly roleArn?: string;
}
