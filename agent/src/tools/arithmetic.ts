import { Decimal as Base } from 'decimal.js';

/** Decimal digits of every step with fractions: enough that what is shown is exact, or rounded correctly. */
const precision = 80;
/** Powers of ten: greater numbers are refused, smaller ones are zero. It bounds what one step can cost. */
const maxMagnitude = 1000;
/** Digits behind the point that `round` can be asked for. */
const maxRoundDigits = 64;

const Decimal = Base.clone({ precision });
/** For whole numbers, none of which has more digits: the remainder of a rounded one would be any number. */
const Exact = Base.clone({ precision: maxMagnitude + 2 });
export type Decimal = Base;

/** An expression that has no result; the message tells the model what to write instead. */
export class CalculationError extends Error {
  override readonly name = 'CalculationError';
}

const zero = new Decimal(0);
const one = new Decimal(1);
const pi = Decimal.acos(-1);

export const constants: ReadonlyMap<string, Decimal> = new Map([
  ['pi', pi],
  ['e', one.exp()],
  ['tau', pi.times(2)],
  ['phi', new Decimal(5).sqrt().plus(1).div(2)],
  ['deg', pi.div(180)],
]);

/** Of so many arguments, at least and at most. */
interface Operation {
  readonly least: number;
  readonly most: number;
  readonly apply: (x: Decimal, y: Decimal, ...all: Decimal[]) => Decimal;
}

const unary = (apply: (x: Decimal) => Decimal): Operation => ({ least: 1, most: 1, apply });
const binary = (apply: (x: Decimal, y: Decimal) => Decimal): Operation => ({ least: 2, most: 2, apply });
const wholeExactly = (apply: (x: Decimal, y: Decimal) => Decimal): Operation =>
  binary((x, y) => (x.isInteger() && y.isInteger() ? new Decimal(apply(new Exact(x), y)) : apply(x, y)));
const withDigits = (apply: (x: Decimal, digits: number) => Decimal): Operation => ({
  least: 1,
  most: 2,
  apply: (x, digits) => apply(x, digits === undefined ? 0 : wholeNumber(digits, 0, maxRoundDigits, 'digits')),
});
const many = (apply: (...all: Decimal[]) => Decimal): Operation => ({
  least: 1,
  most: Number.POSITIVE_INFINITY,
  apply: (...all) => apply(...all),
});

/** sin(pi) is zero, not what is left over because pi has an end here. */
const clean = (x: Decimal) => x.toDecimalPlaces(precision - 15);
const sin = (x: Decimal) => clean(angle(x).sin());
const cos = (x: Decimal) => clean(angle(x).cos());

const operators = {
  '+': wholeExactly((x, y) => x.plus(y)),
  '-': wholeExactly((x, y) => x.minus(y)),
  '*': wholeExactly((x, y) => x.times(y)),
  '/': binary(divide),
  '^': binary(power),
  remainder: wholeExactly(remainder),
  negative: unary((x) => x.negated()),
  '!': unary(factorial),
  percent: unary((x) => x.div(100)),
} satisfies Record<string, Operation>;

const functions: ReadonlyMap<string, Operation> = new Map([
  ['abs', unary((x) => x.abs())],
  ['sqrt', unary((x) => x.sqrt())],
  ['cbrt', unary((x) => x.cbrt())],
  ['exp', unary((x) => power(one.exp(), x))],
  ['ln', unary((x) => x.ln())],
  ['log', { least: 1, most: 2, apply: (x, base) => (base === undefined ? x.ln() : x.log(base)) }],
  ['log10', unary((x) => x.log(10))],
  ['log2', unary((x) => x.log(2))],
  ['sin', unary(sin)],
  ['cos', unary(cos)],
  ['tan', unary((x) => divide(sin(x), cos(x)))],
  ['asin', unary((x) => x.asin())],
  ['acos', unary((x) => x.acos())],
  ['atan', unary((x) => x.atan())],
  ['round', withDigits((x, digits) => x.toDecimalPlaces(digits))],
  ['floor', unary((x) => x.floor())],
  ['ceil', unary((x) => x.ceil())],
  ['min', many((...all) => all.reduce((x, y) => (y.lt(x) ? y : x)))],
  ['max', many((...all) => all.reduce((x, y) => (y.gt(x) ? y : x)))],
  ['pow', binary(power)],
  ['mod', wholeExactly(remainder)],
  ['factorial', unary(factorial)],
]);

