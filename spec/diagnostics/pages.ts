/** The pages of all codes, loaded stage by stage when one is asked for. */
import type { DiagnosticCode } from './codes.js';
import type { Page, Pages, Stage } from './pages/page.js';

const STAGES: { readonly [Of in Stage]: () => Promise<Pages<Of>> } = {
  yaml: async () => (await import('./pages/yaml.js')).YAML_PAGES,
  schema: async () => (await import('./pages/schema.js')).SCHEMA_PAGES,
  expression: async () => (await import('./pages/expression.js')).EXPRESSION_PAGES,
  model: async () => (await import('./pages/model.js')).MODEL_PAGES,
  lint: async () => (await import('./pages/lint.js')).LINT_PAGES,
  data: async () => (await import('./pages/data.js')).DATA_PAGES,
  run: async () => (await import('./pages/run.js')).RUN_PAGES,
  wasm: async () => (await import('./pages/wasm.js')).WASM_PAGES,
  webgpu: async () => (await import('./pages/webgpu.js')).WEBGPU_PAGES,
  cuda: async () => (await import('./pages/cuda.js')).CUDA_PAGES,
};

/** The stages in the order in which they speak. */
export const STAGE_NAMES = Object.keys(STAGES) as readonly Stage[];

export async function pageOf(code: DiagnosticCode): Promise<Page> {
  const stage = code.slice(0, code.indexOf('/')) as Stage;
  const pages: Readonly<Partial<Record<DiagnosticCode, Page>>> = await STAGES[stage]();
  return pages[code]!;
}
