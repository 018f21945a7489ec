/** `setup cuda`: from what the machine has to an addon that loads. */
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { detectCuda, type CudaState } from '../detect.js';
import { setEnvironment } from '../environment.js';
import { installedPackage } from '../installed-package.js';
import { loadAside } from '../load-aside.js';
import type { LoadedTensorflow } from '../native-binding.js';
import { nvidiaDriver } from '../nvidia-driver.js';
import { PACKAGE_NAME } from '../package-folders.js';
import { cudaRefusal } from '../refusal.js';
import { fittingTensorflow, namedTensorflow, type MachineFindings, type Named } from './choose-tensorflow.js';
import { compileAddon } from './compile-addon.js';
import { findCompiler } from './compiler.js';
import { CUDA_LIBRARIES, findCudaLibraries, type CudaLibrary } from './cuda-libraries.js';
import { listGpus } from './gpus.js';
import { preparePackage } from './package-folder.js';
import { installFromPip, REQUIREMENT } from './pip.js';
import { platformName, platformRefusal, thisPlatform, type Platform } from './platform.js';
import type { SetupRecord } from './record.js';
import type { SetupContext } from './setup-context.js';
import { Staging } from './staging.js';
import { stageStock, type StockOptions } from './stock.js';
import { describeFiles, findTensorflow, type TensorflowFiles } from './tensorflow-files.js';
import { unpackWheel } from './unpack-wheel.js';

export interface SetupOptions extends StockOptions {
  /** `stock`, `pip`, or the path of a wheel or a folder; what fits the machine where it is absent. */
  readonly tensorflow?: string | undefined;
}

/** What tests put in the place of the machine. */
export interface SetupMachine {
  readonly platform: Platform;
  readonly find: (context: SetupContext) => Promise<MachineFindings>;
}

const THIS_MACHINE: SetupMachine = {
  platform: thisPlatform(),
  find: async (context) => ({
    driver: nvidiaDriver(),
    gpus: await listGpus(context),
    libraries: await findCudaLibraries(context),
  }),
};

type State = CudaState<LoadedTensorflow>;

/**
 * Gives the state that was reached: `cuda`, or `cpu-only` where nothing else was to be expected (a machine without a
 * driver, a TensorFlow without CUDA). Throws DiagnosticError cuda/....
 */
export async function setUpCuda(
  options: SetupOptions,
  given: SetupContext,
  machine: SetupMachine = THIS_MACHINE,
): Promise<State> {
  const environment = { ...given.environment };
  setEnvironment(environment);
  const context = { ...given, environment };
  const { report, workingFolder } = context;
  const named =
    options.tensorflow === undefined ? undefined : namedTensorflow(options.tensorflow, workingFolder);
  report.line('Platform', `${platformName(machine.platform)}, Node ${process.versions.node}`);
  const refusal = platformRefusal(machine.platform, named);
  if (refusal !== undefined) throw new DiagnosticError(refusal);
  const findings = await machine.find(context);
  describeFindings(findings, context);

  const before = detect(context);
  if (isDone(before, named, findings)) {
    report.line('Setup', 'nothing to do');
    return conclude(before, findings, context);
  }
  const { tensorflow, reason } = named === undefined ? fittingTensorflow(findings) : { tensorflow: named };
  report.line('TensorFlow', `${describeChoice(tensorflow)}${reason === undefined ? '' : `: ${reason}`}`);

  const packageFolder = await preparePackage(context);
  report.line('Package', `${packageFolder}, ${installedPackage(packageFolder).version}`);
  const staging = await Staging.create(packageFolder);
  try {
    const made = await stage(tensorflow, staging, options, context);
    const { TF_Version } = loadStaged(staging, context);
    await staging.install({
      from: tensorflow.kind,
      ...made,
      tensorflow: TF_Version,
      date: context.now().toISOString(),
    });
    report.line('Addon', made.addon === 'prebuilt' ? 'prebuilt' : `compiled with ${made.addon}`);
  } finally {
    await staging.remove();
  }
  return conclude(detect(context), findings, context);
}

const detect = (context: SetupContext): State =>
  detectCuda({
    folders: context.packageFolders(),
    exists: existsSync,
    load: (addon) => loadAside(addon, context),
  });

/** Whether what is there is what a setup would bring. */
function isDone(state: State, named: Named | undefined, { driver }: MachineFindings): boolean {
  if (state.kind !== 'cuda' && state.kind !== 'cpu-only') return false;
  // Without a driver nothing else could be chosen, and a GPU that is in use needs nothing else.
  if (named === undefined) return state.kind === 'cuda' || driver === undefined;
  const { record } = installedPackage(state.folder);
  if (record?.from !== named.kind) return false;
  switch (named.kind) {
    case 'stock':
    case 'pip':
      return true;
    case 'wheel':
      return record.source === named.path;
    case 'folder': {
      const { version = record.tensorflow } = findTensorflow(named.path, named.path);
      return record.source === named.path && version === record.tensorflow;
    }
    default:
      return named satisfies never;
  }
}

