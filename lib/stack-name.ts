import type { Environment } from './environments/index.ts';

/** The name of a stack in CloudFormation, which `npm run invoke` finds the runtime by. */
export function stackName(environment: Pick<Environment, 'name'>, part: 'identity' | 'agent'): string {
  return `outbound-auth-${environment.name}-${part}`;
}
