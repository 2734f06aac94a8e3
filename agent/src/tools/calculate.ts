import {
  type BigNumber,
  bignumberDependencies,
  type ConstantNode,
  create,
  type FunctionNode,
  type MathNode,
  type OperatorNode,
  type ParenthesisNode,
  parseDependencies,
  type SymbolNode,
} from 'mathjs';

/** In characters; a model that needs more can calculate in steps. */
export const maxExpressionLength = 500;

/** BigNumber digits of every step: enough that what is shown is exact, or rounded correctly. */
const precision = 80;
/** Whole numbers with more digits than this are shown rounded. */
const maxExactDigits = 64;
/** Powers of ten: greater numbers are refused, smaller ones are zero. It bounds what one step can cost. */
const maxMagnitude = 1000;

// mathjs parses and has the decimal numbers. The evaluation is the table below: what is not in it cannot be reached,
// so that no function of the library needs to be locked away, and none that a later version adds can be called.
const { parse, bignumber } = create(
  { ...parseDependencies, ...bignumberDependencies },
  { number: 'BigNumber', precision },
);

const zero = bignumber(0);
const one = bignumber(1);
const pi = bignumber(-1).acos();

const constants: ReadonlyMap<string, BigNumber> = new Map([
  ['pi', pi],
  ['e', one.exp()],
  ['tau', pi.times(2)],
  ['phi', bignumber(5).sqrt().plus(1).div(2)],
  ['deg', pi.div(180)],
]);

/** Of so many arguments, at least and at most. */
interface Operation {
  readonly least: number;
  readonly most: number;
  readonly apply: (x: BigNumber, y: BigNumber, ...all: BigNumber[]) => BigNumber;
}

const unary = (apply: (x: BigNumber) => BigNumber): Operation => ({ least: 1, most: 1, apply });
const binary = (apply: (x: BigNumber, y: BigNumber) => BigNumber): Operation => ({ least: 2, most: 2, apply });
const withDigits = (apply: (x: BigNumber, digits: number) => BigNumber): Operation => ({
  least: 1,
  most: 2,
  apply: (x, digits) => apply(x, digits === undefined ? 0 : wholeNumber(digits, 0, maxExactDigits, 'digits')),
});
const many = (apply: (...all: BigNumber[]) => BigNumber): Operation => ({
  least: 1,
  most: Number.POSITIVE_INFINITY,
  apply: (...all) => apply(...all),
});

/** sin(pi) is zero, not what is left over because pi has an end here. */
const clean = (x: BigNumber) => x.toDecimalPlaces(precision - 15);
const sin = (x: BigNumber) => clean(angle(x).sin());
const cos = (x: BigNumber) => clean(angle(x).cos());

const operators: ReadonlyMap<string, Operation> = new Map([
  ['add', binary((x, y) => x.plus(y))],
  ['subtract', binary((x, y) => x.minus(y))],
  ['multiply', binary((x, y) => x.times(y))],
  ['divide', binary(divide)],
  ['mod', binary(remainder)],
  ['pow', binary(power)],
  ['unaryMinus', unary((x) => x.negated())],
  ['unaryPlus', unary((x) => x)],
  ['factorial', unary(factorial)],
]);

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
  ['mod', binary(remainder)],
  ['factorial', unary(factorial)],
]);

/** An expression that has no result; the message tells the model what to write instead. */
export class CalculationError extends Error {
  override readonly name = 'CalculationError';
}

/**
 * Calculates an arithmetic expression.
 *
 * @param expression up to 500 characters, such as `2 * (3 + 4)`, `2X2`, `10 ÷ 4`, `200 + 10%` or `sqrt(16)`
 * @returns the result in decimal: whole numbers of up to 64 digits exactly, others rounded
 * @throws CalculationError
 */
export function calculate(expression: string): string {
  if (expression.trim() === '') throw new CalculationError('The expression is empty.');
  if (expression.length > maxExpressionLength) {
    throw new CalculationError(
      `The expression has more than ${maxExpressionLength} characters: calculate it in several steps.`,
    );
  }
  return format(evaluate(parseExpression(normalize(expression))));
}

/** Signs that people and models write, in the letters that the parser knows. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/[×·⋅]/g, '*'],
  [/\*\*/g, '^'],
  // An x between two numbers; it also makes 0x10 a product, which it is wherever people write it.
  [/(?<=[\d)]\s*)[xX](?=\s*[\d(.])/g, '*'],
  [/÷/g, '/'],
  [/[−–]/g, '-'],
  [/π/g, 'pi'],
  [/²/g, '^2'],
  [/³/g, '^3'],
  [/\s*=\s*\??\s*$/, ''],
];

function normalize(expression: string): string {
  return spellings.reduce((text, [from, to]) => text.replace(from, to), expression);
}

