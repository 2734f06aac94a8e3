import { tool } from '@strands-agents/sdk';
import { z } from 'zod';
import { calculate, maxExpressionLength } from './calculate.ts';

/** Gives the model exact arithmetic; what `calculate` throws reaches the model as the error of the tool. */
export const calculator = tool({
  name: 'calculator',
  description:
    'Calculates an arithmetic expression exactly and returns the number. It knows + - * / ^ ! and parentheses, ' +
    '% as percent (200 + 10%) or remainder (7 % 3), pi, e, and the functions sqrt, cbrt, abs, round(x, digits), ' +
    'floor, ceil, min, max, exp, ln, log(x, base), log10, log2, sin, cos, tan, asin, acos, atan in radians ' +
    '(multiply by deg for degrees: sin(30 deg)). Use it for every calculation.',
  inputSchema: z.object({
    expression: z
      .string()
      .max(maxExpressionLength)
      .describe('For example 2 * (3 + 4) or sqrt(16). No thousands separators.'),
  }),
  callback: ({ expression }) => calculate(expression),
});
