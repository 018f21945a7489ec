/** Live plots of a training, in the colours of the page. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

interface Curve {
  /** As the spec calls it. */
  readonly metric: string;
  readonly label: string;
  readonly colour: string;
}

interface Plot {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** Whether γ is drawn into it, which the metric is to meet. */
  readonly target?: boolean;
}

const PLOTS: readonly Plot[] = [
  {
    title: 'Losses',
    curves: [
      { metric: 'Lx', label: 'L(x)', colour: '--blue' },
      { metric: 'Lg', label: 'L(G(z))', colour: '--orange' },
    ],
  },
  {
    title: 'Balance, and γ',
    curves: [{ metric: 'balance', label: 'balance', colour: '--violet' }],
    target: true,
  },
  { title: 'k, weight of L(G(z))', curves: [{ metric: 'k', label: 'k', colour: '--green' }] },
  { title: 'M, convergence', curves: [{ metric: 'convergence', label: 'M', colour: '--red' }] },
];

/** Beyond, every second point goes. */
const MOST_POINTS = 1200;
const HEIGHT = 195;

export class Charts {
  readonly #place: HTMLElement;
  #steps: number[] = [];
  #values: Record<string, number[]> = {};
  #plots: readonly { readonly plot: Plot; readonly chart: uPlot }[] = [];

  constructor(place: HTMLElement) {
    this.#place = place;
    this.#make();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#make());
    new ResizeObserver(() => {
      for (const { chart } of this.#plots) chart.setSize({ width: this.#width, height: HEIGHT });
    }).observe(place);
  }

  clear(): void {
    this.#steps = [];
    this.#values = {};
    this.#update();
  }

  add(step: number, metrics: Readonly<Record<string, number>>, gamma: number): void {
    this.#steps.push(step);
    for (const [name, value] of Object.entries({ ...metrics, gamma }))
      (this.#values[name] ??= []).push(value);
    if (this.#steps.length > MOST_POINTS) {
      const half = (numbers: readonly number[]): number[] => numbers.filter((_, i) => i % 2 === 1);
      this.#steps = half(this.#steps);
      for (const [name, numbers] of Object.entries(this.#values)) this.#values[name] = half(numbers);
    }
    this.#update();
  }

  get #width(): number {
    return this.#place.firstElementChild?.clientWidth ?? 300;
  }

  #dataOf({ curves, target }: Plot): uPlot.AlignedData {
    const names = [...curves.map(({ metric }) => metric), ...(target === true ? ['gamma'] : [])];
    return [this.#steps, ...names.map((name) => this.#values[name] ?? [])];
  }

  #update(): void {
    for (const { plot, chart } of this.#plots) chart.setData(this.#dataOf(plot));
    for (const latest of this.#place.querySelectorAll('output')) {
      const value = this.#values[latest.dataset['metric'] ?? '']?.at(-1);
      latest.textContent = value === undefined ? '' : value.toPrecision(3);
    }
  }

  #make(): void {
    for (const { chart } of this.#plots) chart.destroy();
    this.#place.replaceChildren(
      ...PLOTS.map(({ title, curves }) => {
        const figure = document.createElement('figure');
        const caption = document.createElement('figcaption');
        for (const { metric, label, colour } of curves) {
          const key = document.createElement('span');
          key.style.setProperty('--key', `var(${colour})`);
          const latest = document.createElement('output');
          latest.dataset['metric'] = metric;
          key.append(`${curves.length > 1 ? label : title} `, latest);
          caption.append(key);
        }
        figure.append(caption);
        return figure;
      }),
    );
    const style = getComputedStyle(this.#place);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    this.#plots = PLOTS.map((plot, i) => ({
      plot,
      chart: new uPlot(
        {
          width: this.#width,
          height: HEIGHT,
          legend: { show: false },
          cursor: { show: false },
          scales: { x: { time: false } },
          axes: [
            axis(colour, { size: 26, values: (_, ticks) => ticks.map(short) }),
            axis(colour, { size: 44, space: 32 }),
          ],
          series: [
            {},
            ...plot.curves.map(({ label, colour: name }) => line(label, colour(name))),
            ...(plot.target === true ? [{ ...line('γ', colour('--quiet')), dash: [4, 4] }] : []),
          ],
        },
        this.#dataOf(plot),
        this.#place.children[i] as HTMLElement,
      ),
    }));
  }
}

const short = (step: number): string => (step >= 1000 ? `${step / 1000}k` : String(step));

const line = (label: string, stroke: string): uPlot.Series => ({
  label,
  stroke,
  width: 1.5,
  points: { show: false },
});

const axis = (colour: (name: string) => string, more: Partial<uPlot.Axis>): uPlot.Axis => ({
  stroke: colour('--quiet'),
  font: '11px system-ui, sans-serif',
  grid: { stroke: colour('--line'), width: 1 },
  ticks: { show: false },
  gap: 4,
  ...more,
});
