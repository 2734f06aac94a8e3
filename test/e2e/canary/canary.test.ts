import { type CanaryReport, runCanary, type SearchedPlace } from './canary.ts';
import { type AllowedId, allowed, type PlaceId, places } from './places.ts';
import { tableOf } from './table.ts';

// A minute on a machine that has nothing else to do.
jest.setTimeout(400_000);

let report: CanaryReport;

beforeAll(async () => {
  report = await runCanary();
  process.stdout.write(tableOf(report));
});

const searched = (id: PlaceId) => report.places.find((place) => place.id === id) as SearchedPlace;
const names = Object.entries(places).map(([id, { name }]): [string, PlaceId] => [name, id as PlaceId]);

describe('after the whole life of a key, with faults and with debug logs on', () => {
  test.each(names)('%s: no eight characters of it are there, in any encoding', (_, id) => {
    expect(searched(id).leaks).toEqual([]);
  });

  test.each(names)('%s: what the journey must have left there was searched', (_, id) => {
    const { things, bytes, witnessed } = searched(id);
    expect({ things, bytes, witnessed }).toEqual({
      things: expect.any(Number),
      bytes: expect.any(Number),
      witnessed: true,
    });
    expect(Math.min(things, bytes)).toBeGreaterThan(0);
  });

  test.each(names)('%s: a key that an app leaks there is found', (_, id) => {
    expect(searched(id).plantFound).toBe(true);
  });

  test.each(Object.entries(allowed).map(([id, { name }]): [string, AllowedId] => [name, id as AllowedId]))(
    '%s: there it may be, and was',
    (_, id) => {
      expect(report.allowed.find((field) => field.id === id)?.times).toBeGreaterThan(0);
    },
  );
});
