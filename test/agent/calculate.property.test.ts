import fc from 'fast-check';
import { calculate, maxExpressionLength } from '../../agent/src/tools/calculate.ts';

/** Far more than the longest takes here (some 150 ms), far less than a caller or a ping would notice. */
const mostMs = 1000;

/** A result, or `undefined` for a refusal; anything else that it does fails the test. */
function attempt(expression: string): string | undefined {
  const startedAt = performance.now();
  try {
    return calculate(expression);
  } catch (error) {
    expect(error).toMatchObject({ name: 'CalculationError' });
    expect((error as Error).message.length).toBeLessThan(2 * maxExpressionLength);
    return undefined;
  } finally {
    expect(performance.now() - startedAt).toBeLessThan(mostMs);
  }
}

/** Pieces of the language, in any order: much of it is nonsense, some of it nearly right. */
const piece = fc.constantFrom(
  ...'0 1 2 7 .5 1e9 1e-9 1e999 1e-999 9e99999 + - * / ^ % ! ( ) , = x × ÷ ² ** pi e deg mod sqrt( exp( ln( log( sin( cos('.split(
    ' ',
  ),
  ...'tan( asin( atan( round( min( pow( mod( factorial( __proto__ constructor toString valueOf import eval this'.split(
    ' ',
  ),
  ...[' ', '\n', '\t', '\0', '"', "'", '`', '[', ']', '{', '}', ';', ':', '\\', '\u2028', '🧮', '２'],
);

describe('the calculator, whatever the model gives it,', () => {
  test('answers or refuses in a bounded time, and is as exact afterwards as before', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
          fc.string({ maxLength: 200 }),
          fc.string({ unit: 'binary', maxLength: 700 }),
          // One piece as often as it fits: what costs the most.
          fc.tuple(piece, piece, piece).map((three) => three.join('').repeat(250).slice(0, maxExpressionLength)),
        ),
        (expression) => {
          const result = attempt(expression);
          if (result !== undefined) expect(result).toMatch(/^-?\d+(\.\d+)?(e[+-]\d+)?$/);
          if (result !== undefined) expect(result.length).toBeLessThanOrEqual(80);
          expect(calculate('1 / 3')).toBe('0.3333333333333333');
          expect(calculate('sqrt(2) * sqrt(2)')).toBe('2');
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('agrees on ordinary arithmetic with whole numbers of any size', () => {
    fc.assert(
      fc.property(ordinary(4), ({ text, value }) => {
        if (text.length > maxExpressionLength || value === undefined || String(value).length > 64) return;
        expect(calculate(text)).toBe(String(value));
      }),
      { numRuns: 2000 },
    );
  });
});

interface Sum {
  readonly text: string;
  /** Undefined for a division by zero. */
  readonly value: bigint | undefined;
}

/** An expression with all its parentheses, and what BigInt makes of it. */
function ordinary(depth: number): fc.Arbitrary<Sum> {
  const number = fc.bigInt({ min: 0n, max: 10n ** 12n }).map((value): Sum => ({ text: String(value), value }));
  if (depth === 0) return number;
  const operator = fc.constantFrom('+', '-', '*', '%', '^2', 'negated');
  const nested = fc.tuple(ordinary(depth - 1), operator, ordinary(depth - 1)).map(([x, sign, y]): Sum => {
    if (sign === '^2') return { text: `(${x.text}) ^ 2`, value: x.value === undefined ? undefined : x.value ** 2n };
    if (sign === 'negated') return { text: `-(${x.text})`, value: x.value === undefined ? undefined : -x.value };
    return { text: `(${x.text}) ${sign} (${y.text})`, value: combine(x.value, sign, y.value) };
  });
  return fc.oneof(number, nested);
}

function combine(x: bigint | undefined, sign: string, y: bigint | undefined): bigint | undefined {
  if (x === undefined || y === undefined) return undefined;
  if (sign === '+') return x + y;
  if (sign === '-') return x - y;
  if (sign === '*') return x * y;
  // The sign of the divisor.
  return y === 0n ? undefined : ((x % y) + y) % y;
}
