import { AwsError, notSupported } from '../errors.ts';

type Test = (event: unknown) => boolean;

/**
 * Compiles a filter pattern for JSON: `{ ($.code = "Model*") && ($.durationMs > 1000 || $.retry IS TRUE) }`, with the
 * operators = != < <= > >=, EXISTS, NOT EXISTS, IS NULL, IS TRUE and IS FALSE, and with * in texts.
 *
 * @throws AwsError InvalidParameterException where it is no such pattern; for regular expressions that they are not supported
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export function compileJsonPattern(pattern: string): (message: string) => boolean {
  const test = new Parser(pattern).parse();
  return (message) => {
    const event = parse(message);
    return event !== undefined && test(event);
  };
}

/**
 * What a selector such as `$.usage.tokens` or `$.roles[0]` finds.
 *
 * @throws AwsError InvalidParameterException where it is no selector
 */
export function compileSelector(selector: string): (event: unknown) => unknown {
  if (!/^\$((\.[\w-]+)|(\[\d+\]))+$/.test(selector)) {
    throw new AwsError('InvalidParameterException', `Invalid metric transformation: ${selector} is no JSON selector.`);
  }
  const keys = [...selector.matchAll(/\.([\w-]+)|\[(\d+)\]/g)].map(([, name, index]) => (name ?? index) as string);
  return (event) =>
    keys.reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      event,
    );
}

/** The JSON object of a log event; undefined where it is none. */
export function parse(message: string): object | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const token = /\s*(\$[\w.[\]-]+|"(?:[^"\\]|\\.)*"|&&|\|\||!=|<=|>=|[=<>(){}]|[^\s"&|!<>=(){}]+)/y;

class Parser {
  readonly #pattern: string;
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    if (/[=~]\s*%/.test(pattern)) throw notSupported(`regular expressions in the filter pattern ${pattern}`);
    token.lastIndex = 0;
    const text = pattern.trimEnd();
    while (token.lastIndex < text.length) {
      const found = token.exec(text);
      if (!found) throw this.#invalid();
      this.#tokens.push(found[1] as string);
    }
  }

  parse(): Test {
    this.#expect('{');
    const test = this.#any();
    this.#expect('}');
    if (this.#next < this.#tokens.length) throw this.#invalid();
    return test;
  }

  #any(): Test {
    const tests = [this.#all()];
    while (this.#take('||')) tests.push(this.#all());
    return (event) => tests.some((test) => test(event));
  }

  #all(): Test {
    const tests = [this.#one()];
    while (this.#take('&&')) tests.push(this.#one());
    return (event) => tests.every((test) => test(event));
  }

  #one(): Test {
    if (this.#take('(')) {
      const test = this.#any();
      this.#expect(')');
      return test;
    }
    const name = this.#shift();
    if (!name.startsWith('$')) throw this.#invalid();
    const select = compileSelector(name);
    const operator = this.#shift();
    switch (operator) {
      case 'EXISTS':
        return (event) => select(event) !== undefined;
      case 'NOT':
        this.#expect('EXISTS');
        return (event) => select(event) === undefined;
      case 'IS':
        return this.#is(select);
      default:
        return this.#compare(select, operator, this.#shift());
    }
  }

  #is(select: (event: unknown) => unknown): Test {
    const word = this.#shift();
    const values: Readonly<Record<string, unknown>> = { NULL: null, TRUE: true, FALSE: false };
    if (!Object.hasOwn(values, word)) throw this.#invalid();
    return (event) => select(event) === values[word];
  }

  #compare(select: (event: unknown) => unknown, operator: string, operand: string): Test {
    const compared = comparisons[operator];
    if (!compared) throw this.#invalid();
    const number = Number(operand);
    if (!operand.startsWith('"') && !Number.isNaN(number)) {
      return (event) => {
        const value = select(event);
        return typeof value === 'number' && compared(value, number);
      };
    }
    if (operator !== '=' && operator !== '!=') throw this.#invalid();
    const matches = matcherOf(operand);
    return (event) => {
      const value = select(event);
      if (value === undefined) return false;
      return matches(value) === (operator === '=');
    };
  }

  #shift(): string {
    const found = this.#tokens[this.#next++];
    if (found === undefined) throw this.#invalid();
    return found;
  }

  #take(expected: string): boolean {
    if (this.#tokens[this.#next] !== expected) return false;
    this.#next++;
    return true;
  }

  #expect(expected: string): void {
    if (!this.#take(expected)) throw this.#invalid();
  }

  #invalid(): AwsError {
    return new AwsError('InvalidParameterException', `Invalid filter pattern: ${this.#pattern}`);
  }
}

const comparisons: Readonly<Record<string, (value: number, operand: number) => boolean>> = {
  '=': (value, operand) => value === operand,
  '!=': (value, operand) => value !== operand,
  '<': (value, operand) => value < operand,
  '<=': (value, operand) => value <= operand,
  '>': (value, operand) => value > operand,
  '>=': (value, operand) => value >= operand,
};

/** @param operand a text, in quotes or without, with * for anything; * alone is any number or text */
function matcherOf(operand: string): (value: unknown) => boolean {
  if (operand === '*') return (value) => typeof value === 'string' || typeof value === 'number';
  const text = operand.startsWith('"') ? (JSON.parse(operand) as string) : operand;
  const parts = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return (value) => typeof value === 'string' && expression.test(value);
}
