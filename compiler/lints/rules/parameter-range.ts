/** A parameter of the library outside what its file says it is made for, such as BEGAN's gamma outside (0, 1]. */
import { formatRange, inRange } from '../../model/parameter-range.js';
import type { Lint } from '../lint.js';

export const parameterRange: Lint = {
  severity: 'warning',
  find: (model) =>
    model.given.flatMap(({ entry, parameter, value, span }) =>
      parameter.range === undefined || inRange(value, parameter.range)
        ? []
        : [
            {
              message: `\`${parameter.name.value}\` of \`${entry}\` is ${value}, and should be ${formatRange(parameter.range)}`,
              spans: [span] as const,
              note: `\`${parameter.name.value}\`: ${parameter.description}`,
              help: `Choose a value ${formatRange(parameter.range)}.`,
            },
          ],
    ),
};
