/** A pattern cut at one run of wildcards. */
export interface Cut {
  readonly head: string;
  /** `*`, or some `?`. */
  readonly wildcard: string;
  readonly tail: string;
}

/** Every run of wildcards in a pattern. */
export function cutsOf(pattern: string): Cut[] {
  return [...pattern.matchAll(/\*+|\?+/g)].map(({ 0: wildcard, index }) => ({
    head: pattern.slice(0, index),
    wildcard,
    tail: pattern.slice(index + wildcard.length),
  }));
}

/** What a run of wildcards stands for in a value; undefined where the pattern does not match. */
export function partAt({ head, wildcard, tail }: Cut, value: string): string | undefined {
  const own = wildcard.startsWith('*') ? '.*' : `.{${wildcard.length}}`;
  return new RegExp(`^${expression(head)}(?<part>${own})${expression(tail)}$`, 's').exec(value)?.groups?.part;
}

function expression(pattern: string): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}

/** A narrower pattern in the place of a run of wildcards. */
export interface Narrowing {
  readonly title: string;
  readonly replacement: string;
}

/**
 * Every way to narrow a run of wildcards that some of the parts still pass: to one of them, to those that begin with a
 * character, to those that end with one.
 */
export function narrowings({ wildcard }: Cut, parts: readonly string[]): Narrowing[] {
  const rest = wildcard.startsWith('*') ? '*' : '?'.repeat(wildcard.length - 1);
  const unique = (values: readonly string[]) => [...new Set(values)];
  // A call on everything, which lists are, is no example of anything narrower.
  const literal = parts.filter((part) => !/[*?]/.test(part));
  const filled = literal.filter((part) => part !== '');
  return [
    ...unique(literal).map((part) => ({ title: `"${part}" only`, replacement: part })),
    ...unique(filled.map((part) => part.charAt(0))).map((first) => ({
      title: `what begins with "${first}" only`,
      replacement: first + rest,
    })),
    ...unique(filled.map((part) => part.slice(-1))).map((last) => ({
      title: `what ends with "${last}" only`,
      replacement: rest + last,
    })),
  ];
}

/**
 * The same resource on another day: what AWS draws at random, or names as it likes, is drawn anew. The journey sees one
 * draw of each; a policy has to hold for all of them.
 */
export function redraws(resource: string): string[] {
  const draws = [
    [/(:secret:.+-)[A-Za-z0-9]{6}$/, ['aB3dE6', 'Zy9Xw8']],
    // The ids of runtimes, which their workload identities and log groups are named after.
    [/((?:workload-identity|runtimes?)\/[A-Za-z][A-Za-z0-9_]*-)[A-Za-z0-9]{10}/, ['aB3dE6gH9k', 'Zy9Xw8Vu7T']],
    [/(:stack\/[\w-]+\/)[\w-]{36}$/, ['1f0c-a', 'e9b7-0']],
    // CloudFormation makes names as it likes, and cuts the stack's where they get too long.
    [/(outbound-auth-[a-z]+-)(?:identity|agent)-\w+-\w+/, ['iden-Handler-aB3dE6', 'agent-Role-Zy9Xw8']],
    // The hash of a source, which another secret changes.
    [/(outbound-auth-[a-z]+-openai-)[0-9a-f]{6}/, ['0a1b2c', 'f9e8d7']],
    [/(:::cdk-\w+-assets-[\w-]+\/)[0-9a-f]{64}\.zip$/, ['0a1b2c.zip', 'f9e8d7.json']],
    // Of the names of log streams AWS promises nothing.
    [/(:log-stream:).*$/, ['otel-rt-logs', '[a]-Z']],
  ] as const;
  let found: string[] = [resource];
  for (const [pattern, values] of draws) {
    found = found.flatMap((each) =>
      pattern.test(each) ? [each, ...values.map((value) => each.replace(pattern, `$1${value}`))] : each,
    );
  }
  return found.filter((each) => each !== resource);
}
