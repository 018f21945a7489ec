/** The system of a recorded run, as a user would write it. */
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import type { BeganFixture } from './fixture.js';

/** `library` uses the library's objective, which trains with Adam; `written` spells the same equations out. */
function objective({ optimizer, gamma, lambdaK, k0 }: BeganFixture): string {
  switch (optimizer.kind) {
    case 'adam':
      return `
objective:
  use: began
  with:
    latents: shared
    gamma: ${gamma}
    lambda_k: ${lambdaK}
    k0: ${k0}
    rate: ${optimizer.rate}
    beta1: ${optimizer.beta1}
    beta2: ${optimizer.beta2}
    epsilon: ${optimizer.epsilon}
`;
    case 'sgd':
      return `
objective:
  let:
    fake: G(z)
    Lx: mean(abs(x - D(x)))
    Lg: mean(abs(fake - D(fake)))
  updates:
    - together:
        - name: discriminator
          minimize: Lx - k * Lg
          train: D
          optimizer: { sgd: { rate: ${optimizer.rate} } }
        - name: generator
          minimize: Lg
          train: G
          optimizer: { sgd: { rate: ${optimizer.rate} } }
  state:
    k:
      init: ${k0}
      next: clip(k + ${lambdaK} * (${gamma} * Lx - Lg), 0, 1)
  metrics:
    Lx: Lx
    Lg: Lg
    convergence: Lx + abs(${gamma} * Lx - Lg)
`;
    default:
      return optimizer satisfies never;
  }
}

export function beganSpec(fixture: BeganFixture): string {
  const { size, channels, filters, embedding, repeat, batch } = fixture.networks;
  const shared = `size: ${size}, channels: ${channels}, filters: ${filters}, repeat: ${repeat}, skip: true, carry: carry`;
  return `version: 1
data:
  x: { facesjs: 16, size: ${size} }
noise:
  z: { uniform: [-1, 1], shape: [${embedding}] }
schedules:
  carry: linear(1, 0, steps=${fixture.carrySteps})
networks:
  G: { use: began/decoder, with: { ${shared} } }
  D: { use: began/autoencoder, with: { ${shared}, embedding: ${embedding} } }
${objective(fixture).trim()}
outputs:
  generate: G(z)
train: { batch: ${batch}, steps: 1000, seed: ${fixture.seed} }
`;
}

/** Compiles a spec's text with its gradients exposed; throws what the compiler says where it refuses. */
export function compileSpec(text: string): Program {
  const { program, diagnostics } = compile({ name: 'parity.yaml', text }, folderLibrary(), {
    exposeGradients: true,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (program === undefined || errors.length > 0) {
    throw new Error(errors.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  }
  return program;
}
