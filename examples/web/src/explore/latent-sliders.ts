/** A slider for every number of a latent. */
export class LatentSliders {
  readonly #sliders: readonly HTMLInputElement[];

  constructor(place: HTMLElement, size: number, onChange: (latent: Float32Array) => void) {
    this.#sliders = Array.from({ length: size }, (_, i) => {
      const slider = document.createElement('input');
      Object.assign(slider, { type: 'range', min: '-1', max: '1', step: '0.01', title: `z ${i}` });
      slider.setAttribute('aria-label', `latent ${i}`);
      slider.oninput = () => onChange(this.latent);
      return slider;
    });
    place.replaceChildren(...this.#sliders);
  }

  get latent(): Float32Array {
    return Float32Array.from(this.#sliders, (slider) => slider.valueAsNumber);
  }

  show(latent: Float32Array): void {
    this.#sliders.forEach((slider, i) => (slider.valueAsNumber = latent[i]!));
  }
}
