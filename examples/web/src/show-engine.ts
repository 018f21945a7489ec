/** `wasm (why)` and `webgpu (hardware)` for people. */
export function showEngine(place: HTMLElement, engine: string, more: string): void {
  const [, backend = engine, rest] = /^(\S+)(?: \((.*)\))?$/s.exec(engine) ?? [];
  const badge = document.createElement('b');
  badge.textContent = backend === 'webgpu' ? 'WebGPU' : 'WebAssembly';
  badge.dataset['backend'] = backend;
  place.replaceChildren(badge, ` ${[rest, more].filter(Boolean).join(' · ')}`);
}
