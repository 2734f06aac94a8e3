import { terminalText } from '../../agent/src/terminal-text.ts';
import { detail, dim, green, red, step } from '../terminal.ts';
import type { EnvironmentStatus, KeyStatus } from './read-status.ts';
import type { Reading } from './reading.ts';

/** What the name of an alarm's state does not say. */
const remarks: Readonly<Record<string, string>> = { INSUFFICIENT_DATA: ' (nothing was measured yet)' };

/** Shows the status on one screen: a name, and its lines. */
export function showStatus({ stacks, runtime, versions, endpoints, keys, alarms, errors }: EnvironmentStatus): void {
  show(
    'Stacks',
    (['identity', 'agent'] as const).flatMap((part) =>
      linesOf(stacks[part], (stack) => [
        stack
          ? `${part.padEnd(9)}${state(stack.status)}, ${ago(stack.changed)}`
          : `${part.padEnd(9)}${red('not deployed')}`,
      ]),
    ),
  );
  show(
    'Runtime',
    linesOf(runtime, ({ status, arn }) => [state(status), dim(arn)]),
  );
  show(
    'Versions',
    linesOf(versions, ([newest, ...former]) => [
      newest ? `${newest.version} is the newest, ${ago(newest.made)}; ${former.length} before it` : red('none'),
    ]),
  );
  show(
    'Endpoint',
    linesOf(endpoints, (all) =>
      all.map(({ name, version, status }) => `${name.padEnd(9)}version ${version}, ${state(status)}`),
    ),
  );
  show(
    'Platform',
    linesOf(runtime, ({ platformVersion, network }) => [`${platformVersion}, network ${network}`]),
  );
  show(
    'Artifact',
    linesOf(runtime, ({ artifact }) => [artifact.kind, dim(artifact.from)]),
  );
  for (const key of keys) show('Key', linesOfKey(key));
  show(
    'Alarms',
    linesOf(alarms, (all) => {
      const counted = Map.groupBy(all, (alarm) => alarm.state);
      const summary = [...counted]
        .map(([name, found]) => `${found.length} ${state(name)}${remarks[name] ?? ''}`)
        .join(', ');
      const ringing = (counted.get('ALARM') ?? []).map(({ name, reason, since }) => `${name} ${ago(since)}: ${reason}`);
      return [summary || 'none', ...ringing];
    }),
  );
  show(
    'Errors',
    linesOf(errors, (all) =>
      all.length === 0
        ? ['none in the last hour']
        : all.map(({ code, count, newest }) => `${red(code)} ${count} in the last hour, the newest ${ago(newest)}`),
    ),
  );
}

function linesOfKey({ service, provider, secret }: KeyStatus): string[] {
  return [
    `of ${service}`,
    ...linesOf(provider, ({ name, source, updated }) => [`provider ${name}, ${source}, written ${ago(updated)}`]),
    ...linesOf(secret, ({ arn, changed, deleted }) => [
      `secret ${arn.split(':').slice(6).join(':')}, ${
        deleted ? red(`to be deleted at ${deleted.toISOString()}`) : `changed ${ago(changed)}`
      }`,
    ]),
  ];
}

/** What AWS and the agent have said must not move the cursor; colours are ours, and come after. */
function linesOf<T>(part: Reading<T>, lines: (value: T) => string[]): string[] {
  return 'value' in part ? lines(harmless(part.value)) : [red(`cannot be read: ${harmless(part.unreadable)}`)];
}

function harmless<T>(value: T): T {
  if (typeof value === 'string') return terminalText(value, process.stdout) as T;
  if (Array.isArray(value)) return value.map(harmless) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, harmless(inner)])) as T;
}

function show(name: string, [first = '', ...others]: readonly string[]): void {
  step(name, first);
  for (const line of others) detail(line);
}

function state(name: string): string {
  if (/^(READY|OK|(CREATE|UPDATE)_COMPLETE)$/.test(name)) return green(name);
  return /FAILED|ROLLBACK|ALARM|DELETE/.test(name) ? red(name) : name;
}

/** How long ago something was, with the time itself (UTC). */
function ago(time: Date | undefined): string {
  if (!time) return 'at an unknown time';
  const seconds = Math.max(0, Math.round((Date.now() - time.getTime()) / 1000));
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
  ] as const;
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit} ago (${time.toISOString().slice(0, 19)}Z)`;
}