/** Puts addon and libraries into the staging folder, and says what they are. */
async function stage(
  named: Named,
  staging: Staging,
  options: SetupOptions,
  context: SetupContext,
): Promise<Pick<SetupRecord, 'source' | 'addon' | 'cuda'>> {
  switch (named.kind) {
    case 'stock':
      return await stageStock(staging, options, context);
    case 'pip':
      return await stageFiles(staging, await installFromPip(context), REQUIREMENT, context);
    case 'wheel':
      return await stageFiles(
        staging,
        await unpackWheel(named.path, context.setupFolder, context),
        named.path,
        context,
      );
    case 'folder':
      return await stageFiles(
        staging,
        findTensorflow(named.path, options.tensorflow ?? named.path),
        named.path,
        context,
      );
    default:
      return named satisfies never;
  }
}

async function stageFiles(
  staging: Staging,
  tensorflow: TensorflowFiles,
  source: string,
  context: SetupContext,
): Promise<Pick<SetupRecord, 'source' | 'addon' | 'cuda'>> {
  context.report.line('TensorFlow', `${describeFiles(tensorflow)}, in ${tensorflow.libraries}`);
  const compiler = await findCompiler(context);
  const { packageFolder, addon, libraries } = staging;
  await compileAddon({ compiler, packageFolder, tensorflow, addon }, context);
  await mkdir(dirname(libraries), { recursive: true });
  await symlink(tensorflow.libraries, libraries);
  return { source, addon: compiler.version, cuda: tensorflow.cuda };
}

/** Throws DiagnosticError cuda/build-failed. */
function loadStaged(staging: Staging, context: SetupContext): LoadedTensorflow {
  context.report.progress(['Loading TensorFlow']);
  try {
    return loadAside(staging.addon, context);
  } catch (error) {
    throw new DiagnosticError({
      code: 'cuda/build-failed',
      severity: 'error',
      message: `The new addon of \`${PACKAGE_NAME}\` cannot be loaded`,
      note: `The loader says: ${(error as Error).message}\nWhat was there before is still there.`,
      help: 'Set up another TensorFlow: `began-compile setup cuda --tensorflow pip`.',
    });
  }
}

function describeFindings({ driver, gpus, libraries }: MachineFindings, { report }: SetupContext): void {
  report.line('NVIDIA driver', driver === undefined ? 'none is loaded' : (driver.version ?? 'loaded'));
  if (gpus !== undefined) {
    for (const { name, computeCapability } of gpus) {
      report.line(
        'GPU',
        computeCapability === undefined ? name : `${name}, compute capability ${computeCapability}`,
      );
    }
  } else if (driver !== undefined) {
    report.line('GPU', 'unknown: `nvidia-smi` is missing or fails');
  }
  const there = [...libraries].map((name: CudaLibrary) => `${name} (${CUDA_LIBRARIES[name]})`);
  report.line('CUDA libraries', there.length === 0 ? 'none that the loader finds' : there.join(', '));
}

function describeChoice(named: Named): string {
  switch (named.kind) {
    case 'stock':
      return '2.9.1, the stock one of the package, for CUDA 11';
    case 'pip':
      return `${REQUIREMENT}, from pip`;
    case 'wheel':
      return `the wheel ${basename(named.path)}`;
    case 'folder':
      return `the one in ${named.path}`;
    default:
      return named satisfies never;
  }
}

/** Says which state was reached. Throws DiagnosticError where it is short of what the machine could do. */
function conclude(state: State, { driver }: MachineFindings, { report }: SetupContext): State {
  if (state.kind === 'cuda') {
    report.line(
      'State',
      `cuda: TensorFlow ${state.binding.TF_Version} runs on the GPU, with \`--backend cuda\``,
    );
    return state;
  }
  if (state.kind === 'cpu-only') {
    const withoutCuda = installedPackage(state.folder).record?.cuda === false;
    if (driver === undefined || withoutCuda) {
      const why = withoutCuda ? 'this TensorFlow is built without CUDA' : 'there is no NVIDIA driver here';
      report.line(
        'State',
        `cpu-only: TensorFlow ${state.binding.TF_Version} runs on the CPU, with \`--backend cuda --allow-cpu\`; ${why}`,
      );
      return state;
    }
  }
  report.line('State', state.kind);
  throw new DiagnosticError(cudaRefusal(state, driver));
}
