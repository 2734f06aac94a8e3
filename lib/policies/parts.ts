import { type PolicyDocument, policyDocument } from './policy-document.ts';

/** Characters that IAM takes in a managed policy; it does not count white space. */
export const longestPolicy = 6144;

/** Characters of a policy, as IAM counts them. */
export function lengthOf(policy: PolicyDocument): number {
  return JSON.stringify(policy).length;
}

/** The same statements as policies of which IAM takes each: a role may have ten. */
export function inParts(policy: PolicyDocument): PolicyDocument[] {
  const parts: PolicyDocument[] = [];
  for (const statement of policy.Statement) {
    const longer = policyDocument(...(parts.at(-1)?.Statement ?? []), statement);
    if (parts.length > 0 && lengthOf(longer) <= longestPolicy) parts[parts.length - 1] = longer;
    else parts.push(policyDocument(statement));
  }
  return parts;
}
