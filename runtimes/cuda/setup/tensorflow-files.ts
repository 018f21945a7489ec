/** The libraries and headers of an installed TensorFlow. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';

export interface TensorflowFiles {
  /** Folder of the libraries. */
  readonly libraries: string;
  /** Those that the addon is linked with, by file name. */
  readonly names: readonly string[];
  /** Folder that holds `tensorflow/c/c_api.h`. */
  readonly headers: string;
  /** As the packages of Python tell it. */
  readonly version?: string | undefined;
  /** Whether it was built with CUDA; absent where it does not say. */
  readonly cuda?: boolean | undefined;
}

interface Layout {
  readonly names: readonly string[];
  readonly libraries: string;
}

const LAYOUTS: readonly Layout[] = [
  // site-packages/tensorflow: the C interface is part of the C++ library.
  { names: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'], libraries: '.' },
  // libtensorflow, the C library on its own.
  { names: ['libtensorflow.so.2', 'libtensorflow_framework.so.2'], libraries: 'lib' },
];

/** The TensorFlow in exactly this folder. */
export function tensorflowIn(folder: string): TensorflowFiles | undefined {
  const layout = LAYOUTS.find(({ names, libraries }) =>
    names.every((name) => existsSync(join(folder, libraries, name))),
  );
  const headers = join(folder, 'include');
  if (layout === undefined || !existsSync(join(headers, 'tensorflow', 'c', 'c_api.h'))) return undefined;
  return {
    libraries: join(folder, layout.libraries),
    names: layout.names,
    headers,
    version: versionOf(folder),
    cuda: builtWithCuda(folder),
  };
}

/**
 * The TensorFlow at `folder`: its own folder, one that holds it (site-packages), or a virtual environment. Throws
 * DiagnosticError cuda/tensorflow-files; `named` is what the user has written.
 */
export function findTensorflow(folder: string, named: string): TensorflowFiles {
  const environments = ['lib', 'lib64'].flatMap((lib) =>
    listed(join(folder, lib))
      .filter((name) => name.startsWith('python3'))
      .map((name) => join(folder, lib, name, 'site-packages', 'tensorflow')),
  );
  for (const candidate of [folder, join(folder, 'tensorflow'), ...environments]) {
    const found = tensorflowIn(candidate);
    if (found !== undefined) return found;
  }
  throw new DiagnosticError({
    code: 'cuda/tensorflow-files',
    severity: 'error',
    message: `\`${named}\` holds no TensorFlow for Linux`,
    note: 'There are no `libtensorflow_cc.so.2`, `libtensorflow_framework.so.2` and `include/tensorflow/c/c_api.h` in it, in `tensorflow` or in `lib/python3*/site-packages/tensorflow`.',
    help: 'Name where `pip install tensorflow` has put it: `pip show tensorflow` prints that as its location. `--tensorflow pip` brings one.',
  });
}

/** Of `tensorflow-2.21.0.dist-info` or `tensorflow_cpu-2.21.0.dist-info` beside it. */
function versionOf(folder: string): string | undefined {
  for (const name of listed(dirname(folder))) {
    const version = /^tensorflow(?:_[a-z]+)?-(\d[^-]*)\.dist-info$/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

function builtWithCuda(folder: string): boolean | undefined {
  const file = join(folder, 'python', 'platform', 'build_info.py');
  if (!existsSync(file)) return undefined;
  const said = /'is_cuda_build', (True|False)/.exec(readFileSync(file, 'utf8'))?.[1];
  return said === undefined ? undefined : said === 'True';
}

const listed = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** `2.21.0, built without CUDA`. */
export function describeFiles({ version = 'of an unknown version', cuda }: TensorflowFiles): string {
  return `${version}${cuda === undefined ? '' : cuda ? ', built with CUDA' : ', built without CUDA'}`;
}
