/** What an exported model says of its inputs: what to draw, or what examples to give. */
import type { FeedDeclaration, Program } from '../../../compiler/program.js';
import { classCount } from '../../../spec/data-classes.js';
import { evaluateHostExpression, type HostScope } from '../../training/host-expression.js';

export type InputMeaning =
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'categorical'; readonly classes: number }
  | { readonly kind: 'bernoulli'; readonly probability: number }
  /** Examples as training takes them from this stream. */
  | { readonly kind: 'data'; readonly stream: string }
  /** The classes of the examples of this stream. */
  | { readonly kind: 'labels'; readonly of: string; readonly classes: number | undefined };

export function inputMeaning({ source }: FeedDeclaration, program: Program, scope: HostScope): InputMeaning {
  switch (source.kind) {
    case 'data':
      return { kind: 'data', stream: source.stream };
    case 'labels': {
      const declaration = program.streams.get(source.of);
      return { kind: 'labels', of: source.of, classes: declaration && classCount(declaration.data) };
    }
    case 'noise': {
      const [first, second] = source.parameters.map((parameter) =>
        evaluateHostExpression(parameter, scope),
      ) as [number, number];
      switch (source.distribution) {
        case 'normal':
          return { kind: 'normal', mean: first, deviation: second };
        case 'uniform':
          return { kind: 'uniform', low: first, high: second };
        case 'categorical':
          return { kind: 'categorical', classes: first };
        case 'bernoulli':
          return { kind: 'bernoulli', probability: first };
        default:
          return source.distribution satisfies never;
      }
    }
    default:
      return source satisfies never;
  }
}

/** In a sentence. */
export function showMeaning(meaning: InputMeaning): string {
  switch (meaning.kind) {
    case 'normal':
      return `Noise: normal, of mean ${meaning.mean} and deviation ${meaning.deviation}.`;
    case 'uniform':
      return `Noise: uniform from ${meaning.low} to ${meaning.high}.`;
    case 'categorical':
      return `Noise: whole numbers below ${meaning.classes}, as likely as each other.`;
    case 'bernoulli':
      return `Noise: 1 with probability ${meaning.probability}, else 0.`;
    case 'data':
      return `Examples, as training takes them from ${meaning.stream}.`;
    case 'labels':
      return meaning.classes === undefined
        ? `The classes of examples of ${meaning.of}, as whole numbers from 0 on.`
        : `The classes of examples of ${meaning.of}: whole numbers below ${meaning.classes}.`;
    default:
      return meaning satisfies never;
  }
}
