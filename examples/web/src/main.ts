import './style.css';
import { startExploring } from './explore/explore.js';
import { offerTraining } from './train/train.js';

/** `?backend=wasm` or `?backend=webgpu` chooses, the latter also where a CPU plays the GPU. */
const wanted = new URLSearchParams(location.search).get('backend');
const backend = wanted === 'wasm' || wanted === 'webgpu' ? wanted : undefined;

offerTraining(backend);
await startExploring(backend);
