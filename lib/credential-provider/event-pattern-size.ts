import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Lengths of the longest values that there are. */
const longest: Readonly<Record<string, number>> = {
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-southeast-1'.length,
  'AWS::AccountId': 12,
};
const longestPrefix = 'arn:aws-us-gov:secretsmanager:ap-southeast-1:111122223333:secret:'.length;
const suffix = '-AbCdEf'.length;
/** For a name that CloudFormation makes: the logical id, a hyphen and twelve characters. */
const likelyName = 64;

/**
 * How many characters a pattern has at most, once CloudFormation has put in what is not known yet.
 *
 * @param pattern with attributes that are complete ARNs of the secret
 * @param secretId name or ARN of the secret
 */
export function longestJson(scope: Construct, pattern: unknown, secretId: string): number {
  const nameLength = Token.isUnresolved(secretId) ? likelyName : secretId.length;
  const arnLength = (secretId.startsWith('arn:') ? nameLength : longestPrefix + nameLength) + suffix;
  return JSON.stringify(filled(Stack.of(scope).resolve(pattern), arnLength)).length;
}

/** The value with a text as long as can be in the place of each intrinsic function. */
function filled(value: unknown, arnLength: number): unknown {
  if (Array.isArray(value)) return value.map((each) => filled(each, arnLength));
  if (typeof value !== 'object' || value === null) return value;
  const [[name = '', argument] = []] = Object.entries(value);
  if (name === 'Ref') return 'x'.repeat(longest[String(argument)] ?? arnLength);
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => filled(part, arnLength)).join(separator);
  }
  if (name.startsWith('Fn::')) return 'x'.repeat(arnLength);
  return Object.fromEntries(Object.entries(value).map(([field, each]) => [field, filled(each, arnLength)]));
}
