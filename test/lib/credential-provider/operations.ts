import fc from 'fast-check';

/** What a template asks for. */
export interface Wish {
  readonly name: string;
  readonly source: 'EXTERNAL' | 'MANAGED';
  readonly secret: 'one' | 'two' | 'plain';
  readonly jsonKey: string | undefined;
  readonly adopt: boolean;
  readonly onDelete: 'Delete' | 'Retain' | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

const disturbances = [
  'throttled',
  'fault',
  'denied',
  'refused',
  'quoted',
  'changed',
  'answer lost',
  'killed before',
  'killed after',
] as const;

/** What happens at which call of a run. */
export interface Disturbance {
  readonly at: number;
  readonly what: (typeof disturbances)[number];
}

/** What CloudFormation, EventBridge, Lambda and people do. */
export type Operation =
  | {
      readonly kind: 'deploy';
      readonly wish: Wish;
      readonly disturbances: readonly Disturbance[];
      /** Lambda delivers the event a second time. */
      readonly repeated: boolean;
      /** Something else in the stack fails afterwards. */
      readonly rolledBack: boolean;
      /** If it fails, nothing goes back; instead the stack is deleted. */
      readonly abandoned: boolean;
      /** Something else fails meanwhile, at this call: CloudFormation goes back while the run goes on. */
      readonly cancelledAt: number | undefined;
    }
  | { readonly kind: 'destroy' | 'move agent' | 'a day passes'; readonly disturbances: readonly Disturbance[] }
  | { readonly kind: 'agent goes back' | 'release' | 'endpoint goes back' }
  | { readonly kind: 'refresh'; readonly of: 'now' | 'before'; readonly disturbances: readonly Disturbance[] }
  | {
      readonly kind: 'store';
      readonly secret: Wish['secret'];
      readonly value: 'good' | 'placeholder' | 'line end' | 'missing';
    }
  | { readonly kind: 'made by hand'; readonly name: string; readonly source: Wish['source'] }
  | { readonly kind: 'deleted by hand'; readonly name: string }
  | { readonly kind: 'late event'; readonly which: number };

/** One story: how slow and how worded AWS is in it, and what happens. */
export interface Story {
  readonly lag: number;
  readonly duplicatesAs: 'ValidationException' | 'ConflictException';
  readonly operations: readonly Operation[];
}

const name = fc.constantFrom('a', 'b', 'c');
const source = fc.constantFrom('EXTERNAL' as const, 'MANAGED' as const);
const jsonSecret = fc.constantFrom('one' as const, 'two' as const);
const anyone = {
  name,
  adopt: fc.boolean(),
  onDelete: fc.constantFrom(undefined, undefined, 'Delete' as const, 'Retain' as const),
  tags: fc.constantFrom<Record<string, string>>({}, { team: 'x' }, { team: 'y', cost: '1' }),
};
const jsonKey = fc.constantFrom('apiKey', 'apiKey', 'other');
const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...anyone, source, secret: jsonSecret, jsonKey }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...anyone,
      source: fc.constant('MANAGED' as const),
      secret: fc.constant('plain' as const),
      jsonKey: fc.constant(undefined),
    }),
  },
  // Wishes that cannot come true.
  {
    weight: 1,
    arbitrary: fc.record({
      ...anyone,
      source,
      secret: fc.constantFrom('one' as const, 'plain' as const),
      jsonKey: fc.constantFrom(undefined, 'absent'),
    }),
  },
);
const disturbed: fc.Arbitrary<readonly Disturbance[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc.array(fc.record({ at: fc.nat(12), what: fc.constantFrom(...disturbances) }), {
      minLength: 1,
      maxLength: 3,
    }),
  },
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('deploy' as const),
      wish,
      disturbances: disturbed,
      repeated: fc.boolean(),
      rolledBack: fc.boolean(),
      abandoned: fc.boolean(),
      cancelledAt: fc.option(fc.nat(14), { nil: undefined, freq: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('destroy' as const), disturbances: disturbed }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('move agent' as const), disturbances: disturbed }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'agent goes back' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'release' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'endpoint goes back' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('a day passes' as const), disturbances: disturbed }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('refresh' as const),
      of: fc.constantFrom('now' as const, 'before' as const),
      disturbances: disturbed,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      secret: fc.constantFrom('one' as const, 'two' as const, 'plain' as const),
      value: fc.constantFrom(
        'good' as const,
        'good' as const,
        'placeholder' as const,
        'line end' as const,
        'missing' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('made by hand' as const), name, source }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleted by hand' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late event' as const), which: fc.nat(20) }) },
);

export const story: fc.Arbitrary<Story> = fc.record({
  lag: fc.constantFrom(0, 0, 300, 4_000),
  duplicatesAs: fc.constantFrom('ValidationException' as const, 'ConflictException' as const),
  operations: fc.array(operation, { minLength: 1, maxLength: 12 }),
});
