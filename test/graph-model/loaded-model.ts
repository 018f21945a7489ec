/** A written graph model as a page loads it: by tf.loadGraphModel, over HTTP's own reading of model.json. */
import { loadGraphModel, type GraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelFile } from '../../compiler/tensorflow/graph-model.js';

/** What is fetched: where the files lie, and where each is read from. */
const ADDRESS = 'http://model.test/folder/';

/** Numbers by name, in the shape that the graph declares. */
export type Given = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export class LoadedModel {
  private constructor(readonly model: GraphModel) {}

  static async load(files: readonly ModelFile[]): Promise<LoadedModel> {
    const byAddress = new Map(files.map(({ name, content }) => [ADDRESS + name, content]));
    const fetchFunc = (address: string): Promise<Response> => {
      const content = byAddress.get(address);
      if (content === undefined) return Promise.resolve(new Response(null, { status: 404 }));
      const type = address.endsWith('.json') ? 'application/json' : 'application/octet-stream';
      return Promise.resolve(new Response(Buffer.from(content), { headers: { 'content-type': type } }));
    };
    return new LoadedModel(await loadGraphModel(`${ADDRESS}model.json`, { fetchFunc: fetchFunc as never }));
  }

  /** Outputs by name; what is not asked for is not computed, and its inputs need not be given. */
  async execute(given: Given, names: readonly string[]): Promise<Map<string, Float32Array>> {
    const inputs = Object.fromEntries(
      [...given].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape], 'float32')]),
    );
    const found = this.model.execute(inputs, [...names]);
    const tensors = Array.isArray(found) ? found : [found];
    const values = new Map<string, Float32Array>();
    for (const [i, name] of names.entries()) {
      values.set(name, Float32Array.from(await tensors[i]!.data<'float32'>()));
    }
    tf.dispose([inputs, tensors]);
    return values;
  }

  dispose(): void {
    this.model.dispose();
  }
}
