/** Every op with its definition: a missing one is a type error. */
import type { OpName } from '../graph/graph.js';
import type { OpDefinition } from './op.js';
import { abs } from './abs.js';
import { add } from './add.js';
import { argsort } from './argsort.js';
import { broadcast } from './broadcast.js';
import { concat } from './concat.js';
import { constant } from './constant.js';
import { conv } from './conv.js';
import { conv_filter_gradient } from './conv_filter_gradient.js';
import { conv_input_gradient } from './conv_input_gradient.js';
import { div } from './div.js';
import { dot } from './dot.js';
import { elu } from './elu.js';
import { equal } from './equal.js';
import { exp } from './exp.js';
import { floor } from './floor.js';
import { gather } from './gather.js';
import { greater } from './greater.js';
import { greater_equal } from './greater_equal.js';
import { input } from './input.js';
import { log } from './log.js';
import { maximum } from './maximum.js';
import { minimum } from './minimum.js';
import { mul } from './mul.js';
import { neg } from './neg.js';
import { pad } from './pad.js';
import { pow } from './pow.js';
import { reduce_max } from './reduce_max.js';
import { reduce_sum } from './reduce_sum.js';
import { reshape } from './reshape.js';
import { scatter } from './scatter.js';
import { select } from './select.js';
import { sigmoid } from './sigmoid.js';
import { sign } from './sign.js';
import { slice } from './slice.js';
import { softplus } from './softplus.js';
import { sqrt } from './sqrt.js';
import { stop } from './stop.js';
import { sub } from './sub.js';
import { tanh } from './tanh.js';
import { transpose } from './transpose.js';

export const OPS: { readonly [K in OpName]: OpDefinition<K> } = {
  input,
  constant,
  neg,
  abs,
  sign,
  exp,
  log,
  sqrt,
  tanh,
  sigmoid,
  softplus,
  elu,
  floor,
  add,
  sub,
  mul,
  div,
  pow,
  maximum,
  minimum,
  greater,
  greater_equal,
  equal,
  select,
  broadcast,
  reshape,
  transpose,
  slice,
  pad,
  concat,
  reduce_sum,
  reduce_max,
  dot,
  conv,
  conv_input_gradient,
  conv_filter_gradient,
  gather,
  scatter,
  argsort,
  stop,
};
