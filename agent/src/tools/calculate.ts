import { CalculationError, type Decimal } from './arithmetic.ts';
import { evaluate } from './expression.ts';

/** In characters; a model that needs more can calculate in steps. */
export const maxExpressionLength = 500;

/** Whole numbers with more digits than this are shown rounded. */
const maxExactDigits = 64;

/**
 * Calculates an arithmetic expression.
 *
 * @param expression up to 500 characters, such as `2 * (3 + 4)`, `2X2`, `10 ÷ 4`, `200 + 10%` or `sqrt(16)`
 * @returns the result in decimal: whole numbers of up to 64 digits exactly, others rounded
 * @throws CalculationError
 */
export function calculate(expression: string): string {
  if (expression.length > maxExpressionLength) {
    throw new CalculationError(
      `The expression has more than ${maxExpressionLength} characters: calculate it in several steps.`,
    );
  }
  if (expression.trim() === '') throw new CalculationError('The expression is empty.');
  return format(evaluate(normalize(expression)));
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

function format(x: Decimal): string {
  if (x.isInteger() && x.e < maxExactDigits) return x.isZero() ? '0' : x.toFixed();
  // Ten digits behind the point, however many stand before it; never fewer than sixteen in all.
  const digits = Math.min(Math.max(16, x.e + 11), maxExactDigits);
  return (x.e < maxExactDigits ? x.toSignificantDigits(digits) : x.toSignificantDigits(16)).toString();
}
