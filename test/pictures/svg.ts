import type { Run, Style } from './screen.ts';

const palette: Readonly<Record<string, string>> = {
  black: '#484f58',
  red: '#ff7b72',
  green: '#3fb950',
  yellow: '#d29922',
  blue: '#58a6ff',
  magenta: '#bc8cff',
  cyan: '#39c5cf',
  white: '#e6edf3',
};

/** In pixels. */
const cell = { width: 8, height: 18 };
const margin = 16;
const bar = 32;

/**
 * A picture of a terminal.
 *
 * @param title what it shows, for those who cannot see it
 */
export function terminalPicture(title: string, rows: readonly (readonly Run[])[], columns: number): string {
  const width = columns * cell.width + 2 * margin;
  const height = rows.length * cell.height + bar + margin;
  const lines = rows.flatMap((runs, row) => runs.map((run) => textOf(run, row)));
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, index) => `<circle cx="${margin + 4 + index * 18}" cy="${bar / 2}" r="5" fill="${colour}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${dots.join('')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="${palette.white}" xml:space="preserve">
${lines.join('\n')}
</g>
</svg>
`;
}

/** The length is given, since fonts differ in the width of their letters. */
function textOf({ column, text, style }: Run, row: number): string {
  const x = margin + column * cell.width;
  const y = bar + row * cell.height + 13;
  const trimmed = text.trimEnd();
  const length = [...trimmed].length * cell.width;
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${attributesOf(style)}>${escaped(trimmed)}</text>`;
}

function attributesOf({ bold, dim, colour }: Style): string {
  return [
    bold ? ' font-weight="700"' : '',
    dim ? ' opacity="0.6"' : '',
    colour ? ` fill="${palette[colour]}"` : '',
  ].join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
