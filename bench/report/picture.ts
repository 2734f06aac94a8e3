import { time } from '../format.ts';
import type { Phase } from '../measurement.ts';
import type { Results } from '../results.ts';
import { type Judged, judge, limitOf } from './judged.ts';

const width = 960;
const left = 20;
const labelWidth = 430;
const barLeft = left + labelWidth;
/** Pixels of a bar that is as long as its goal. */
const goalWidth = 220;
const rowHeight = 26;
const phaseColours = ['#8fa8c8', '#4d7fb8', '#2f5f94', '#e0a040'];

/** docs/benchmarks.svg: where the time of `npm start` goes, and each figure against its goal. The same figures give the same bytes. */
export function picture(results: Results): string {
  const phases = results.deploy?.phases ?? [];
  // What should be none has no length to be compared with.
  const judged = judge(results).filter(({ limit }) => limit > 0);
  const goalsTop = 140;
  const height = goalsTop + 40 + judged.length * rowHeight + 20;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Benchmarks">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...wholeStart(phases),
    heading(goalsTop, 'Measured, against the goal'),
    ...judged.flatMap((goal, index) => goalRow(goal, goalsTop + 40 + index * rowHeight)),
    line(barLeft + goalWidth, goalsTop + 26, height - 16),
    '</svg>',
  ].join('\n')}\n`;
}

function wholeStart(phases: readonly Phase[]): string[] {
  const total = phases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const scale = (width - 2 * left) / total;
  let x = left;
  const bars = phases.flatMap(({ milliseconds }, index) => {
    const from = x;
    x += milliseconds * scale;
    return [rectangle(from, 50, milliseconds * scale, 26, phaseColours[index % phaseColours.length] ?? '#888888')];
  });
  const legend = phases.flatMap(({ name, milliseconds }, index) => {
    const at = left + (index * (width - 2 * left)) / phases.length;
    const colour = phaseColours[index % phaseColours.length] ?? '#888888';
    return [rectangle(at, 90, 10, 10, colour), text(at + 15, 99, `${name}: ${time(milliseconds)}`, '11')];
  });
  return [
    heading(20, `npm start: ${time(total)} from the command to the first word of the answer`),
    ...bars,
    ...legend,
  ];
}

function goalRow(goal: Judged, top: number): string[] {
  const share = goal.atLeast ? goal.limit / goal.value : goal.value / goal.limit;
  const length = Math.max(2, Math.min(share, 1.6) * goalWidth);
  return [
    text(left, top + 14, goal.what.replace(/, against .*$| over an empty one$/, '')),
    rectangle(barLeft, top + 2, length, 16, goal.met ? '#4a9a60' : '#c8553d'),
    text(barLeft + Math.max(length, goalWidth) + 10, top + 14, `${goal.format(goal.value)} (${limitOf(goal)})`),
  ];
}

const round = (pixels: number) => Number(pixels.toFixed(1));
const rectangle = (x: number, y: number, w: number, h: number, fill: string) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${h}" fill="${fill}"/>`;
const line = (x: number, from: number, to: number) =>
  `<line x1="${x}" x2="${x}" y1="${from}" y2="${to}" stroke="#222222" stroke-dasharray="3 3"/>`;
const heading = (y: number, words: string) => text(left, y + 14, words, '15', ' font-weight="600"');

function text(x: number, y: number, words: string, size = '13', more = ''): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${y}" font-size="${size}" fill="#222222"${more}>${escaped}</text>`;
}
