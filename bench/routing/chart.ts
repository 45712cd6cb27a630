/** A line of a chart: its name, and points in the units of the axes. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

/** What a chart shows. With `dots`, points are not joined. */
export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
  readonly dots?: readonly Line[];
}

const size = { width: 760, height: 400, left: 64, right: 210, top: 36, bottom: 48 };
// Okabe and Ito's colours, which the colour-blind can tell apart.
const colours = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#999999',
  '#000000',
  '#b8860b',
  '#6a3d9a',
];

/** A line chart as SVG; the same figures give the same bytes. Text is escaped. */
export function drawChart(chart: Chart): string {
  const all = [...chart.lines, ...(chart.dots ?? [])].flatMap((line) => line.points);
  const across = scaleOf(
    all.map(([x]) => x),
    size.left,
    size.width - size.right,
  );
  const up = scaleOf(
    all.map(([, y]) => y),
    size.height - size.bottom,
    size.top,
  );
  const paths = chart.lines.map((line, at) => {
    const points = line.points.map(([x, y]) => `${across.at(x)},${up.at(y)}`).join(' ');
    return `<polyline fill="none" stroke="${colourOf(at)}" stroke-width="${at === 0 ? 3 : 1.5}" points="${points}"/>`;
  });
  const dots = (chart.dots ?? []).flatMap((line, at) =>
    line.points.map(
      ([x, y]) => `<circle cx="${across.at(x)}" cy="${up.at(y)}" r="4" fill="${colourOf(at + chart.lines.length)}"/>`,
    ),
  );
  const names = [...chart.lines, ...(chart.dots ?? [])].map(
    (line, at) =>
      `<rect x="${size.width - size.right + 12}" y="${size.top + at * 20 - 9}" width="12" height="10" fill="${colourOf(at)}"/>${textAt(size.width - size.right + 30, size.top + at * 20, line.name)}`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    textAt(size.left, 20, chart.title),
    ...axes(chart, across, up),
    ...paths,
    ...dots,
    ...names,
    '</svg>\n',
  ].join('\n');
}

interface Scale {
  readonly at: (value: number) => string;
  readonly ticks: readonly number[];
}

function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const step = niceStep(span / 5);
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor((low + span) / step) - first + 1 }, (_, at) => (first + at) * step);
  return { ticks, at: (value) => (from + ((value - low) / span) * (to - from)).toFixed(1) };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}

function axes(chart: Chart, across: Scale, up: Scale): string[] {
  const right = size.width - size.right;
  const low = size.height - size.bottom;
  return [
    ...across.ticks.map((tick) => textAt(Number(across.at(tick)), low + 18, label(tick), 'middle')),
    ...up.ticks.map(
      (tick) =>
        `<line x1="${size.left}" x2="${right}" y1="${up.at(tick)}" y2="${up.at(tick)}" stroke="#e5e5e5"/>${textAt(size.left - 6, Number(up.at(tick)) + 4, label(tick), 'end')}`,
    ),
    textAt((size.left + right) / 2, size.height - 10, chart.x, 'middle'),
    `<text transform="translate(16 ${(size.top + low) / 2}) rotate(-90)" text-anchor="middle">${escapeText(chart.y)}</text>`,
  ];
}

function label(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function colourOf(at: number): string {
  return colours[at % colours.length] ?? '#000000';
}

function textAt(x: number, y: number, text: string, anchor = 'start'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeText(text)}</text>`;
}

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
