/** A chart of lines over whole numbers with a logarithmic axis, as SVG. */

export interface Line {
  readonly label: string;
  readonly colour: string;
  /** At 1, 2, 3, ...; values that are not above 0 lie on the lower edge. */
  readonly values: readonly number[];
}

export interface LineChartOptions {
  readonly lines: readonly Line[];
  readonly across: string;
  readonly up: string;
}

const WIDTH = 560;
const HEIGHT = 300;
const LEFT = 70;
const RIGHT = 120;
const TOP = 16;
const BOTTOM = 46;

export function lineChart({ lines, across, up }: LineChartOptions): string {
  const all = lines.flatMap(({ values }) => values).filter((value) => value > 0);
  const lowest = Math.floor(Math.log10(Math.min(...all)));
  const highest = Math.ceil(Math.log10(Math.max(...all)));
  const count = Math.max(...lines.map(({ values }) => values.length));
  const x = (place: number) => LEFT + ((place - 1) / (count - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => {
    const share = value > 0 ? (Math.log10(value) - lowest) / (highest - lowest) : 0;
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  };
  // About six lines of the grid, at powers of ten.
  const every = Math.ceil((highest - lowest) / 6);
  const powers = Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i).filter(
    (power) => (power - lowest) % every === 0,
  );
  const places = Array.from({ length: count }, (_, i) => i + 1);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...powers.map((power) => {
      const at = fixed(y(10 ** power));
      return `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">1e${power}</text>`;
    }),
    ...places.map(
      (place) =>
        `<text x="${fixed(x(place))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${place}</text>`,
    ),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${across}</text>`,
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${up}</text>`,
    ...lines.map(({ label, colour, values }, i) => {
      const points = values.map((value, j) => `${fixed(x(j + 1))},${fixed(y(value))}`).join(' ');
      const at = TOP + 14 + 20 * i;
      return (
        `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>` +
        `<path d="M${WIDTH - RIGHT + 12} ${at - 4}h18" stroke="${colour}" stroke-width="2"/>` +
        `<text x="${WIDTH - RIGHT + 36}" y="${at}">${label}</text>`
      );
    }),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

const fixed = (value: number): string => value.toFixed(1);
