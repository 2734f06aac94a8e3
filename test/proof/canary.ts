import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../support/run.ts';
import type { Row } from './table.ts';

/** Exports `places`: every place that the canary looked at, by name. */
const placesModule = 'test/canary/places.ts';

/** The canary's line of the table. */
export async function canaryRow(): Promise<Row> {
  const what = 'canary places searched';
  const file = join(projectFolder, placesModule);
  if (!existsSync(file)) {
    return { what, proven: 0, of: 0, remarks: [`NOT SEARCHED: there is no ${placesModule}.`], isFault: true };
  }
  const { places } = (await import(file)) as { places: readonly { readonly name: string }[] };
  return { what, proven: places.length, of: places.length, remarks: places.map(({ name }) => name), isFault: false };
}
