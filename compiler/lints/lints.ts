/** All lints by name. A name without a rule does not compile. */
import type { LintTable } from './lint.js';
import { batchNormUnderPenalty } from './rules/batch-norm-under-penalty.js';
import { batchOfOne } from './rules/batch-of-one.js';
import { biasBeforeBatchNorm } from './rules/bias-before-batch-norm.js';
import { boundedScore } from './rules/bounded-score.js';
import { classOutOfRange } from './rules/class-out-of-range.js';
import { criticWithGenerator } from './rules/critic-with-generator.js';
import { eluUnderPenalty } from './rules/elu-under-penalty.js';
import { hingeAlwaysOn } from './rules/hinge-always-on.js';
import { largeRate } from './rules/large-rate.js';
import { logarithmOfProbability } from './rules/logarithm-of-probability.js';
import { mixingPerNumber } from './rules/mixing-per-number.js';
import { nothingToSample } from './rules/nothing-to-sample.js';
import { outputRange } from './rules/output-range.js';
import { parameterRange } from './rules/parameter-range.js';
import { scheduleBeyondRun } from './rules/schedule-beyond-run.js';
import { slopeNotPerSample } from './rules/slope-not-per-sample.js';
import { slowController } from './rules/slow-controller.js';
import { squashedLogits } from './rules/squashed-logits.js';
import { unboundedCritic } from './rules/unbounded-critic.js';
import { untrainedNetwork } from './rules/untrained-network.js';
import { windowBeyondRun } from './rules/window-beyond-run.js';

export const LINTS: LintTable = {
  'batch-norm-under-penalty': batchNormUnderPenalty,
  'elu-under-penalty': eluUnderPenalty,
  'slope-not-per-sample': slopeNotPerSample,
  'mixing-per-number': mixingPerNumber,
  'bounded-score': boundedScore,
  'squashed-logits': squashedLogits,
  'logarithm-of-probability': logarithmOfProbability,
  'unbounded-critic': unboundedCritic,
  'output-range': outputRange,
  'hinge-always-on': hingeAlwaysOn,
  'schedule-beyond-run': scheduleBeyondRun,
  'window-beyond-run': windowBeyondRun,
  'slow-controller': slowController,
  'parameter-range': parameterRange,
  'batch-of-one': batchOfOne,
  'bias-before-batch-norm': biasBeforeBatchNorm,
  'large-rate': largeRate,
  'untrained-network': untrainedNetwork,
  'nothing-to-sample': nothingToSample,
  'class-out-of-range': classOutOfRange,
  'critic-with-generator': criticWithGenerator,
};
