import { defaultQualifier } from '../../lib/policies/index.ts';

/** A bootstrap of the CDK: where it is, and by what its resources are known. */
export interface Bootstrap {
  readonly account: string;
  readonly region: string;
  readonly qualifier: string;
}

/** The name of its stack. */
export function toolkitStackName({ qualifier }: Pick<Bootstrap, 'qualifier'>): string {
  return qualifier === defaultQualifier ? 'CDKToolkit' : `CDKToolkit-${qualifier}`;
}

/** The arguments of `cdk` that make it. */
export function bootstrapArguments(bootstrap: Bootstrap): string[] {
  const { account, region, qualifier } = bootstrap;
  const own =
    qualifier === defaultQualifier
      ? []
      : ['--qualifier', qualifier, '--toolkit-stack-name', toolkitStackName(bootstrap)];
  return ['bootstrap', `aws://${account}/${region}`, ...own];
}

/** What it makes, for a person who is to agree. */
export function bootstrapInWords(bootstrap: Bootstrap): string {
  const { account, region } = bootstrap;
  return `there is no bootstrap in ${account}, ${region}: the stack ${toolkitStackName(bootstrap)} is made, with a bucket, a repository, five roles and a parameter; CloudFormation may then do everything there (with less: docs/production.md)`;
}
