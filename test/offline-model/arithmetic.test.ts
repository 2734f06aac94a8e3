import { findExpressions } from '../../offline-model/arithmetic.ts';

describe('the offline model finds what is to be calculated', () => {
  test.each([
    ['How much is 2X2?', ['2*2']],
    ['How much is 2 × 2?', ['2*2']],
    ['What is 12 / 4 + 1?', ['12/4+1']],
    ['What is (2 + 3) * 4?', ['(2+3)*4']],
    ['2 times 3', ['2*3']],
    ['8 divided by 2, please', ['8/2']],
    ['sqrt(16)', ['sqrt(16)']],
    ['What is the square root of 16?', ['sqrt(16)']],
    ['How much is 15% of 80?', ['15%*80']],
    ['7 squared', ['7^2']],
    ['-3 + 5', ['-3+5']],
    ['How much is 5!', ['factorial(5)']],
    ['How much is 2+2!', ['2+2']],
    ['What is 1,234 * 2? And 3 - 1.', ['1234*2', '3-1']],
  ])('in "%s"', (question, expressions) => expect(findExpressions(question)).toEqual(expressions));

  test.each(['Hello', 'I have 3 apples', 'What is the weather in 2026?', 'x or y', ''])(
    'and nothing in "%s"',
    (question) => expect(findExpressions(question)).toEqual([]),
  );
});
