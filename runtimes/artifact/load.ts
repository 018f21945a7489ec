/** The loader: from the files of an artifact to a model that samples. Bundled as `began.js` beside the files. */
import type { ProgramLayout, TensorPlace } from '../../compiler/plan/layout.js';
import { float16Value } from '../../compiler/float16.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Executable } from '../engine.js';
import { decodeSafetensors, type Tensor } from '../training/safetensors.js';
import { hasWasmFeature } from '../wasm/features.js';
import { loadModule } from '../wasm/module.js';
import type { AdapterDescription } from '../webgpu/adapter.js';
import { WebgpuExecutable } from '../webgpu/executable.js';
import type { Load, LoadOptions, ReadFile } from './api.js';
import {
  FILES,
  FORMAT,
  shadersFile,
  type ArtifactLayout,
  type ArtifactProgram,
  type Place,
  type WebgpuCode,
} from './format.js';
import { LoadedModel } from './loaded-model.js';
import { forPages, messageOf, ModelError } from './model-error.js';
import { openBrowserGpu } from './browser-gpu.js';

export const load: Load = async (model, options = {}) => {
  const read = typeof model === 'function' ? model : fetcher(model);
  const program = JSON.parse(new TextDecoder().decode(await read(FILES.program))) as ArtifactProgram;
  if (program.format !== FORMAT)
    throw new ModelError(
      `\`${FILES.program}\` is of the format \`${program.format}\`, and not \`${FORMAT}\``,
    );
  const weights = read(FILES.weights);
  // Handled where it is awaited; until then a failure must not count as unhandled.
  weights.catch(() => undefined);
  try {
    const chosen = await open(program, options, read);
    await writeWeights(program.layouts[chosen.backend]!, chosen.executable, await weights);
    return new LoadedModel(program, chosen.executable, chosen);
  } catch (error) {
    throw forPages(error);
  }
};

/** Reads files below an address, which is relative to the page or, in a worker, to its script. */
function fetcher(address: string | URL): ReadFile {
  const { document, location } = globalThis as {
    readonly document?: { readonly baseURI: string };
    readonly location?: { readonly href: string };
  };
  const base = new URL(address, document?.baseURI ?? location?.href);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return async (name) => {
    const url = new URL(name, base);
    const response = await fetch(url);
    if (!response.ok) throw new ModelError(`\`${url.href}\` cannot be read: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
}

interface Opened {
  readonly executable: Executable;
  readonly backend: 'webgpu' | 'wasm';
  readonly engine: string;
}

async function open(program: ArtifactProgram, options: LoadOptions, read: ReadFile): Promise<Opened> {
  const { backend: wanted } = options;
  const { backends } = program;
  if (wanted !== undefined && !backends.includes(wanted))
    throw new ModelError(
      `The model was not built for \`${wanted}\`. Build it with \`--backend ${wanted}\`, or leave \`backend\` out.`,
    );
  if (wanted === 'wasm' || !backends.includes('webgpu')) return await openWasm(program, read);
  const gpu = await openBrowserGpu(options.allowCpu ?? false);
  if ('missing' in gpu) {
    if (wanted === 'webgpu' || !backends.includes('wasm')) throw new ModelError(gpu.missing);
    return await openWasm(program, read, gpu.missing);
  }
  try {
    return await openWebgpu(program, read, gpu);
  } catch (error) {
    gpu.device.destroy();
    // Of a GPU that cannot hold the program, or has gone: the CPU can.
    if (wanted === 'webgpu' || !backends.includes('wasm') || !(error instanceof DiagnosticError)) throw error;
    return await openWasm(program, read, messageOf(error));
  }
}

async function openWasm(program: ArtifactProgram, read: ReadFile, why?: string): Promise<Opened> {
  const executable = await loadModule(
    layoutOf(program.layouts.wasm!),
    await read(hasWasmFeature('relaxed SIMD') ? FILES.relaxedModule : FILES.module),
  );
  return { executable, backend: 'wasm', engine: why === undefined ? 'wasm' : `wasm (${why})` };
}

async function openWebgpu(
  program: ArtifactProgram,
  read: ReadFile,
  { device, adapter }: { readonly device: GPUDevice; readonly adapter: AdapterDescription },
): Promise<Opened> {
  const profile = program.profiles.includes(adapter.profile) ? adapter.profile : program.profiles[0]!;
  const code = JSON.parse(new TextDecoder().decode(await read(shadersFile(profile)))) as WebgpuCode;
  const executable = await WebgpuExecutable.create(device, layoutOf(program.layouts.webgpu!), {
    shaders: code.shaders,
    graphs: new Map(Object.entries(code.graphs)),
  });
  return { executable, backend: 'webgpu', engine: `webgpu (${adapter.name})` };
}

function layoutOf({ graphs, state, memory }: ArtifactLayout): ProgramLayout {
  const places = (of: Readonly<Record<string, Place>>): ReadonlyMap<string, TensorPlace> =>
    new Map(Object.entries(of).map(([name, [offset, elements]]) => [name, { offset, elements }]));
  return {
    memory,
    state: places(state),
    graphs: graphs.map(({ name, feeds, scalars, values }) => ({
      name,
      feeds: places(feeds),
      scalars: places(scalars),
      values: places(values),
    })),
  };
}

async function writeWeights(
  { state }: ArtifactLayout,
  executable: Executable,
  file: Uint8Array,
): Promise<void> {
  const { tensors } = decodeSafetensors(file);
  for (const name of Object.keys(state)) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new ModelError(`\`${FILES.weights}\` has no tensor \`${name}\``);
    await executable.writeState(name, numbersOf(tensor));
  }
}

const numbersOf = ({ dtype, data }: Tensor): ArrayLike<number> =>
  dtype === 'F16' ? Float32Array.from(data, float16Value) : data;
