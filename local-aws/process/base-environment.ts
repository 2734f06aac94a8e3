/**
 * The little that a child gets from the environment of local-aws: nothing that could hold a key.
 *
 * @param home a folder of the child's own, so that no AWS profile of the person at the keyboard is read
 */
export function baseEnvironment(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home };
}
