/** The backend cuda: which of its five states this machine is in, and what it is made of. */
import { existsSync } from 'node:fs';
import { detectCuda, type CudaState } from '../../cuda/detect.js';
import { setEnvironment, settingsIn } from '../../cuda/environment.js';
import { installedPackage } from '../../cuda/installed-package.js';
import { loadAside } from '../../cuda/load-aside.js';
import type { LoadedTensorflow } from '../../cuda/native-binding.js';
import { nvidiaDriver } from '../../cuda/nvidia-driver.js';
import { cudaRefusal } from '../../cuda/refusal.js';
import { listGpus } from '../../cuda/setup/gpus.js';
import type { Checkup, Fact, Surroundings } from './checkup.js';

type State = CudaState<LoadedTensorflow>;

export async function checkCuda({
  environment,
  packageFolders,
  signal,
  log,
}: Surroundings): Promise<Checkup> {
  const set: Record<string, string | undefined> = { ...environment };
  setEnvironment(set);
  const state = detectCuda({
    folders: packageFolders(),
    exists: existsSync,
    // Loaded aside, TensorFlow may even abort. Its log is for those who have asked for it.
    load: (addon) =>
      loadAside(addon, {
        environment: set,
        log: environment['TF_CPP_MIN_LOG_LEVEL'] === undefined ? undefined : log,
      }),
  });
  const driver = nvidiaDriver();
  const gpus = await listGpus({ environment, signal });
  const facts: Fact[] = [
    ['state', state.kind],
    ...packageFacts(state),
    ...tensorflowFacts(state),
    ['NVIDIA driver', driver === undefined ? 'none is loaded' : (driver.version ?? 'loaded')],
    ...(gpus ?? []).map(({ name }): Fact => ['GPU', name]),
    ...settingsIn(environment).map(({ name, value, own }): Fact => [
      name,
      `${value}${own ? '' : ' (default here)'}`,
    ]),
  ];
  const diagnostics = state.kind === 'cuda' ? [] : [cudaRefusal(state, driver)];
  return { ready: state.kind === 'cuda', facts, diagnostics };
}

function packageFacts(state: State): Fact[] {
  if (state.kind === 'package-missing') return [['package', 'not installed']];
  const { folder, version, addon, libraries } = installedPackage(state.folder);
  return [
    ['package', `${version}, ${folder}`],
    ['addon', addon ?? 'missing'],
    ...(libraries === undefined ? [] : [['libraries', libraries] as const]),
  ];
}

function tensorflowFacts(state: State): Fact[] {
  const facts: Fact[] = [];
  if ('binding' in state) {
    facts.push(['TensorFlow', state.binding.TF_Version]);
    facts.push(['runs on', state.kind === 'cuda' ? 'the GPU' : 'the CPU only']);
  }
  if (state.kind !== 'package-missing') {
    const { record } = installedPackage(state.folder);
    if (record !== undefined) {
      const { from, source, tensorflow, cuda, addon, date } = record;
      const built = cuda === undefined ? '' : cuda ? ', built with CUDA' : ', built without CUDA';
      facts.push(['set up', `${date.slice(0, 10)}: TensorFlow ${tensorflow}${built}, ${from} (${source})`]);
      facts.push(['built by', addon]);
    }
  }
  return facts;
}
