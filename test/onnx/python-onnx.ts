/**
 * ONNX Runtime for Python, which the tests run models with (and ONNX's own checker, where it is installed too). Tests that need
 * it are skipped, with a line that says so, where the interpreter `BEGAN_COMPILE_ONNX_PYTHON` (or `python3`) has none.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasModule, PythonProcess, type TensorValue } from '../python/python-process.js';

const PYTHON = process.env['BEGAN_COMPILE_ONNX_PYTHON'] ?? 'python3';

/** Whether the interpreter finds onnxruntime; says on stderr where it does not, and where models go unchecked. */
export function hasOnnxRuntime(): boolean {
  if (!hasModule(PYTHON, 'onnxruntime')) {
    process.stderr.write(
      `SKIPPED: ${PYTHON} has no onnxruntime, so no ONNX model is run. \`pip install onnx onnxruntime\`, ` +
        'or name an interpreter that has it: BEGAN_COMPILE_ONNX_PYTHON=PATH\n',
    );
    return false;
  }
  if (!hasModule(PYTHON, 'onnx')) {
    process.stderr.write(`SKIPPED: ${PYTHON} has no onnx, so models are run, and not checked before\n`);
  }
  return true;
}

export class PythonOnnx {
  readonly #process = new PythonProcess('ONNX Runtime', [
    PYTHON,
    fileURLToPath(new URL('driver.py', import.meta.url)),
  ]);
  #models = 0;

  /** Checks and loads the content of an `.onnx` file, and gives what `run` and `close` call it. */
  async load(content: Uint8Array): Promise<string> {
    const path = join(this.#process.folder, `model-${this.#models++}.onnx`);
    writeFileSync(path, content);
    await this.#process.ask({ load: path });
    return path;
  }

  /** All outputs. */
  async run(model: string, inputs: ReadonlyMap<string, TensorValue>): Promise<Map<string, TensorValue>> {
    return this.#process.exchange({ run: model }, inputs);
  }

  async close(model: string): Promise<void> {
    await this.#process.ask({ close: model });
  }

  dispose(): void {
    this.#process.dispose();
  }
}
