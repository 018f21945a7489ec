/**
 * A TensorFlow of twenty lines and a package whose addon asks it for nothing but its version and its GPU: a setup compiles,
 * links and loads them as it does the real ones, in a second.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packageFolders, PACKAGE_NAME } from '../../runtimes/cuda/package-folders.js';

/** The package as npm installed it, for its installer; undefined where it is not there. */
export const installedFolder = packageFolders(process.cwd(), process.env)[0];

const LIBRARY = `#include <stdlib.h>
const char* TF_Version(void) { return VERSION; }
int PretendedGpu(void) { return getenv("PRETENDED_GPU") != NULL; }
__attribute__((constructor)) static void begin(void) { if (ABORTS) abort(); }
`;

const HEADER = `extern "C" const char* TF_Version(void);
extern "C" int PretendedGpu(void);
`;

const BACKEND = `#include "tensorflow/c/c_api.h"
bool HasGpu() { return PretendedGpu() != 0; }
`;

const BINDING = `#include <node_api.h>
#include "tensorflow/c/c_api.h"
bool HasGpu();
static napi_value Gpu(napi_env env, napi_callback_info) {
  napi_value value;
  napi_get_boolean(env, HasGpu(), &value);
  return value;
}
NAPI_MODULE_INIT() {
  napi_value version, gpu;
  napi_create_string_utf8(env, TF_Version(), NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "TF_Version", version);
  napi_create_function(env, nullptr, 0, Gpu, nullptr, &gpu);
  napi_set_named_property(env, exports, "isUsingGpuDevice", gpu);
  return exports;
}
`;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function must(command: string, ...argv: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
}

/** Whether there are a compiler and Python; says on stderr where not. */
export function hasTools(): boolean {
  const missing = ['g++', 'python3', 'tar'].filter(
    (command) => spawnSync(command, ['--version']).status !== 0,
  );
  if (process.platform === 'linux' && missing.length === 0) return true;
  process.stderr.write(
    `SKIPPED: the setup of CUDA is tested on Linux with g++, python3 and tar; missing: ${missing.join(', ')}\n`,
  );
  return false;
}

export interface Pretence {
  readonly version?: string;
  /** What it says about CUDA in build_info.py; no such file where it is absent. */
  readonly cuda?: boolean;
  /** Ends the process that loads it. */
  readonly aborts?: boolean;
  /** A header that the addon cannot be compiled with. */
  readonly header?: string;
}

/** A folder of one test, with everything in it. */
export class Pretended {
  readonly folder = mkdtempSync(join(tmpdir(), 'began-compile-setup-'));

  readonly path = (...parts: readonly string[]): string => join(this.folder, ...parts);

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** As pip leaves it in `site`: libraries, headers, and what tells the version. */
  sitePackages(
    site: string,
    { version = '2.21.0', cuda, aborts = false, header = HEADER }: Pretence = {},
  ): string {
    const tensorflow = this.path(site, 'tensorflow');
    this.#libraries(tensorflow, 'libtensorflow_cc.so.2', version, aborts);
    write(join(tensorflow, 'include/tensorflow/c/c_api.h'), header);
    write(this.path(site, `tensorflow-${version}.dist-info/METADATA`), `Name: tensorflow\n`);
    if (cuda !== undefined) {
      const text = `build_info = collections.OrderedDict([('is_cuda_build', ${cuda ? 'True' : 'False'})])\n`;
      write(join(tensorflow, 'python/platform/build_info.py'), text);
    }
    return this.path(site);
  }

  /** The C library, as the stock one is published. */
  cLibrary(folder: string): string {
    this.#libraries(this.path(folder, 'lib'), 'libtensorflow.so.2', '2.9.1', false);
    write(this.path(folder, 'include/tensorflow/c/c_api.h'), HEADER);
    return this.path(folder);
  }

  #libraries(folder: string, name: string, version: string, aborts: boolean): void {
    write(join(folder, 'library.c'), LIBRARY);
    const defined = [`-DVERSION="${version}"`, `-DABORTS=${aborts ? 1 : 0}`];
    const compile = ['-shared', '-fPIC', ...defined, '-x', 'c', join(folder, 'library.c')];
    must('g++', ...compile, '-o', join(folder, name));
    must(
      'g++',
      '-shared',
      '-fPIC',
      '-x',
      'c',
      '/dev/null',
      '-o',
      join(folder, 'libtensorflow_framework.so.2'),
    );
    rmSync(join(folder, 'library.c'));
  }

  /** A zip64 archive of a site-packages folder. */
  wheel(site: string, name: string): string {
    const program = `import os, sys, zipfile
with zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED) as wheel:
    for folder, _, files in os.walk(sys.argv[1]):
        for file in files:
            path = os.path.join(folder, file)
            with wheel.open(os.path.relpath(path, sys.argv[1]), 'w', force_zip64=True) as entry:
                entry.write(open(path, 'rb').read())
`;
    must('python3', '-c', program, site, this.path(name));
    return this.path(name);
  }

  /** A gzipped tarball of what is in `folder`. */
  tarball(folder: string, name: string): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    must('tar', '-czf', this.path(name), '-C', folder, ...readdirSync(folder));
    return this.path(name);
  }

  /** The package, with the real installer where npm has installed it. */
  package(): string {
    const folder = this.path('package');
    if (installedFolder === undefined) {
      write(join(folder, 'package.json'), JSON.stringify({ name: PACKAGE_NAME, version: '4.22.0' }));
      write(join(folder, 'binding.gyp'), '{}\n');
      mkdirSync(join(folder, 'scripts'));
    } else {
      mkdirSync(folder);
      for (const part of ['package.json', 'binding.gyp', 'scripts']) {
        cpSync(join(installedFolder, part), join(folder, part), { recursive: true });
      }
      // Where the installer finds what it requires.
      symlinkSync(dirname(dirname(installedFolder)), this.path('node_modules'));
    }
    write(join(folder, 'binding/tfjs_backend.cc'), BACKEND);
    write(join(folder, 'binding/tfjs_binding.cc'), BINDING);
    return folder;
  }

  /** A command in the first folder of the PATH this gives. */
  command(name: string, script: string): string {
    write(this.path('bin', name), `#!/bin/sh\n${script}\n`);
    must('chmod', '+x', this.path('bin', name));
    return [this.path('bin'), process.env['PATH']].join(delimiter);
  }
}
