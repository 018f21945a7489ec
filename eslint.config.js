import tseslint from 'typescript-eslint';

/** Who may know whom: `spec <- compiler <- runtimes`, and inside runtimes `engines <- training <- cli`. */
const NODE = {
  regex: '^(node:|(fs|path|os|url|crypto|module|worker_threads|child_process|stream|util|zlib)(/|$))',
  message: 'This code also runs in a web page: take files, decoding and threads as ports given from outside.',
};
const into = (folders, message) => ({ regex: `^\\.\\.?/(.*/)?(${folders.join('|')})/`, message });
const ENGINES = ['reference', 'tfjs', 'wasm', 'webgpu', 'cuda'];
/** Engines that run under Node alone. */
const NODE_ENGINES = ['cuda'];

const BOUNDARIES = [
  {
    files: ['spec/**/*.ts'],
    patterns: [NODE, into(['compiler', 'runtimes'], 'spec imports nothing of ours outside spec.')],
  },
  {
    files: ['compiler/**/*.ts'],
    patterns: [NODE, into(['runtimes'], 'The compiler imports no runtime.')],
  },
  ...ENGINES.map((engine) => ({
    files: [`runtimes/${engine}/**/*.ts`],
    patterns: [
      ...(NODE_ENGINES.includes(engine) ? [] : [NODE]),
      into(
        ['training', 'cli', 'node'],
        'An engine runs programs and knows neither training nor the command.',
      ),
      into(
        ENGINES.filter((other) => other !== engine),
        'Engines do not know each other.',
      ),
    ],
  })),
  {
    files: ['runtimes/training/**/*.ts'],
    patterns: [
      NODE,
      into(
        ['cli', 'node'],
        'Training knows neither the command nor Node adapters: they are given to it as ports.',
      ),
      into(ENGINES, 'Training knows engines by the interface in runtimes/engine.ts only.'),
    ],
  },
  {
    files: ['runtimes/tfjs-heap/**/*.ts'],
    patterns: [
      NODE,
      into(['training', 'cli', 'node'], "A program on tfjs's heap knows neither training nor the command."),
    ],
  },
  {
    files: ['runtimes/artifact/**/*.ts'],
    patterns: [NODE, into(['cli', 'node'], 'What a page loads knows neither the command nor Node adapters.')],
  },
  {
    files: ['runtimes/node/**/*.ts'],
    patterns: [into(['cli'], 'Node adapters do not know the command.')],
  },
  {
    files: ['index.ts'],
    patterns: [NODE, into(['cli', 'node'], 'The package entry also runs in a web page.')],
  },
];

export default tseslint.config(
  {
    ignores: [
      '.cache/**',
      '**/dist/**',
      'dist-*/**',
      'runs/**',
      'coverage/**',
      '.venv/**',
      '**/__fixtures__/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      // An index that a loop has bounded is said with `!`; noUncheckedIndexedAccess keeps the rest honest.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-empty': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['test/bench/**/*.ts'], rules: { 'no-console': 'off' } },
  // Tests may look across: an engine is held against the reference, a parser against the library on disk.
  ...BOUNDARIES.map(({ files, patterns }) => ({
    files,
    ignores: ['**/*.test.ts', '**/test/**'],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  })),
);
