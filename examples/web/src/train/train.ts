/** Training in the page: a worker trains, this shows how it goes, and γ can be moved meanwhile. */
import type { LoadOptions } from 'began-compile/web';
import spec from '../../../faces-32.yaml?raw';
import { button, canvas, element, input } from '../elements.js';
import { showEngine } from '../show-engine.js';
import { showPicture } from '../show-picture.js';
import { Charts } from './charts.js';
import type { Order, Report } from './messages.js';

const GAMMA = /gamma: ([\d.]+)/;

export function offerTraining(backend: LoadOptions['backend']): void {
  const start = button('start');
  const reset = button('reset');
  const gamma = input('gamma');
  const charts = new Charts(element('charts', HTMLElement));
  let worker: Worker | undefined;
  let running = false;
  let steps = 0;

  const tell = (order: Order): void => worker?.postMessage(order);
  const showGamma = (): void => {
    element('gamma-value', HTMLOutputElement).textContent = gamma.valueAsNumber.toFixed(2);
  };
  const setRunning = (now: boolean, label = now ? 'Pause' : 'Go on'): void => {
    running = now;
    start.textContent = label;
  };
  const progress = (text: string): void => {
    element('progress', HTMLOutputElement).textContent = text;
  };

  const hear = (report: Report): void => {
    switch (report.kind) {
      case 'ready':
        steps = report.steps;
        showEngine(element('train-engine', HTMLElement), report.engine, 'compiled in this page');
        tell({ kind: 'hyper', name: 'gamma', value: gamma.valueAsNumber });
        return;
      case 'progress': {
        const { step, stepsPerSecond, metrics } = report;
        charts.add(step, metrics, gamma.valueAsNumber);
        progress(
          `step ${step.toLocaleString('en')} of ${steps.toLocaleString('en')}, ${stepsPerSecond.toFixed(1)} a second`,
        );
        return;
      }
      case 'samples':
        showPicture(canvas('samples'), report.picture);
        canvas('samples').dataset['step'] = String(report.step);
        return;
      case 'done':
        setRunning(false, 'Trained');
        start.disabled = true;
        return;
      case 'failed':
        element('train-engine', HTMLElement).textContent = report.message;
        setRunning(false, 'Train');
        start.disabled = true;
        return;
      default:
        report satisfies never;
    }
  };

  const begin = (): void => {
    progress('compiling …');
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Report>) => hear(data);
    worker.onerror = ({ message }) => hear({ kind: 'failed', message });
    tell({ kind: 'start', spec, backend, folder: new URL('./', document.baseURI).href });
    reset.disabled = false;
  };

  start.onclick = () => {
    if (worker === undefined) begin();
    else tell({ kind: running ? 'pause' : 'go on' });
    setRunning(!running);
  };
  reset.onclick = () => {
    worker?.terminate();
    worker = undefined;
    charts.clear();
    progress('');
    setRunning(false, 'Train');
    start.disabled = false;
    reset.disabled = true;
  };
  gamma.oninput = () => {
    showGamma();
    tell({ kind: 'hyper', name: 'gamma', value: gamma.valueAsNumber });
  };

  gamma.value = GAMMA.exec(spec)?.[1] ?? '1';
  showGamma();
  element('spec', HTMLPreElement).textContent = spec;
}
