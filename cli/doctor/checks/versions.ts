import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../../project.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning, problem } = findingsOf('versions');

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly dependencies?: Readonly<Record<string, string>>;
        readonly devDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

/**
 * Whether the packages that are installed are those of package-lock.json, and the CDK command reads what the CDK library
 * writes.
 *
 * @param folder that of package.json
 */
export async function versionsCheck(folder = projectFolder): Promise<Finding> {
  const strays = await straysIn(folder);
  if (strays.length > 0) {
    return problem(`Installed is not what package-lock.json says: ${strays.join(', ')}.`, 'Run npm ci.');
  }
  const [command, library] = await Promise.all(['aws-cdk', 'aws-cdk-lib'].map((name) => versionOf(folder, name)));
  const fit = `aws-cdk ${command} and aws-cdk-lib ${library}`;
  const [read, written] = await Promise.all([revisionOfCommand(folder), revisionOfLibrary(folder)]);
  if (read === undefined || written === undefined) {
    return warning(
      `${fit}; which version of the cloud assembly they speak cannot be told.`,
      'Compare package.json with that of the repository.',
    );
  }
  if (read < written) {
    return problem(
      `${fit}: the command reads version ${read} of the cloud assembly, the library writes ${written}.`,
      'Put both back to the versions of the repository, and run npm ci.',
    );
  }
  return ok(`${fit}, as in package-lock.json; the command reads version ${written} of the cloud assembly.`);
}

/** The direct dependencies that are missing, or another version than in the lock file. */
async function straysIn(folder: string): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as Lock;
  const root = packages[''];
  const direct = Object.keys({ ...root?.dependencies, ...root?.devDependencies });
  const found = await Promise.all(
    direct.map(async (name) => {
      const wanted = packages[`node_modules/${name}`]?.version;
      const installed = await versionOf(folder, name);
      return installed === wanted ? [] : [`${name} ${installed ?? 'is missing'} (${wanted})`];
    }),
  );
  return found.flat();
}

async function versionOf(folder: string, name: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as { version?: string }).version;
}

/** Where the schema of the cloud assembly says which version it is; the command has the same file in its bundle. */
const schemaVersion = '@aws-cdk/cloud-assembly-schema/schema/version.json';

async function revisionOfLibrary(folder: string): Promise<number | undefined> {
  return (JSON.parse(await readFile(join(folder, 'node_modules', schemaVersion), 'utf8')) as { revision?: number })
    .revision;
}

async function revisionOfCommand(folder: string): Promise<number | undefined> {
  const bundle = await readFile(join(folder, 'node_modules/aws-cdk/lib/index.js'), 'latin1');
  const start = bundle.indexOf(`${schemaVersion}"(`);
  const revision = start < 0 ? undefined : /\brevision: (\d+)/.exec(bundle.slice(start, start + 1000))?.[1];
  return revision === undefined ? undefined : Number(revision);
}
