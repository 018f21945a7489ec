/** Arjovsky et al. 2017: the difference of mean scores is a distance only for critics of bounded slope. */
import { isScore, networkRead, readingsOf } from '../facts/readings.js';
import { lastActivationOf } from '../facts/last-activation.js';
import { slopesOf } from '../facts/slopes.js';
import type { Lint, LintFinding } from '../lint.js';

export const unboundedCritic: Lint = {
  severity: 'warning',
  find: (model) => {
    const slopes = slopesOf(model);
    return model.phases.flatMap(({ updates }) =>
      updates.flatMap((update): readonly LintFinding[] => {
        if (update.project !== undefined) return [];
        const readings = readingsOf(update.minimize);
        const critic = update.train
          .map(({ network }) => network)
          .find((network) => {
            const own = readings.filter(({ read }) => networkRead(read)?.network === network);
            return (
              own.length > 0 &&
              own.every(({ manner, read }) => manner === 'linear' && isScore(read)) &&
              lastActivationOf(network) === undefined &&
              !slopes.some((slope) => slope.update === update && slope.through.includes(network))
            );
          });
        if (critic === undefined) return [];
        return [
          {
            message: `Nothing bounds the slope of \`${critic.name}\`, and \`${update.name}\` minimises its plain score`,
            spans: [update.minimize.span],
            note: 'Without a bound the critic makes any difference of means larger by growing, and its gradients explode.',
            help: `Add a penalty, such as \`mean((norm(grad(${critic.name}(v), v), per=sample) - 1)**2)\`, or \`project: { clip: [-0.01, 0.01] }\`.`,
          },
        ];
      }),
    );
  },
};
