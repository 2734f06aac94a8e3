/** Words and signs that people write, in the spelling of the calculator. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/(?<=\d),(?=\d{3}\b)/g, ''],
  [/\bsquare root of\s+\(?(\d+(?:\.\d+)?)\)?/gi, 'sqrt($1)'],
  [/(?<=\d)\s*(?:%|percent)\s+of\b/gi, '% *'],
  [/\b(?:times|multiplied by)\b/gi, '*'],
  [/\bdivided by\b/gi, '/'],
  [/\bplus\b/gi, '+'],
  [/\bminus\b/gi, '-'],
  [/\bto the power of\b/gi, '^'],
  [/(?<=\d)\s+squared\b/gi, '^2'],
  [/(?<=\d)\s+cubed\b/gi, '^3'],
  [/(?<=[\d)]\s*)[x×](?=\s*[\d(])/gi, '*'],
  [/÷/g, '/'],
  [/−/g, '-'],
];

const token =
  /(?:\d+(?:\.\d+)?|\.\d+|\b(?:sqrt|cbrt|abs|exp|ln|log|log10|log2|sin|cos|tan|round)\(|\bpi\b|[-+*/^%!()]|\s)+/gi;
/** Something is calculated: an operator between two operands, a percentage of something, or a function. */
const calculation = /[\w)!%]\s*[-+*/^%]\s*[\w(.-]|[a-z]\w*\(/i;

/**
 * Finds what is to be calculated in a question. It only finds: the calculating is left to the agent's tool.
 *
 * @param question such as "How much is 2X2?" or "What is 12 / 4 + 1, and what is the square root of 16?"
 * @returns the expressions in the order of the question, without spaces, such as `2*2`
 */
export function findExpressions(question: string): string[] {
  const text = spellings.reduce((rest, [from, to]) => rest.replace(from, to), question);
  return [...text.matchAll(token)]
    .map(([run]) => trim(run))
    .filter((expression) => calculation.test(expression))
    .map((expression) => expression.replace(/\s+/g, ''));
}

function trim(run: string): string {
  const expression = run.trim().replace(/^[*/^%!)\s]+|[-+*/^(\s]+$/g, '');
  // "How much is 2+2!" is an exclamation, "How much is 5!" a factorial; so is a bare number in brackets no calculation.
  return calculation.test(expression.replace(/!$/, '')) ? expression.replace(/!$/, '') : factorialOrNothing(expression);
}

function factorialOrNothing(expression: string): string {
  const factorial = /^(\d+)\s*!$/.exec(expression);
  return factorial ? `factorial(${factorial[1]})` : '';
}
