/** The readable text of a plan: what --dump-after plan prints. */
import { showIndexed } from './indexed-kernel.js';
import type { GraphPlan, Instruction, Launch, SourcePart } from './kernel.js';
import type { ProgramPlan } from './plan.js';
import { reachesOf } from './reach.js';

export function dumpPlan({ graphs, memory }: ProgramPlan): string {
  const parts = graphs.map(({ plan, offsets }) => dumpGraphPlan(plan, offsets));
  return [
    ...parts,
    `memory: state ${memory.stateBytes}, inputs and values ${memory.fixedBytes}, heap ${memory.heapBytes}, ` +
      `scratch ${memory.scratchBytes}, in all ${memory.plannedBytes} bytes; unfused ${memory.unfusedBytes}`,
    '',
  ].join('\n');
}

export function dumpGraphPlan(plan: GraphPlan, offsets: ReadonlyMap<number, number>): string {
  const lines = plan.launches.map((launch, at) => {
    const stored = new Set(
      reachesOf(launch.kernel).flatMap((reach) => (reach.stored ? [reach.parameter] : [])),
    );
    const places = launch.places
      .map(({ buffer, offset }, i) => {
        const { kind, name } = plan.buffers[buffer]!;
        const label = kind === 'heap' ? `#${buffer}` : `${kind} '${name}'`;
        const mark = launch.writes.includes(buffer) && stored.has(i) ? '=' : '';
        return `${mark}${label}${offset === 0 ? '' : `+${offset}`}@${offsets.get(buffer)! + offset * 4}`;
      })
      .join(' ');
    const why = launch.choice === undefined ? '' : ` (${launch.choice.because})`;
    return `  ${String(at).padStart(4)} ${showKernel(launch)}  ${places}  # ${launch.name}${why}`;
  });
  return [
    `plan ${plan.name} (${plan.launches.length} launches, ${plan.buffers.length} buffers)`,
    ...lines,
  ].join('\n');
}

function showKernel({ kernel, shape }: Launch): string {
  const tiles = kernel.tiles === 1 ? '' : ` in ${kernel.tiles} tiles`;
  const result = `[${shape.join()}]`;
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
      return `${kernel.kind} ${result} over [${kernel.domain.join()}]${tiles}: ${showOps(kernel.body.instructions)}`;
    case 'fill':
      return `fill ${result} with ${kernel.value}`;
    case 'reduction':
      return (
        `reduction ${result} ${kernel.combine} over ` +
        `[${kernel.domain.map((size, i) => (kernel.reduced[i] === true ? `${size}*` : size)).join()}]${tiles}: ` +
        `${showOps(kernel.prologue.instructions)}; ${showOps(kernel.epilogue.instructions)}`
      );
    case 'convolution':
      return (
        `convolution ${result} from ${showChannels(kernel.source)} channels, ` +
        `${kernel.rows.phases.length * kernel.columns.phases.length} phases, ${kernel.tileRows} rows${tiles}: ` +
        showOps(kernel.epilogue.instructions)
      );
    case 'filter_gradient':
      return (
        `filter gradient ${result} from [${kernel.batch},${kernel.outputSize.join()},${kernel.outputChannels}]` +
        `${showParts(kernel.input)}${tiles}`
      );
    case 'winograd':
      return (
        `winograd ${result} from ${showChannels(kernel.source)} channels, ${kernel.blockRows} rows of patches${tiles}` +
        `${kernel.keeps === undefined ? '' : `, windows to p${kernel.keeps}`}: ` +
        showOps(kernel.epilogue.instructions)
      );
    case 'winograd_filter':
      return `winograd filter ${result}${tiles}`;
    case 'winograd_filter_gradient':
      return (
        `winograd filter gradient ${result} from ` +
        `[${kernel.batch},${kernel.rows.output},${kernel.columns.output},${kernel.outputChannels}]` +
        `${kernel.readsWindows ? ' and kept windows' : showParts(kernel.input)}` +
        `, ${kernel.blocks} blocks of ${kernel.blockRows} rows of patches${tiles}`
      );
    case 'dot':
      return `dot ${result} from ${kernel.k}${tiles}: ${showOps(kernel.epilogue.instructions)}`;
    case 'gather':
    case 'scatter':
    case 'argsort':
      return `${kernel.kind} ${result} ${showIndexed(kernel)}${tiles}`;
    default:
      return kernel satisfies never;
  }
}

/** 48, or 24+24 of two parts. */
const showChannels = (parts: readonly SourcePart[]): string =>
  parts.map(({ channels }) => channels).join('+');

const showParts = (parts: readonly SourcePart[]): string =>
  parts.length === 1 ? '' : ` and ${showChannels(parts)} channels`;

function showOps(instructions: readonly Instruction[]): string {
  return instructions
    .map((instruction) => {
      switch (instruction.op) {
        case 'load':
          return `p${instruction.access.parameter}(${instruction.access.strides.join()})`;
        case 'constant':
          return String(instruction.value);
        case 'result':
          return 'result';
        default:
          return `${instruction.op}(${instruction.arguments.map((index) => `%${index}`).join()})`;
      }
    })
    .join(' ');
}
