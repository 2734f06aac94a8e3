/** How a cell is shown. */
export interface Style {
  readonly bold?: boolean;
  readonly dim?: boolean;
  /** Name of one of the eight colours of a terminal. */
  readonly colour?: string;
}

interface Cell {
  readonly text: string;
  readonly style: Style;
}

/** Neighbouring cells of one style. */
export interface Run {
  /** Counted from 0. */
  readonly column: number;
  readonly text: string;
  readonly style: Style;
}

const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** As much of a terminal as the project's commands and Node.js's readline make use of. */
export class Screen {
  readonly #columns: number;
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style: Style = {};

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** @throws Error for a control sequence that is not known here: the picture would be wrong */
  write(output: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal reads
    for (const [text, parameters, final] of output.matchAll(/\x1b\[([?\d;]*)([A-Za-z])|[^\x1b]/gu)) {
      if (final === undefined) this.#put(text);
      else this.#control(parameters ?? '', final);
    }
  }

  /** What is seen, row by row, without empty rows at the end. */
  rows(): Run[][] {
    const rows = this.#rows.map(runsOf);
    while (rows.at(-1)?.length === 0) rows.pop();
    return rows;
  }

  #put(text: string): void {
    if (text === '\r') this.#column = 0;
    else if (text === '\n') this.#move(this.#row + 1);
    else if (text === '\b') this.#column = Math.max(0, this.#column - 1);
    else {
      if (this.#column >= this.#columns) {
        this.#move(this.#row + 1);
        this.#column = 0;
      }
      const row = this.#rows[this.#row] as Cell[];
      while (row.length < this.#column) row.push({ text: ' ', style: {} });
      row[this.#column++] = { text, style: this.#style };
    }
  }

  #move(row: number): void {
    this.#row = Math.max(0, row);
    while (this.#rows.length <= this.#row) this.#rows.push([]);
  }

  #control(parameters: string, final: string): void {
    const numbers = parameters.split(';').map(Number);
    const [first = 0] = numbers;
    switch (final) {
      case 'm':
        for (const code of numbers) this.#style = styleAfter(this.#style, code);
        return;
      case 'G':
        this.#column = Math.max(0, first - 1);
        return;
      case 'A':
        this.#move(this.#row - (first || 1));
        return;
      case 'B':
        this.#move(this.#row + (first || 1));
        return;
      case 'C':
        this.#column += first || 1;
        return;
      case 'D':
        this.#column = Math.max(0, this.#column - (first || 1));
        return;
      case 'J':
        this.#rows.length = this.#row + 1;
        this.#rows[this.#row]?.splice(this.#column);
        return;
      case 'K':
        this.#rows[this.#row]?.splice(this.#column);
        return;
      case 'h':
      case 'l':
        // A mode, such as that of pasted text.
        if (parameters.startsWith('?')) return;
    }
    throw new Error(`the control sequence CSI ${parameters}${final} is not known`);
  }
}

function styleAfter(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  const { bold: _bold, dim: _dim, ...thin } = style;
  if (code === 22) return thin;
  const { colour: _colour, ...plain } = style;
  if (code === 39) return plain;
  const colour = colours[code - 30];
  if (colour) return { ...style, colour };
  throw new Error(`the style ${code} is not known`);
}

function runsOf(row: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  row.forEach(({ text, style }, column) => {
    const last = runs.at(-1);
    if (last && JSON.stringify(last.style) === JSON.stringify(style)) {
      runs[runs.length - 1] = { ...last, text: last.text + text };
    } else {
      runs.push({ column, text, style });
    }
  });
  return runs.filter(({ text }) => text.trim() !== '');
}
