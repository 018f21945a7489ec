/** What an output can be told when it is sampled: classes and numbers that would otherwise be drawn (`--y 3 --c1 -2..2`). */
import { classCount } from '../../spec/data-classes.js';
import { enumerate, quote } from '../../spec/diagnostics/quote.js';
import { suggest } from '../../spec/diagnostics/suggest.js';
import type { DataSpec } from '../../spec/spec.js';
import type { Program, ProgramGraph } from '../../compiler/program.js';
import type { FixedNumber } from '../training/generate.js';
import type { ClassNames } from './class-names.js';
import { formatCount } from './format-number.js';
import { refuseOption } from './refuse-option.js';

/** `--c1 -2..2` as it was written. */
export interface WrittenInput {
  /** `c1`, or `c1.2` for one number of several. */
  readonly name: string;
  readonly value: string;
}

/** Something an output draws that can be chosen instead. */
interface SampleInput {
  readonly name: string;
  /** Feeds that hold it: its fresh draws are set as well. */
  readonly feeds: readonly string[];
  /** Numbers of one sample. */
  readonly size: number;
  /** Of class numbers. */
  readonly classes?: Classes | undefined;
}

interface Classes {
  readonly count: number;
  /** What they are called, where that is known. */
  readonly names: readonly string[];
  /** 0 and 1, rather than classes. */
  readonly bits?: boolean;
}

export interface SamplePlan {
  readonly count: number;
  /** Of the grid; undefined where no range says it. */
  readonly columns: number | undefined;
  readonly fixed: readonly FixedNumber[];
  readonly drawOf: (sample: number) => number;
  /** What was chosen, in words: `y 3`, `c1 -2..2 across`. */
  readonly said: readonly string[];
}

/** Rows of a grid whose columns are a range. */
const ROWS = 8;
/** Steps from one end of a range of numbers to the other. */
const STEPS = 8;

/** What `output` draws, by the names of the spec: noises, and streams like `y: { labels: x }`. */
export function sampleInputs(
  { streams }: Pick<Program, 'streams'>,
  output: ProgramGraph,
  data: ReadonlyMap<string, DataSpec>,
  classNames: ClassNames,
): readonly SampleInput[] {
  const inputs = new Map<string, SampleInput>();
  for (const { name: feed, shape, source } of output.feeds) {
    switch (source.kind) {
      case 'data':
        break;
      case 'labels': {
        const declaration = streams.get(source.of);
        const count = declaration && classCount(declaration.data);
        if (count === undefined) break;
        const classes = { count, names: classNames[source.of] ?? [] };
        for (const [name, spec] of data) {
          if (spec.kind !== 'labels' || spec.of.value !== source.of) continue;
          inputs.set(name, { name, feeds: [feed], size: 1, classes });
        }
        break;
      }
      case 'noise': {
        // A draw of a layer is not the user's to name.
        const [name = feed] = feed.split('#');
        if (name.includes('/')) break;
        const size = shape.slice(1).reduce((product, length) => product * length, 1);
        const feeds = [...(inputs.get(name)?.feeds ?? []), feed];
        inputs.set(name, { name, feeds, size, classes: classesOf(source) });
        break;
      }
      default:
        source satisfies never;
    }
  }
  return [...inputs.values()];
}

function classesOf(
  source: Extract<ProgramGraph['feeds'][number]['source'], { kind: 'noise' }>,
): Classes | undefined {
  if (source.distribution === 'bernoulli') return { count: 2, names: [], bits: true };
  if (source.distribution !== 'categorical') return undefined;
  const [classes] = source.parameters;
  if (classes.kind !== 'number') throw new Error('internal: a number of classes that is not known');
  return { count: classes.value, names: [] };
}

/**
 * `--y 3`, `--c1=-2..2`: what commander leaves over because it is no option of the command. `operands` are the words between.
 * Throws DiagnosticError run/option.
 */
export function readInputs(words: readonly string[]): {
  readonly operands: readonly string[];
  readonly inputs: readonly WrittenInput[];
} {
  const operands: string[] = [];
  const inputs: WrittenInput[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const option = /^--([^=]+)(?:=(.*))?$/s.exec(word);
    if (option === null) {
      operands.push(word);
      continue;
    }
    const name = option[1]!;
    const value = option[2] ?? words[++i];
    if (value === undefined || value.startsWith('--')) {
      throw refuseOption(
        `\`--${name}\` has no value`,
        `Write \`--${name} 3\`, or a range: \`--${name} 0..9\`.`,
      );
    }
    inputs.push({ name, value });
  }
  return { operands, inputs };
}

/** One value, or several for the columns or rows of a grid. */
interface Choice {
  readonly input: SampleInput;
  readonly element: number;
  readonly written: WrittenInput;
  readonly values: readonly number[];
  readonly isRange: boolean;
}

/**
 * What is fixed, and how a grid is laid out: the first range goes across, and everything else is the same in a row; a second
 * one goes down, and everything else is the same in all pictures.
 *
 * @param count samples that were asked for; undefined where nothing was
 * @param options other options of the command, for suggestions
 * Throws DiagnosticError run/option.
 */
