/** The trained generator: a grid that can be wandered through, faces between two picks, a slider for every latent. */
import { load, type LoadOptions, type Model } from 'began-compile/web';
import { button, canvas, element, input } from '../elements.js';
import { showEngine } from '../show-engine.js';
import { showPicture } from '../show-picture.js';
import { LatentSliders } from './latent-sliders.js';
import { between, path, row } from './latents.js';

const COLUMNS = 6;
const COUNT = COLUMNS * 6;
const STRIP = 7;
/** Milliseconds from one set of latents to the next. */
const WANDER = 4000;

export async function startExploring(backend: LoadOptions['backend']): Promise<void> {
  const engine = element('explore-engine', HTMLElement);
  try {
    const model = await load('./model/', { backend, allowCpu: backend === 'webgpu' });
    const trained =
      model.step === 0 ? 'not trained yet' : `trained for ${model.step.toLocaleString('en')} steps`;
    showEngine(engine, model.engine, trained);
    await new Explorer(model).start();
  } catch (error) {
    engine.textContent = (error as Error).message;
  }
}

class Explorer {
  readonly #model: Model;
  readonly #size: number;
  readonly #grid = canvas('grid');
  readonly #between = input('between');
  readonly #sliders: LatentSliders;
  #seed = 1;
  /** Those of the grid. */
  #latents: Float32Array;
  /** The two that were picked, the older one first. */
  #from: Float32Array;
  #to: Float32Array;
  #face: Float32Array;
  /** Whether a frame is being drawn, and whether another one is wanted after it. */
  #drawing = false;
  #again = false;

  constructor(model: Model) {
    this.#model = model;
    const noise = model.outputs[0]!.inputs.find(({ kind }) => kind === 'noise');
    if (noise === undefined) throw new Error('The model draws no latents');
    this.#size = noise.shape.reduce((product, length) => product * length, 1);
    this.#latents = this.#draw(this.#seed);
    this.#from = row(this.#latents, 0, this.#size);
    this.#to = row(this.#latents, 1, this.#size);
    this.#face = between(this.#from, this.#to, 0.5);
    this.#sliders = new LatentSliders(element('latents', HTMLElement), this.#size, (face) => {
      this.#face = face;
      this.#drawSoon();
    });
  }

  async start(): Promise<void> {
    button('new-samples').onclick = () => {
      this.#latents = this.#draw(++this.#seed);
      this.#drawSoon();
    };
    this.#grid.onclick = ({ offsetX, offsetY }) => {
      const cell = this.#grid.clientWidth / COLUMNS;
      this.#pick(Math.floor(offsetY / cell) * COLUMNS + Math.floor(offsetX / cell));
    };
    this.#between.oninput = () => this.#meet();
    const wander = input('wander');
    wander.onchange = () => void (wander.checked && this.#wander(wander));
    this.#sliders.show(this.#face);
    await this.#drawAll();
  }

  #draw(seed: number): Float32Array {
    return Object.values(this.#model.draw({ count: COUNT, seed }))[0]!;
  }

  #pick(which: number): void {
    if (which < 0 || which >= COUNT) return;
    this.#from = this.#to;
    this.#to = row(this.#latents, which, this.#size);
    this.#meet();
  }

  #meet(): void {
    this.#face = between(this.#from, this.#to, this.#between.valueAsNumber);
    this.#sliders.show(this.#face);
    this.#drawSoon();
  }

  /** Draws now, or once more after what is being drawn: sliders move faster than some machines draw. */
  #drawSoon(): void {
    this.#again = true;
    if (!this.#drawing) void this.#drawAll();
  }

  async #drawAll(): Promise<void> {
    this.#drawing = true;
    do {
      this.#again = false;
      await this.#drawGrid(this.#latents);
      const strip = path(this.#from, this.#to, STRIP);
      showPicture(canvas('strip'), await this.#model.sample({ z: strip, columns: STRIP }));
      showPicture(canvas('face'), await this.#model.sample({ z: this.#face }));
    } while (this.#again);
    this.#drawing = false;
  }

  async #drawGrid(z: Float32Array): Promise<void> {
    showPicture(this.#grid, await this.#model.sample({ z, columns: COLUMNS }));
  }

  async #wander(wander: HTMLInputElement): Promise<void> {
    const rate = element('rate', HTMLOutputElement);
    let from = this.#latents;
    let to = this.#draw(++this.#seed);
    let began = performance.now();
    let counted = began;
    let frames = 0;
    while (wander.checked) {
      const now = await new Promise<number>(requestAnimationFrame);
      if (now - began >= WANDER) {
        [from, to, began] = [to, this.#draw(++this.#seed), now];
      }
      const t = Math.max(0, now - began) / WANDER;
      // Slow at both ends, so that faces are met and not passed.
      this.#latents = between(from, to, t * t * (3 - 2 * t));
      await this.#drawGrid(this.#latents);
      frames++;
      if (now - counted > 500) {
        const perSecond = Math.round((frames * 1000) / (now - counted));
        rate.textContent = `${perSecond} grids a second, ${(perSecond * COUNT).toLocaleString('en')} faces`;
        [counted, frames] = [now, 0];
      }
    }
    rate.textContent = '';
  }
}
