/** A network that losses read and nothing trains. */
import { callsOfUpdates } from '../facts/calls.js';
import type { Lint, LintFinding } from '../lint.js';

export const untrainedNetwork: Lint = {
  severity: 'warning',
  find: (model) => {
    const trained = new Set(
      model.phases.flatMap(({ updates }) =>
        updates.flatMap(({ train }) => train.map(({ network }) => network)),
      ),
    );
    const read = callsOfUpdates(model).flatMap(({ update, calls }) =>
      calls.map((call) => ({ update, network: call.network })),
    );
    const found = new Map<string, LintFinding>();
    for (const { update, network } of read) {
      const untrained =
        !trained.has(network) && network.average === undefined && network.parameters.length > 0;
      if (!untrained || found.has(network.name)) continue;
      found.set(network.name, {
        message: `No update trains \`${network.name}\``,
        spans: [network.span],
        related: [{ message: `\`${update.name}\` reads it`, span: update.minimize.span }],
        note: 'It keeps the weights it starts with.',
        help: `Add \`${network.name}\` to the \`train\` of an update.`,
      });
    }
    return [...found.values()];
  },
};
