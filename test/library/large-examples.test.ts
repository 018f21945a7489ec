/** The large examples compile, and have as many parameters as their papers' layers do, counted here by hand. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { verifyGraph } from '../../compiler/graph/verify.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { planProgram } from '../../compiler/plan/plan.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';

const FOLDER = new URL('../../examples/large/', import.meta.url);

/** A convolution with bias: kernel x kernel x from x to, and one number per output channel. */
const conv = (kernel: number, from: number, to: number): number => kernel * kernel * from * to + to;
const withoutBias = (kernel: number, from: number, to: number): number => kernel * kernel * from * to;
const dense = (from: number, to: number): number => from * to + to;
/** Scale and offset per channel. */
const norm = (channels: number): number => 2 * channels;

/** Residual blocks of WGAN-GP with 128 filters; `from` channels come in. */
const down = (from: number): number => conv(1, from, 128) + conv(3, from, 128) + conv(3, 128, 128);
const up = (): number => conv(1, 128, 128) + 2 * norm(128) + withoutBias(3, 128, 128) + conv(3, 128, 128);
const same = (): number => 2 * conv(3, 128, 128);
const residualCritic = down(3) + down(128) + 2 * same() + dense(128, 1);
const residualGenerator = (from: number): number =>
  dense(from, 4 * 4 * 128) + 3 * up() + norm(128) + conv(3, 128, 3);

/** BEGAN at 32 x 32: two scales; the skip doubles the channels of the second one's first convolution. */
const decoder = (n: number): number =>
  dense(64, 64 * n) + conv(3, n, n) + conv(3, n, n) + conv(3, 2 * n, n) + conv(3, n, n) + conv(3, n, 3);
const encoder = (n: number): number =>
  conv(3, 3, n) +
  conv(3, n, n) +
  conv(3, n, 2 * n) +
  conv(3, 2 * n, 2 * n) +
  conv(3, 2 * n, 3 * n) +
  dense(64 * 3 * n, 64);

/** A bottleneck between 64 channels with 16 inside. */
const bottleneck = conv(1, 64, 16) + conv(3, 16, 16) + conv(1, 16, 64);
const normedBottleneck =
  norm(64) + withoutBias(1, 64, 16) + norm(16) + withoutBias(3, 16, 16) + norm(16) + conv(1, 16, 64);

const EXPECTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'cifar-began.yaml': { G: decoder(128), D: encoder(128) + decoder(128) },
  'cifar-wgan-gp.yaml': { G: residualGenerator(128), D: residualCritic },
  'cifar-wgan-gp-acgan.yaml': {
    G: residualGenerator(128 + 10),
    // Layer norms: none in the first block, two in each of the other three.
    D: residualCritic + dense(128, 10) + 6 * norm(128),
  },
  'lsgan-112.yaml': {
    G:
      withoutBias(1, 1024, 7 * 7 * 256) +
      norm(256) +
      4 * (withoutBias(3, 256, 256) + norm(256)) +
      withoutBias(3, 256, 128) +
      norm(128) +
      withoutBias(3, 128, 64) +
      norm(64) +
      conv(3, 64, 3),
    D:
      conv(5, 3, 64) +
      withoutBias(5, 64, 128) +
      norm(128) +
      withoutBias(5, 128, 256) +
      norm(256) +
      withoutBias(5, 256, 512) +
      norm(512) +
      dense(7 * 7 * 512, 1),
  },
  'lsgan-characters.yaml': {
    // A row of 256 numbers for each of 3,740 classes, in both networks.
    G:
      3740 * 256 +
      withoutBias(1, 1024 + 256, 1024) +
      norm(1024) +
      withoutBias(1, 1024, 7 * 7 * 128) +
      norm(128 * 49) +
      withoutBias(5, 128, 128) +
      norm(128) +
      conv(5, 128, 1),
    D:
      3740 * 256 +
      conv(5, 1, 64) +
      withoutBias(5, 64 + 256, 64) +
      norm(64) +
      withoutBias(1, 7 * 7 * 64 + 256, 1024) +
      norm(1024) +
      dense(1024 + 256, 1),
  },
  'residual-101.yaml': {
    // Weighted layers: 1 + 33 * 3 + 1 = 101 in each.
    G: dense(128, 4 * 4 * 64) + 33 * normedBottleneck + norm(64) + conv(3, 64, 3),
    D: conv(3, 3, 64) + 33 * bottleneck + dense(4 * 4 * 64, 1),
  },
};

describe('large examples', () => {
  test('all are checked here', () => {
    expect(
      readdirSync(FOLDER)
        .filter((name) => name.endsWith('.yaml'))
        .sort(),
    ).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(Object.keys(EXPECTED))('%s compiles, verifies and has the parameters of its layers', (name) => {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    const { model, program, diagnostics } = compile({ name, text }, folderLibrary());
    expect(diagnostics).toEqual([]);
    for (const phase of program!.phases) verifyGraph(phase.graph);
    const counts = Object.fromEntries(
      model!.networks.map(({ name: network, parameters }) => [
        network,
        parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
      ]),
    );
    expect(counts).toEqual(EXPECTED[name]);
  });

  test('BEGAN with half the filters has the 2,173,126 parameters of the code that came before its paper', () => {
    expect(decoder(64) + encoder(64) + decoder(64)).toBe(2_173_126);
  });

  test('101 layers have weights in either network of residual-101', () => {
    const text = readFileSync(new URL('residual-101.yaml', FOLDER), 'utf8');
    const { model } = compile({ name: 'residual-101.yaml', text }, folderLibrary());
    const weights = model!.networks.map(({ parameters }) =>
      parameters.filter(({ name }) => name.endsWith('/weight')),
    );
    expect(weights.map(({ length }) => length)).toEqual([101, 101]);
  });

  test.runIf(process.env['HEAVY'])('the deepest one can be planned, and needs less than 4 GiB', () => {
    const text = readFileSync(new URL('residual-101.yaml', FOLDER), 'utf8');
    const { program } = compile({ name: 'residual-101.yaml', text }, folderLibrary());
    expect(planProgram(program!, optimize).memory.plannedBytes).toBeLessThan(2 ** 32);
  });
});
