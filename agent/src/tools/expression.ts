import { CalculationError, call, constants, type Decimal, isFunction, number, operate } from './arithmetic.ts';

interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
  /** Whether white space stands before it. */
  readonly apart: boolean;
}

const tokens =
  /(?<space>\s*)(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>[-+*/^%!(),]))/y;

/** A value, and whether it was written as a percentage: `200 + 10%` adds a tenth of what stands before. */
interface Operand {
  readonly value: Decimal;
  readonly percent?: boolean;
}

/**
 * Evaluates an arithmetic expression while it reads it: there is no other language in it than numbers, operators,
 * parentheses and the names of arithmetic.ts. Its time and depth grow with the length of the text.
 *
 * @throws CalculationError
 */
export function evaluate(text: string): Decimal {
  const parser = new Parser(tokenize(text));
  return parser.whole();
}

function tokenize(text: string): Token[] {
  const found: Token[] = [];
  const { length } = text.trimEnd();
  let at = 0;
  while (at < length) {
    tokens.lastIndex = at;
    const groups = tokens.exec(text)?.groups;
    if (!groups)
      throw new CalculationError(
        `The expression cannot be read: ${quote(text.slice(at).trimStart()[0])} has no place in arithmetic.`,
      );
    const kind = groups.number ? 'number' : groups.name ? 'name' : 'sign';
    found.push({ kind, text: groups[kind] ?? '', at, apart: groups.space !== '' });
    at = tokens.lastIndex;
  }
  return [...found, { kind: 'end', text: '', at, apart: false }];
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Decimal {
    const value = this.#sum();
    if (this.#next.kind !== 'end') throw unexpected(this.#next);
    return value;
  }

  #sum(): Decimal {
    let sum = this.#product().value;
    for (let sign = this.#take('+', '-'); sign; sign = this.#take('+', '-')) {
      const { value, percent } = this.#product();
      sum = operate(sign, sum, percent ? operate('*', sum, value) : value);
    }
    return sum;
  }

  #product(): Operand {
    let product = this.#signed();
    for (;;) {
      const sign = this.#take('*', '/', '%', 'mod');
      if (sign === '*' || sign === '/') product = { value: operate(sign, product.value, this.#signed().value) };
      else if (sign) product = { value: operate('remainder', product.value, this.#signed().value) };
      // 2 pi, 3 (4 + 5)
      else if (this.#next.kind === 'name' || this.#next.text === '(')
        product = { value: operate('*', product.value, this.#power().value) };
      else return product;
    }
  }

  #signed(): Operand {
    const sign = this.#take('+', '-');
    if (!sign) return this.#power();
    const operand = this.#signed();
    return sign === '-' ? { ...operand, value: operate('negative', operand.value) } : operand;
  }

  #power(): Operand {
    const base = this.#postfix();
    return this.#take('^') ? { value: operate('^', base.value, this.#signed().value) } : base;
  }

  #postfix(): Operand {
    let operand: Operand = { value: this.#primary() };
    for (;;) {
      if (this.#take('!')) operand = { value: operate('!', operand.value) };
      else if (this.#next.text === '%' && this.#isPercent()) {
        this.#at++;
        operand = { value: operate('percent', operand.value), percent: true };
      } else return operand;
    }
  }

  /** Whether this % is no remainder. */
  #isPercent(): boolean {
    const [percent, next, afterNext] = this.#tokens.slice(this.#at);
    if (next?.text !== '+' && next?.text !== '-') {
      return next?.kind === 'end' || (next?.kind === 'sign' && next.text !== '(');
    }
    // 50% + 3 adds, 7 % -3 is a remainder, and of 7%-3 nobody can say.
    if (!percent?.apart && afterNext?.apart) return true;
    if (percent?.apart && next.apart && !afterNext?.apart) return false;
    throw new CalculationError(
      'It is not clear whether % means percent or remainder: write (50%) + 3 for the one and 7 % (-3) for the other.',
    );
  }

  #primary(): Decimal {
    const token = this.#next;
    this.#at++;
    if (token.kind === 'number') return number(token.text);
    if (token.kind === 'name') return this.#named(token.text);
    if (token.text !== '(') throw unexpected(token);
    const value = this.#sum();
    this.#close();
    return value;
  }

  #named(name: string): Decimal {
    const constant = constants.get(name);
    if (constant) return constant;
    if (!this.#take('(')) {
      throw new CalculationError(
        isFunction(name)
          ? `The function ${name} needs parentheses: ${name}(…).`
          : `${quote(name)} is not known. The constants are ${[...constants.keys()].join(', ')}.`,
      );
    }
    const values: Decimal[] = [];
    if (!this.#take(')')) {
      do values.push(this.#sum());
      while (this.#take(','));
      this.#close();
    }
    return call(name, values);
  }

  #close(): void {
    if (!this.#take(')')) throw unexpected(this.#next);
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #take<T extends string>(...texts: readonly T[]): T | undefined {
    const taken = texts.find((text) => text === this.#next.text);
    if (taken !== undefined) this.#at++;
    return taken;
  }
}

function unexpected({ kind, text, at }: Token): CalculationError {
  const problem = kind === 'end' ? 'Unexpected end' : `Unexpected ${quote(text)} after ${at} characters`;
  const hint = text === ',' ? ' Write numbers without thousands separators.' : '';
  return new CalculationError(`The expression cannot be read: ${problem}.${hint}`);
}

function quote(text: string | undefined): string {
  return JSON.stringify(text ?? '');
}
