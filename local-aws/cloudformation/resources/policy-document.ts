import { AwsError } from '../../errors.ts';
import type { PolicyDocument } from '../../iam/policy.ts';
import { isObject } from '../template/template.ts';

/**
 * Checks the shape of a policy document.
 *
 * @param kind `trust` asks each statement for a Principal, `identity` for a Resource, `resource` for both
 * @throws AwsError MalformedPolicyDocument
 */
export function policyDocument(value: unknown, kind: 'trust' | 'identity' | 'resource'): PolicyDocument {
  const statements = isObject(value) ? [value.Statement].flat() : [];
  if (!isObject(value) || statements.length === 0 || !statements.every(isObject)) {
    throw malformed('Syntax errors in policy.');
  }
  for (const statement of statements as Record<string, unknown>[]) {
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw malformed('Syntax errors in policy.');
    if (!has(statement.Action) && !has(statement.NotAction)) throw malformed('Policy statement must contain actions.');
    if (kind === 'trust' && statement.Principal === undefined) {
      throw malformed('AssumeRolePolicy must contain a Principal.');
    }
    if (kind === 'resource' && statement.Principal === undefined) {
      throw malformed('A resource-based policy must contain a Principal.');
    }
    if (kind === 'identity' && statement.Principal !== undefined) {
      throw malformed('Policy document should not specify a principal.');
    }
    if (kind !== 'trust' && !has(statement.Resource) && !has(statement.NotResource)) {
      throw malformed('Policy statement must contain resources.');
    }
  }
  return value as unknown as PolicyDocument;
}

function has(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.length > 0);
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message);
}
