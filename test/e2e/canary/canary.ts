import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observation } from '../../../local-aws/observation.ts';
import { TestAccount } from '../../support/account.ts';
import { projectFolder } from '../../support/run.ts';
import { collect, type Evidence } from './evidence.ts';
import { FileWatch } from './file-watch.ts';
import { Finder } from './finder.ts';
import { Journey } from './journey.ts';
import { type CanaryKey, canaryKey } from './key.ts';
import { type PlantedKeys, plantedKeys, plantLeaks } from './leaks.ts';
import type { Material } from './material.ts';
import { startModelFront } from './model-front.ts';
import { type Allowed, type AllowedId, allowed, type Place, type PlaceId, places } from './places.ts';
import { ProcessTable } from './process-table.ts';

/** A part of a key where none may be. */
export interface Leak {
  readonly key: string;
  readonly encoding: string;
  /** What holds it, and the offset in it. */
  readonly where: string;
}

/** What the search of one place has shown. */
export interface SearchedPlace extends Place {
  readonly id: PlaceId;
  readonly things: number;
  readonly bytes: number;
  /** Whether what the journey must have left there was there. */
  readonly witnessed: boolean;
  readonly leaks: readonly Leak[];
  /** Whether the key that was planted there was found there. */
  readonly plantFound: boolean;
}

/** How often a key came by where it may. */
export interface AllowedField extends Allowed {
  readonly id: AllowedId;
  readonly times: number;
}

/** What the canary has seen. */
export interface CanaryReport {
  readonly places: readonly SearchedPlace[];
  readonly allowed: readonly AllowedField[];
}

/**
 * Takes two keys through their whole life, beside an app that leaks a key of its own at every place, and searches every
 * place for all of them. Takes a minute or so.
 *
 * @throws Error when the journey did not go as it was to go
 */
export async function runCanary(): Promise<CanaryReport> {
  const observations: Observation[] = [];
  const spans = await mkdtemp(join(tmpdir(), 'canary-spans-'));
  const account = await TestAccount.open({
    observe: (observation) => observations.push(observation),
    runtimeEnvironment: { CANARY_SPANS: spans, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'spans.ts')}` },
  });
  const model = await startModelFront(account.model.url);
  const folders = [account.folder, account.aws.directory];
  const files = new FileWatch(folders);
  const processes = new ProcessTable((environment) => folders.some((folder) => environment.includes(folder)));
  const [first, second] = [canaryKey('the first key', 'sk-proj-'), canaryKey('the second key')];
  account.acceptOnly(first.value);
  const planted = plantedKeys();
  const checkouts = [projectFolder];
  const journey: Journey = new Journey({
    account,
    model,
    first,
    second,
    observations,
    async meanwhile() {
      const { printed, assemblies } = journey.commands;
      checkouts.push(await plantLeaks({ account, model, printed, assemblies }, planted));
    },
  });
  try {
    await journey.travel();
    files.look();
    const { printed, assemblies } = journey.commands;
    const { aws } = account;
    return search(
      { aws, observations, model, printed, assemblies, spans, processes, temporaryFiles: files, checkouts },
      [first, second],
      planted,
    );
  } finally {
    files.stop();
    processes.stop();
    await model.close();
    await account.close();
    await rm(spans, { recursive: true, force: true });
  }
}

/** Searches every place for some keys, and for the one that was planted there. */
export function search(evidence: Evidence, keys: readonly CanaryKey[], planted: PlantedKeys): CanaryReport {
  const collected = collect(evidence);
  const finder = new Finder([...keys, ...Object.values(planted)]);
  const names = new Set(keys.map(({ name }) => name));
  // Not as one: a packed file is known by its first bytes.
  const leaksIn = ({ where, bytes }: Material): Leak[] =>
    [Buffer.from(where), bytes]
      .flatMap((each) => finder.find(each))
      .map(({ key, encoding, at }) => ({ key, encoding, where: `${where}, byte ${at}` }));
  return {
    places: (Object.keys(places) as PlaceId[]).map((id) => {
      const materials = collected.places[id];
      const found = materials.flatMap(leaksIn);
      return {
        id,
        ...places[id],
        things: materials.length,
        bytes: materials.reduce((sum, { bytes }) => sum + bytes.length, 0),
        witnessed: materials.some(({ bytes }) => places[id].witness.test(bytes.toString('latin1'))),
        leaks: found.filter(({ key }) => names.has(key)),
        plantFound: found.some(({ key }) => key === planted[id].name),
      };
    }),
    allowed: (Object.keys(allowed) as AllowedId[]).map((id) => ({
      id,
      ...allowed[id],
      times: collected.allowed[id].filter(({ bytes }) => finder.find(bytes).some(({ key }) => names.has(key))).length,
    })),
  };
}
