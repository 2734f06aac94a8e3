import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads options and at most one positional argument.
 *
 * @param positional what the positional argument is, for the message; undefined when the command takes none
 * @throws UsageError in one line
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
  positional: string | undefined,
) {
  try {
    const { values, positionals } = parseArgs({
      args,
      options,
      allowPositionals: positional !== undefined,
      strict: true,
    });
    if (positionals.length > 1) {
      throw new UsageError(
        `Only one ${positional} can be given, in quotes: got ${positionals.map((each) => `"${each}"`).join(' ')}.`,
      );
    }
    return { values, positional: positionals[0] };
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof TypeError)) throw error;
    // Node.js quotes the argument, which may be a key that somebody meant well with.
    if ((error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      throw new UsageError('It takes options only, and no other argument. See --help.');
    }
    throw new UsageError(`${error.message.split('. ')[0]}. See --help.`);
  }
}

/** What every command about an environment takes. */
export const environmentOptions = {
  environment: { type: 'string' },
  json: { type: 'boolean' },
  'endpoint-url': { type: 'string' },
  help: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

/** @throws UsageError where the command line names no environment */
export function environmentNameIn({ environment }: { readonly environment?: string | undefined }): string {
  if (!environment) throw new UsageError('Say which environment: --environment dev.');
  return environment;
}
