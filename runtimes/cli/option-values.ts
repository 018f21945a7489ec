/** Readers of option values; commander prints the refusal with the option's name. */
import { InvalidArgumentError, Option } from 'commander';

export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of ${least} or more.`);
    }
    return value;
  };
}

/** `hyper.gamma=0.7` as [['hyper', 'gamma'], '0.7'], appended to those before it. */
export type Assignment = readonly [path: string, value: string];

function assignment(text: string, before: readonly Assignment[]): readonly Assignment[] {
  const at = text.indexOf('=');
  const path = text.slice(0, at).trim();
  if (at < 1 || !/^[A-Za-z_]\w*(\.\w+)*$/.test(path)) {
    throw new InvalidArgumentError(
      'It must be a key of the spec, = and a value, for example hyper.gamma=0.7.',
    );
  }
  return [...before, [path, text.slice(at + 1)]];
}

/** `--set hyper.gamma=0.7`, as often as wanted. */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'change a value of the spec; may be repeated')
    .default([], 'nothing')
    .argParser(assignment);
