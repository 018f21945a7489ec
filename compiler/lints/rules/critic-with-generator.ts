/** Goodfellow et al. 2014: each player changes its own parameters only. */
import type { Model, UpdateModel } from '../../model/model.js';
import type { NetworkModel } from '../../model/network.js';
import { reachableTerms, type Term } from '../../model/term.js';
import { callsOfUpdates } from '../facts/calls.js';
import type { Lint, LintFinding } from '../lint.js';

export const criticWithGenerator: Lint = {
  severity: 'warning',
  find: (model) =>
    callsOfUpdates(model).flatMap(({ update, calls }): readonly LintFinding[] => {
      const pair = calls.flatMap((call) => {
        const critic = call.network;
        if (!trains(update, critic)) return [];
        const made = networksIn(call.arguments).filter((network) => network !== critic);
        const generator = made.find((network) => trains(update, network));
        const own = generator && judgesAlone(model, critic, generator);
        return generator === undefined || own === undefined ? [] : [{ critic, generator, own }];
      })[0];
      if (pair === undefined) return [];
      const { critic, generator, own } = pair;
      return [
        {
          message: `\`${update.name}\` trains \`${critic.name}\` together with \`${generator.name}\`, which \`${critic.name}\` judges`,
          spans: [update.span],
          related: [{ message: `\`${critic.name}\` has an update of its own`, span: own.minimize.span }],
          note: `The generator should lower its loss by better samples. Here \`${critic.name}\` lowers it as well, by calling them good, and undoes what \`${own.name}\` taught it.`,
          help: `Let \`${update.name}\` train one of the two only.`,
        },
      ];
    }),
};

/** All of the network: a branch (InfoGAN's code) may well be trained by the generator's loss. */
const trains = ({ train }: UpdateModel, network: NetworkModel): boolean =>
  train.some((one) => one.network === network && one.parameters.length === network.parameters.length);

/** An update that shows `critic` what `generator` makes, and trains the critic without the generator. */
const judgesAlone = (model: Model, critic: NetworkModel, generator: NetworkModel): UpdateModel | undefined =>
  callsOfUpdates(model).find(
    ({ update, calls }) =>
      trains(update, critic) &&
      !trains(update, generator) &&
      calls.some((call) => call.network === critic && networksIn(call.arguments).includes(generator)),
  )?.update;

const networksIn = (terms: readonly Term[]): readonly NetworkModel[] =>
  reachableTerms(terms).flatMap((term) => (term.kind === 'network' ? [term.network] : []));