export function planSamples(
  output: {
    readonly name: string;
    readonly inputs: readonly SampleInput[];
    readonly reads: readonly string[];
  },
  written: readonly WrittenInput[],
  count: number | undefined,
  usual: number,
  options: readonly string[],
): SamplePlan {
  const choices = written.map((one) => choose(output, one, options));
  const twice = choices.find(({ input, element }, i) =>
    choices.slice(0, i).some((other) => other.input === input && other.element === element),
  );
  if (twice !== undefined) {
    throw refuseOption(`\`--${twice.written.name}\` is given twice`, 'Leave one of them out.');
  }
  const [across, down, third] = choices.filter(({ isRange }) => isRange);
  if (third !== undefined) {
    throw refuseOption(
      `\`--${third.written.name} ${third.written.value}\` is a third range, and a grid has two directions`,
      'Give one value instead of one of the ranges.',
    );
  }
  const columns = across?.values.length;
  if (down !== undefined && count !== undefined) {
    throw refuseOption(
      '`--count` cannot be given beside two ranges, which say the number of samples',
      'Leave `--count` out.',
    );
  }
  const total = (down?.values.length ?? ROWS) * (columns ?? 0);
  const placeOf = (choice: Choice) => (sample: number) => {
    if (choice === across) return choice.values[sample % choice.values.length]!;
    if (choice === down) return choice.values[Math.floor(sample / columns!)]!;
    return choice.values[0]!;
  };
  return {
    count: count ?? (columns === undefined ? usual : total),
    columns,
    fixed: choices.flatMap((choice) =>
      choice.input.feeds.map((feed) => ({ feed, element: choice.element, value: placeOf(choice) })),
    ),
    drawOf: (sample) =>
      down !== undefined ? 0 : columns === undefined ? sample : Math.floor(sample / columns),
    said: choices.map(({ written: { name, value }, isRange }, i) => {
      const direction = choices[i] === across ? ' across' : choices[i] === down ? ' down' : '';
      return `${name} ${value}${isRange ? direction : ''}`;
    }),
  };
}

function choose(
  { name: output, inputs, reads }: Parameters<typeof planSamples>[0],
  written: WrittenInput,
  options: readonly string[],
): Choice {
  const dot = written.name.lastIndexOf('.');
  const name = dot === -1 ? written.name : written.name.slice(0, dot);
  const input = inputs.find((known) => known.name === name);
  if (input === undefined) {
    const names = inputs.map((known) => known.name);
    const meant = suggest(name, [...names, ...options]);
    throw refuseOption(
      reads.includes(name)
        ? `\`${name}\` is data: one number or class cannot stand for it`
        : `The output \`${output}\` draws nothing called ${quote(name)}`,
      meant !== undefined
        ? `Did you mean \`--${meant}\`?`
        : names.length === 0
          ? 'It draws nothing that can be chosen.'
          : `It draws ${enumerate(names)}.`,
    );
  }
  const element = dot === -1 ? undefined : Number(written.name.slice(dot + 1));
  if (
    element === undefined
      ? input.size > 1
      : !(Number.isInteger(element) && element >= 0 && element < input.size)
  ) {
    throw refuseOption(
      element === undefined
        ? `\`${name}\` has ${formatCount(input.size)} numbers in every sample`
        : `\`${name}\` has no number ${quote(written.name.slice(dot + 1))}`,
      input.size === 1
        ? `It has one: write \`--${name}\`.`
        : `Say which one: \`--${name}.0\` to \`--${name}.${input.size - 1}\`.`,
    );
  }
  const ends = /^(.+?)\.\.(.+)$/.exec(written.value);
  const read = (text: string): number =>
    input.classes === undefined ? readNumber(written, text) : readClass(written, text, input.classes);
  const values =
    ends === null ? [read(written.value)] : range(read(ends[1]!), read(ends[2]!), input, written);
  return { input, element: element ?? 0, written, values, isRange: ends !== null };
}

function range(first: number, last: number, input: SampleInput, written: WrittenInput): readonly number[] {
  if (first === last) {
    throw refuseOption(
      `The range \`--${written.name} ${written.value}\` has one value`,
      `Write \`--${written.name} ${written.value.split('..')[0]!}\`, or two different ends.`,
    );
  }
  const steps = input.classes === undefined ? STEPS - 1 : Math.abs(last - first);
  return Array.from({ length: steps + 1 }, (_, i) => first + ((last - first) * i) / steps);
}

function readNumber({ name, value }: WrittenInput, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw refuseOption(
    `\`--${name}\` must be a number or a range, and is ${quote(value)}`,
    `Write \`--${name} 0.5\` or \`--${name} -2..2\`.`,
  );
}

/** A class by its name, else by its number. */
function readClass(
  { name, value }: WrittenInput,
  text: string,
  { count, names, bits = false }: Classes,
): number {
  const named = names.indexOf(text);
  if (named !== -1) return named;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number < count) return number;
  if (bits) {
    throw refuseOption(
      `\`--${name}\` must be 0, 1 or the range 0..1, and is ${quote(value)}`,
      `Write \`--${name} 1\` or \`--${name} 0..1\`.`,
    );
  }
  const last = count - 1;
  const known = names.filter((known) => !/^\d+$/.test(known));
  const meant = suggest(text, known);
  throw refuseOption(
    Number.isNaN(number)
      ? `\`--${name}\` must be a class or a range of classes, and is ${quote(value)}`
      : `\`--${name} ${value}\` is outside the ${formatCount(count)} classes`,
    meant !== undefined
      ? `Did you mean ${quote(meant)}?`
      : `Classes are numbered 0 to ${last}: write \`--${name} ${last}\` or \`--${name} 0..${last}\`.` +
          (known.length > 0 && known.length <= 20 ? ` They are called ${enumerate(known)}.` : ''),
  );
}