function parseExpression(text: string): MathNode {
  try {
    return parse(text);
  } catch (error) {
    const hint = /\d,\d/.test(text) ? ' Write numbers without thousands separators.' : '';
    const problem = error instanceof SyntaxError ? error.message : 'It is not an arithmetic expression';
    throw new CalculationError(`The expression cannot be read: ${problem}.${hint}`);
  }
}

function evaluate(node: MathNode): BigNumber {
  switch (node.type) {
    case 'ConstantNode':
      return number((node as ConstantNode).value);
    case 'ParenthesisNode':
      return evaluate((node as ParenthesisNode).content);
    case 'SymbolNode':
      return constant((node as SymbolNode).name);
    case 'OperatorNode': {
      const { op, fn, args } = node as OperatorNode;
      return apply(operators.get(fn), `the operator ${op}`, args);
    }
    case 'FunctionNode': {
      const { fn, args } = node as FunctionNode;
      if ((fn as MathNode).type !== 'SymbolNode') break;
      return apply(functions.get(fn.name), `the function ${fn.name}`, args);
    }
  }
  throw new CalculationError('The expression may hold only numbers, operators, parentheses, constants and functions.');
}

function number(value: unknown): BigNumber {
  if (typeof value === 'number' || value instanceof zero.constructor) return bounded(bignumber(value as BigNumber));
  throw new CalculationError('The expression may hold only numbers: no texts, no true or false.');
}

function constant(name: string): BigNumber {
  const value = constants.get(name);
  if (value) return value;
  throw new CalculationError(`"${name}" is not known. The constants are ${[...constants.keys()].join(', ')}.`);
}

function apply(operation: Operation | undefined, name: string, nodes: readonly MathNode[]): BigNumber {
  if (!operation) {
    throw new CalculationError(
      `The calculator does not know ${name}. The functions are ${[...functions.keys()].join(', ')}.`,
    );
  }
  const { least, most } = operation;
  if (nodes.length < least || nodes.length > most) {
    const count =
      least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} or ${most}`;
    throw new CalculationError(`Wrong number of arguments for ${name}: it takes ${count}.`);
  }
  return bounded(operation.apply(...(nodes.map(evaluate) as [BigNumber, BigNumber, ...BigNumber[]])));
}

function divide(x: BigNumber, y: BigNumber): BigNumber {
  if (y.isZero()) throw new CalculationError('Division by zero has no result.');
  return x.div(y);
}

/** decimal.js gives up on greater ones in the middle, and keeps the precision it had raised for every later caller. */
function angle(x: BigNumber): BigNumber {
  if (x.abs().lt(1e15)) return x;
  throw new CalculationError('An angle must be less than 10^15 radians.');
}

function power(x: BigNumber, y: BigNumber): BigNumber {
  // A result beyond the limits is known beforehand, and would take the longest to calculate.
  const magnitude = y.toNumber() * Math.log10(x.abs().toNumber());
  if (magnitude > maxMagnitude + 1) throw tooGreat();
  return magnitude < -maxMagnitude - 1 ? zero : x.pow(y);
}

function remainder(x: BigNumber, y: BigNumber): BigNumber {
  if (y.isZero()) throw new CalculationError('Division by zero has no result.');
  // The sign of the divisor, as in mathematics and in mathjs.
  const rest = x.mod(y);
  return rest.isZero() || rest.isNegative() === y.isNegative() ? rest : rest.plus(y);
}

function factorial(x: BigNumber): BigNumber {
  let product = one;
  for (let factor = wholeNumber(x, 0, 449, 'the number before !'); factor > 1; factor--)
    product = product.times(factor);
  return product;
}

function wholeNumber(x: BigNumber, least: number, most: number, name: string): number {
  if (x.isInteger() && x.gte(least) && x.lte(most)) return x.toNumber();
  throw new CalculationError(`Not allowed: ${name} must be a whole number from ${least} to ${most}.`);
}

function bounded(x: BigNumber): BigNumber {
  if (x.isNaN()) throw new CalculationError('The expression has no real number as its result.');
  if (!x.isFinite() || x.e > maxMagnitude) throw tooGreat();
  return x.e < -maxMagnitude ? zero : x;
}

function tooGreat(): CalculationError {
  return new CalculationError(`The expression leads to a number greater than 10^${maxMagnitude}.`);
}

function format(x: BigNumber): string {
  if (x.isInteger() && x.e < maxExactDigits) return x.isZero() ? '0' : x.toFixed();
  // Ten digits behind the point, however many stand before it; never fewer than sixteen in all.
  const digits = Math.min(Math.max(16, x.e + 11), maxExactDigits);
  return (x.e < maxExactDigits ? x.toSignificantDigits(digits) : x.toSignificantDigits(16)).toString();
}
