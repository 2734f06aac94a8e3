import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import type { Serve } from './world.ts';

/** A handler with one thing wrong. */
export interface BrokenHandler {
  readonly what: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

export const brokenHandlers: readonly BrokenHandler[] = [
  {
    what: 'takes whatever it finds for its own',
    file: 'lifecycle.ts',
    right: 'if (!ours && !adoptExisting)',
    wrong: 'if (false)',
  },
  {
    what: 'deletes without looking whose it is',
    file: 'ownership.ts',
    right: 'provider && tags && isOwnedBy(owner, tags) ?',
    wrong: 'provider && tags ?',
  },
  {
    what: 'deletes what it has adopted',
    file: 'removal.ts',
    right: "onDelete ?? (isAdopted(tags) ? 'Retain' : 'Delete')",
    wrong: "onDelete ?? 'Delete'",
  },
  {
    what: 'deletes the replaced provider while the agent uses it',
    file: 'removal.ts',
    right: "if (fateOf(provider, former) === 'Delete') await retire(work.calls, provider);",
    wrong: "if (fateOf(provider, former) === 'Delete') await work.calls.deleteProvider(provider.name);",
  },
  {
    what: 'trusts a list to show the provider that was made a moment ago',
    file: 'lifecycle.ts',
    right: 'await untilListed(work, wanted.name);',
    wrong: '',
  },
  {
    what: 'leaves a retired provider retired that is wanted again',
    file: 'lifecycle.ts',
    right: '[...outdated, ...Object.keys(formerTags)]',
    wrong: '[...Object.keys(formerTags)]',
  },
  {
    what: 'finds nothing to delete after a create that never answered',
    file: 'removal.ts',
    right: 'return (await calls.getProvider(physicalId)) === undefined;',
    wrong: 'return false;',
  },
  {
    what: 'does not see that the name was taken between two calls',
    file: 'faults.ts',
    right: '/already exists/i',
    wrong: '/never says so/i',
  },
  {
    what: 'reads the secret once, and does not look again after writing',
    file: 'lifecycle.ts',
    right: ' && (await isCurrent(calls, secret))',
    wrong: '',
  },
  {
    what: 'refreshes from a source that is no longer meant',
    file: 'refresh.ts',
    right: '(tags[names.source] ?? meant) !== meant',
    wrong: 'false',
  },
  {
    what: "passes AWS's words on, which quote the key, when it creates",
    file: 'lifecycle.ts',
    right: 'withoutKey(calls.createProvider(name, secret.key, marks), isTaken)',
    wrong: 'calls.createProvider(name, secret.key, marks)',
  },
  {
    what: "passes AWS's words on, which quote the key, when it updates",
    file: 'lifecycle.ts',
    right: 'withoutKey(calls.updateProvider(name, secret.key))',
    wrong: 'calls.updateProvider(name, secret.key)',
  },
  {
    what: "passes AWS's words on, which quote the key, when it refreshes",
    file: 'refresh.ts',
    right: 'withoutKey(calls.updateProvider(name, secret.key))',
    wrong: 'calls.updateProvider(name, secret.key)',
  },
  {
    what: 'takes the words that quote the key for words about something else',
    file: 'faults.ts',
    right: 'const quota = new Set([',
    wrong: "const quota = new Set(['ValidationException', ",
  },
  {
    what: "takes a provider that hides its tags for a moment for somebody else's",
    file: 'ownership.ts',
    right: 'const furtherLooks = 3;',
    wrong: 'const furtherLooks = 0;',
  },
  {
    what: 'takes a placeholder for a key',
    file: 'secret-value.ts',
    right: 'const problem = problemOfApiKey(key);',
    wrong: 'const problem = undefined;',
  },
  {
    what: 'obeys an event of a deployment that is long over in the middle of the next',
    file: 'answer-of.ts',
    right: 'if (remaining <= timeToAnswer)',
    wrong: 'if (false)',
  },
  {
    what: 'never notes what is no longer in use',
    file: 'retirement.ts',
    right: 'await note(other, new Date(isInUse(other.tags) ? now : now - 1).toISOString());',
    wrong: '',
  },
  {
    what: 'removes what the sessions of before still use',
    file: 'retirement.ts',
    right: '> sessionLifetime',
    wrong: '>= 0',
  },
  {
    what: 'does not note that the agent has gone back',
    file: 'retirement.ts',
    right: 'await note(current, inUse);',
    wrong: 'if (!(names.usedUntil in current.tags)) await note(current, inUse);',
  },
  {
    what: 'forgets the version that an endpoint stays on',
    file: 'retirement.ts',
    right: 'pinnedName = name',
    wrong: 'pinnedName: _pinnedName, name: pinnedName = name',
  },
  {
    what: 'does not note that an endpoint has gone back',
    file: 'retirement.ts',
    right: 'await note(other, pinned);',
    wrong: 'if (!(names.usedUntil in other.tags)) await note(other, pinned);',
  },
  {
    what: 'takes a provider that only an endpoint stays on for what the agent used last',
    file: 'retirement.ts',
    right: 'if (tags[names.usedUntil] === pinned) return -1;',
    wrong: '',
  },
  {
    what: 'does not say which provider the agent uses until it has moved',
    file: 'lifecycle.ts',
    right: 'former?.name ?? name',
    wrong: 'name',
  },
  {
    what: 'goes on when the deployment was cancelled',
    file: 'deployment.ts',
    right: 'if (phaseOf(status) === phase) return change();',
    wrong: 'return change();',
  },
  {
    what: 'obeys what Lambda repeats when the deployment is over',
    file: 'deployment.ts',
    right: 'if (phases[requestType].includes(phase)) return phase;',
    wrong: 'return phase;',
  },
  {
    what: 'does not wait for a create that was cancelled and may be under way',
    file: 'removal.ts',
    right: 'await untilThere(work, look, physicalId.startsWith(createUnseen) ? undefined : longestUnanswered)',
    wrong: 'await look()',
  },
  {
    what: 'leaves two behind, each retired for the other, when the stack goes',
    file: 'removal.ts',
    right: "const stackGoes = phase === 'deletion';",
    wrong: 'const stackGoes = false;',
  },
  {
    what: 'takes the provider that was replaced for the one that the agent uses',
    file: 'retirement.ts',
    right: '.sort((a, b) => recency(b) - recency(a) || 0)',
    wrong: '',
  },
];

const handler = join(import.meta.dirname, '../../../lib/credential-provider/handler');

/** The handler's own source, with one place in it exchanged. */
export async function load({ file, right, wrong }: BrokenHandler): Promise<Serve> {
  let replaced = 0;
  const { outputFiles } = await build({
    entryPoints: [join(handler, 'serve.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    logLevel: 'silent',
    plugins: [
      {
        name: 'break',
        setup({ onLoad }) {
          onLoad({ filter: /handler[\\/][^\\/]+\.ts$/ }, ({ path }) => {
            const source = readFileSync(path, 'utf8');
            if (basename(path) !== file) return { contents: source, loader: 'ts' };
            replaced += source.split(right).length - 1;
            return { contents: source.replace(right, () => wrong), loader: 'ts' };
          });
        },
      },
    ],
  });
  if (replaced !== 1) throw new Error(`${file} has ${replaced} places, not one, that say: ${right}`);
  const module = { exports: {} as { serve: Serve } };
  // In the test's own realm, whose Error is the one that the handler is to know.
  new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')(module, module.exports, require);
  return module.exports.serve;
}
