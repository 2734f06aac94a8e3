import { credentialsOf } from '../outbound-credentials.ts';
import { SettingsError } from '../settings-error.ts';
import type { Environment } from './environment.ts';

interface NameGiven {
  readonly environment: Environment;
  readonly setting: string;
  readonly kind: 'runtime' | 'provider';
  readonly name: string;
}

/**
 * AgentCore has each name once in an account and Region: the second deployment would fail, or fight with the first.
 *
 * @throws SettingsError with one line for each name that was given before
 */
export function refuseSharedNames(all: readonly Environment[]): void {
  const first = new Map<string, NameGiven>();
  const lines: string[] = [];
  for (const given of all.flatMap(namesGiven)) {
    const { environment, setting, kind, name } = given;
    const place = JSON.stringify([kind, name, environment.account, environment.region]);
    const earlier = first.get(place);
    if (earlier) {
      lines.push(
        `environments.${environment.name}.${setting}: "${name}" is ${whose(earlier, environment)}; give one of them another.`,
      );
    } else {
      first.set(place, given);
    }
  }
  if (lines.length > 0) throw new SettingsError(lines.join('\n'));
}

function whose({ environment, setting }: NameGiven, other: Environment): string {
  return environment === other
    ? `that of ${setting} too`
    : `that of the environment ${environment.name} too, in the same account and Region`;
}

function namesGiven(environment: Environment): NameGiven[] {
  const runtime = { environment, kind: 'runtime', setting: 'runtimeName', name: environment.runtimeName } as const;
  const providers = credentialsOf(environment).flatMap(({ setting, credentialProviderName: name }) =>
    name === undefined
      ? []
      : [{ environment, kind: 'provider', setting: `${setting}credentialProviderName`, name } as const],
  );
  return [runtime, ...providers];
}
