/** A module: imported memory and arena base, functions, exports (WebAssembly core specification, section 5.5). */
import { ByteWriter } from './byte-writer.js';
import type { I32 } from './expression.js';
import { FunctionBuilder, TYPE_CODES } from './function-builder.js';
import type { FunctionReference, FunctionSignature } from './function-builder.js';

export interface MemoryImport {
  readonly pages: number;
  /** Required when shared. */
  readonly maximumPages?: number | undefined;
  readonly shared?: boolean | undefined;
}

export class ModuleBuilder {
  readonly #types = new Map<string, { readonly index: number; readonly signature: FunctionSignature }>();
  readonly #functions: { readonly type: number; readonly body: Uint8Array }[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  readonly #memory: MemoryImport;

  constructor(memory: MemoryImport) {
    this.#memory = memory;
  }

  /** Where the program's memory begins: an imported i32, so that the host may place it in a larger heap. */
  readonly base: I32 = {
    type: 'i32',
    emit: (code) => {
      code.byte(0x23);
      code.unsigned(0);
    },
  };

  define(signature: FunctionSignature, write: (f: FunctionBuilder) => void): FunctionReference {
    const builder = new FunctionBuilder(signature);
    write(builder);
    const index = this.#functions.length;
    this.#functions.push({ type: this.#typeOf(signature), body: builder.finish() });
    return { index, signature };
  }

  export(name: string, target: FunctionReference): void {
    this.#exports.push({ name, index: target.index });
  }

  finish(): Uint8Array<ArrayBuffer> {
    const module = new ByteWriter();
    module.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    section(module, 1, [...this.#types.values()], (out, { signature }) => {
      out.byte(0x60);
      for (const list of [signature.parameters, signature.results]) {
        out.unsigned(list.length);
        for (const type of list) out.byte(TYPE_CODES[type]);
      }
    });
    section(module, 2, ['memory', 'base'] as const, (out, field) => {
      out.name('host');
      out.name(field);
      if (field === 'base') out.bytes([0x03, TYPE_CODES.i32, 0x00]);
      else {
        const { pages, maximumPages, shared } = this.#memory;
        out.byte(0x02);
        out.byte((maximumPages === undefined ? 0 : 1) | (shared === true ? 2 : 0));
        out.unsigned(pages);
        if (maximumPages !== undefined) out.unsigned(maximumPages);
      }
    });
    section(module, 3, this.#functions, (out, { type }) => out.unsigned(type));
    section(module, 7, this.#exports, (out, { name, index }) => {
      out.name(name);
      out.byte(0x00);
      out.unsigned(index);
    });
    section(module, 10, this.#functions, (out, { body }) => {
      out.unsigned(body.length);
      out.bytes(body);
    });
    return module.finish();
  }

  #typeOf(signature: FunctionSignature): number {
    const key = `${signature.parameters.join()}>${signature.results.join()}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known.index;
    const index = this.#types.size;
    this.#types.set(key, { index, signature });
    return index;
  }
}

function section<T>(
  module: ByteWriter,
  id: number,
  entries: readonly T[],
  write: (out: ByteWriter, entry: T) => void,
): void {
  const content = new ByteWriter();
  content.unsigned(entries.length);
  for (const entry of entries) write(content, entry);
  module.byte(id);
  module.unsigned(content.length);
  module.bytes(content.finish());
}
