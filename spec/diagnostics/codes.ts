/**
 * Every diagnostic code, with the one-line title its documentation page carries. Codes are stable: a code is
 * never renamed and never reused. The part before the slash says which stage speaks.
 */
export const DIAGNOSTIC_CODES = {
  'yaml/syntax': 'The file is not well-formed YAML 1.2',
  'yaml/duplicate-key': 'A key stands twice in one mapping',
  'yaml/split-expression': 'A comma inside { } cut an expression in two',
  'yaml/limit': 'The file uses more aliases or depth than a spec may',

  'schema/unknown-key': 'A key that the language does not know',
  'schema/missing-key': 'A key that must be there is missing',
  'schema/type': 'A value of the wrong type',
  'schema/value': 'A value outside what is allowed',
  'schema/extends': 'The spec that another one extends cannot be used',

  'expression/syntax': 'An expression that cannot be parsed',
  'expression/unknown-name': 'A name that nothing defines',
  'expression/unknown-function': 'A function that does not exist',
  'expression/arguments': 'A function called with the wrong arguments',
  'expression/not-constant': 'A value that must be known at compile time is not',
  'expression/not-scalar': 'A single number was expected where a tensor stands',
  'expression/needs-let': 'State or a metric computes what only an update can',
  'expression/cycle': 'Definitions that refer to each other in a circle',
  'expression/ambiguous-name': 'A name that more than one update defines',

  'model/unknown-library': 'A library entry that does not exist',
  'model/unknown-parameter': 'A library entry was given a parameter it does not have',
  'model/missing-parameter': 'A library entry needs a parameter that was not given',
  'model/shape-mismatch': 'Shapes that do not fit together',
  'model/unreachable-size': 'An image size that the layers cannot produce',
  'model/unknown-tap': 'A skip refers to a tap that is not there',
  'model/unused': 'Something is defined and never used',
  'model/unreached-network': 'A network is trained by a loss that does not depend on it',
  'model/trained-twice': 'A network that one phase would write twice',
  'model/coupled-batch': 'Micro-batches where an equation needs the whole batch at once',
  'model/limit': 'Something larger than what a spec may ask for',

  'lint/batch-norm-under-penalty': 'A network with batch norm whose slope is penalised',
  'lint/elu-under-penalty': 'A network of ELUs whose slope is penalised',
  'lint/slope-not-per-sample': 'A slope that is not the norm over one example',
  'lint/mixing-per-number': 'Data and samples mixed with one weight per number',
  'lint/bounded-score': 'A score behind an activation that squashes it',
  'lint/squashed-logits': 'Probabilities where logits are expected',
  'lint/logarithm-of-probability': 'A logarithm of a rounded probability',
  'lint/unbounded-critic': 'A critic of unbounded slope',
  'lint/output-range': 'A network that cannot give what the data are',
  'lint/hinge-always-on': 'A margin that no energy reaches',
  'lint/schedule-beyond-run': 'A schedule that is longer than the run',
  'lint/window-beyond-run': 'A plateau or a stop that the run is too short for',
  'lint/slow-controller': 'A controller that cannot move far enough in the run',
  'lint/parameter-range': 'A parameter outside the range its equation is made for',
  'lint/batch-of-one': 'Batch norm over a single example',
  'lint/bias-before-batch-norm': 'A bias that batch norm takes away',
  'lint/large-rate': 'A learning rate that looks like a slip',
  'lint/untrained-network': 'A network that nothing trains',
  'lint/class-out-of-range': 'A class that the scores do not have',
  'lint/critic-with-generator': 'A critic that is trained together with the generator it judges',
  'lint/nothing-to-sample': 'A spec that nothing can be sampled from',

  'data/not-found': 'The data is not where the spec says',
  'data/empty-folder': 'A folder holds no readable image',
  'data/corrupt-file': 'An image could not be decoded and was skipped',
  'data/format': 'A data file is not in the format it should be in',
  'data/labels': 'Labels that do not fit the examples',
  'data/too-few': 'Fewer examples than one batch, or a selection, needs',

  'run/folder-exists': 'The run folder already holds a run',
  'run/nothing-to-resume': 'The folder to resume from holds no run',
  'run/checkpoint-corrupt': 'A checkpoint cannot be read',
  'run/checkpoint-mismatch': 'A checkpoint belongs to another spec',
  'run/non-finite': 'A loss or gradient became NaN or infinite',
  'run/diversity-falling': 'Samples are far less varied than the data',
  'run/backend-not-built': 'TensorFlow.js does not know the backend',
  'run/option': 'A command line option that cannot be used',
  'run/file': 'A file cannot be read or written',

  'wasm/too-large': 'The program does not fit the memory of WebAssembly',
  'wasm/thread-lost': 'A thread of a program has ended',

  'webgpu/package-missing': 'Node has no WebGPU',
  'webgpu/no-adapter': 'WebGPU finds no GPU',
  'webgpu/too-large': 'The program does not fit a buffer of the GPU',
  'webgpu/refused': 'The GPU refuses the program',
  'webgpu/device-lost': 'The GPU has gone away',

  'cuda/package-missing': 'TensorFlow for Node is not installed',
  'cuda/addon-missing': 'The native addon of TensorFlow for Node is missing',
  'cuda/library-missing': 'The TensorFlow library cannot be loaded',
  'cuda/no-gpu': 'TensorFlow finds no GPU',
  'cuda/platform': 'CUDA cannot be set up on this system',
  'cuda/no-driver': 'Nothing tells which TensorFlow to set up',
  'cuda/no-compiler': 'There is no C++ compiler to build the addon with',
  'cuda/tensorflow-files': 'The TensorFlow that was named is none',
  'cuda/download-failed': 'A part of TensorFlow cannot be downloaded',
  'cuda/build-failed': 'The addon cannot be built for its TensorFlow',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

/** Codes of lints without their first part: what a spec's `lints` names. */
export type LintName = DiagnosticCode extends infer Code
  ? Code extends `lint/${infer Name}`
    ? Name
    : never
  : never;

export const LINT_NAMES = Object.keys(DIAGNOSTIC_CODES)
  .filter((code) => code.startsWith('lint/'))
  .map((code) => code.slice('lint/'.length)) as readonly LintName[];