/**
 * @param text digits with at most one point, and perhaps an exponent
 * @throws CalculationError for a number beyond 10^1000
 */
export function number(text: string): Decimal {
  return bounded(new Decimal(text));
}

/** @throws CalculationError for what has no result, or one beyond 10^1000 */
export function operate(operator: keyof typeof operators, ...values: readonly Decimal[]): Decimal {
  return apply(operators[operator], values);
}

/** @throws CalculationError for a name that is not in the table; everything else is as with an operator */
export function call(name: string, values: readonly Decimal[]): Decimal {
  const operation = functions.get(name);
  if (!operation) {
    throw new CalculationError(
      `The calculator does not know the function ${name}. The functions are ${[...functions.keys()].join(', ')}.`,
    );
  }
  const { least, most } = operation;
  if (values.length < least || values.length > most) {
    const count =
      least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} or ${most}`;
    throw new CalculationError(`Wrong number of arguments for the function ${name}: it takes ${count}.`);
  }
  return apply(operation, values);
}

export function isFunction(name: string): boolean {
  return functions.has(name);
}

function apply(operation: Operation, values: readonly Decimal[]): Decimal {
  return bounded(operation.apply(...(values as [Decimal, Decimal, ...Decimal[]])));
}

function divide(x: Decimal, y: Decimal): Decimal {
  if (y.isZero()) throw new CalculationError('Division by zero has no result.');
  return x.div(y);
}

/** decimal.js gives up on greater ones in the middle, and keeps the precision it had raised for every later caller. */
function angle(x: Decimal): Decimal {
  if (x.abs().lt(1e15)) return x;
  throw new CalculationError('An angle must be less than 10^15 radians.');
}

function power(x: Decimal, y: Decimal): Decimal {
  // A result beyond the limits is known beforehand, and would take the longest to calculate.
  const magnitude = y.toNumber() * Math.log10(x.abs().toNumber());
  if (magnitude > maxMagnitude + 1) throw tooGreat();
  if (magnitude < -maxMagnitude - 1) return zero;
  return x.isInteger() && y.isInteger() && y.gte(0) ? new Decimal(new Exact(x).pow(y)) : x.pow(y);
}

function remainder(x: Decimal, y: Decimal): Decimal {
  if (y.isZero()) throw new CalculationError('Division by zero has no result.');
  // The sign of the divisor, as in mathematics.
  const rest = x.mod(y);
  return rest.isZero() || rest.isNegative() === y.isNegative() ? rest : rest.plus(y);
}

function factorial(x: Decimal): Decimal {
  let product: Decimal = new Exact(1);
  for (let factor = wholeNumber(x, 0, 449, 'the number before !'); factor > 1; factor--)
    product = product.times(factor);
  return new Decimal(product);
}

function wholeNumber(x: Decimal, least: number, most: number, name: string): number {
  if (x.isInteger() && x.gte(least) && x.lte(most)) return x.toNumber();
  throw new CalculationError(`Not allowed: ${name} must be a whole number from ${least} to ${most}.`);
}

function bounded(x: Decimal): Decimal {
  if (x.isNaN()) throw new CalculationError('The expression has no real number as its result.');
  if (!x.isFinite() || x.e > maxMagnitude) throw tooGreat();
  return x.e < -maxMagnitude ? zero : x;
}

function tooGreat(): CalculationError {
  return new CalculationError(`The expression leads to a number greater than 10^${maxMagnitude}.`);
}
