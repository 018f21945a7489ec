/** Readers of option values; commander prints the refusal with the option's name. */
import { InvalidArgumentError, Option } from 'commander';
import type { Override } from '../../spec/override.js';

export function wholeNumber(least: number, most?: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > (most ?? Infinity)) {
      const range = most === undefined ? `of ${least} or more` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return value;
  };
}

export function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new InvalidArgumentError('It must be a whole number of 0 to 65535.');
}

/** `hyper.gamma=0.7`, appended to those before it. */
function override(text: string, before: readonly Override[]): readonly Override[] {
  const at = text.indexOf('=');
  const path = text.slice(0, at).trim();
  if (at < 1 || !/^[^\s.]+(\.[^\s.]+)*$/.test(path)) {
    throw new InvalidArgumentError(
      'It must be a key of the spec, = and a value, for example hyper.gamma=0.7.',
    );
  }
  return [...before, { path, value: text.slice(at + 1).trim() }];
}

/** `--set hyper.gamma=0.7`, as often as wanted. */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'change a value of the spec; may be repeated')
    .default([], 'nothing')
    .argParser(override);

export const dumpOption = (): Option =>
  new Option('--dump-after <pass>', 'print what the compiler holds after a pass, and stop there');
