import { Names } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * A name of at most 64 letters, digits and hyphens that is made of the construct's path, with its stack's name in front:
 * it outlives deletions of the stack and every change of the source, and is known before the deployment.
 */
export function stableName(scope: IConstruct): string {
  return Names.uniqueResourceName(scope, { separator: '-', allowedSpecialCharacters: '-', maxLength: 64 });
}
