/** Batch, layer and instance norm: x minus its mean over its deviation, then a scale and an offset per channel. */
import {
  add,
  broadcast,
  constant,
  div,
  mul,
  scale,
  shift,
  sqrt,
  square,
  sub,
  sum,
} from '../graph/construct.js';
import type { NodeId, Shape } from '../graph/graph.js';
import type { LayerModel, ParameterModel } from '../model/network.js';
import { parameter, type Surroundings } from './layers.js';

type NormModel = Extract<LayerModel, { kind: 'norm' }>;

export function normalise(layer: NormModel, x: NodeId, around: Surroundings): NodeId {
  const { builder, terms } = around;
  const shape = builder.shape(x);
  const channel = [shape.length - 1];
  const perChannel = (node: NodeId): NodeId => broadcast(builder, node, shape, channel);
  const { running } = layer;
  const { mean, variance, axes } =
    running !== undefined && terms.inputs.mode === 'output'
      ? {
          mean: parameter(running.mean, around),
          variance: parameter(running.variance, around),
          axes: channel,
        }
      : statistics(layer, x, around);
  if (running !== undefined && terms.inputs.mode === 'update') {
    follow(running.mean, mean, layer.momentum, around);
    follow(running.variance, variance, layer.momentum, around);
  }
  const spread = (node: NodeId): NodeId => broadcast(builder, node, shape, axes);
  const deviation = sqrt(builder, shift(builder, variance, layer.epsilon));
  const unit = div(builder, sub(builder, x, spread(mean)), spread(deviation));
  return add(
    builder,
    mul(builder, unit, perChannel(parameter(layer.scale, around))),
    perChannel(parameter(layer.offset, around)),
  );
}

/** Mean and variance (of the population) over the axes of this kind of norm, and the axes that are left. */
function statistics(layer: NormModel, x: NodeId, { builder }: Surroundings) {
  const shape = builder.shape(x);
  const reduced = reducedAxes(layer.over, shape);
  const axes = shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const count = reduced.reduce((product, axis) => product * shape[axis]!, 1);
  const average = (node: NodeId): NodeId => scale(builder, sum(builder, node, reduced), 1 / count);
  const mean = average(x);
  const variance = average(square(builder, sub(builder, x, broadcast(builder, mean, shape, axes))));
  return { mean, variance, axes };
}

function reducedAxes(over: NormModel['over'], shape: Shape): readonly number[] {
  const axes = shape.map((_, axis) => axis);
  switch (over) {
    case 'batch':
      return axes.slice(0, -1);
    case 'layer':
      return axes.slice(1);
    case 'instance':
      return axes.slice(1, -1);
    default:
      throw new Error(`internal: unknown norm ${String(over satisfies never)}`);
  }
}

/** running <- momentum running + (1 - momentum) of this batch; no gradient flows into it. */
function follow(buffer: ParameterModel, value: NodeId, momentum: number, around: Surroundings): void {
  const { builder, terms } = around;
  const old = parameter(buffer, around);
  const next = add(
    builder,
    scale(builder, old, momentum),
    mul(builder, builder.emit('stop', [value], {}), constant(builder, 1 - momentum)),
  );
  terms.inputs.moveBuffer(buffer.name, buffer.shape, next);
}
