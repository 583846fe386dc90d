/**
 * Gemmini programs played instruction by instruction against plain loops: products and convolutions of random shapes with
 * ragged tiles, on several configurations; sums equal to the last bit, elements after saturation.
 */
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import {
  type Convolution,
  convolution,
  elementSum,
  type Gemm,
  gemm,
} from '#core/techniques/exporter/gemmini/kernels.ts';
import type { Routine } from '#core/techniques/exporter/gemmini/loops.ts';
import { DEFAULT_PARAMETERS, type GemminiParameters } from '#core/techniques/exporter/gemmini/parameters.ts';
import { play, type Values } from '#core/techniques/exporter/gemmini/play.ts';

const int8 = (count: number, rng: Rng) => Int8Array.from({ length: count }, () => rng.below(256) - 128);
const int32 = (count: number, rng: Rng) => Int32Array.from({ length: count }, () => rng.below(20_001) - 10_000);
const saturated = (sum: number, relu: boolean) => Math.max(Math.min(Math.max(sum, -128), 127), relu ? 0 : -128);

const SMALL: GemminiParameters = { dim: 4, bankNum: 2, bankRows: 32, accRows: 16, elem: 'int8_t', acc: 'int32_t' };
const ODD: GemminiParameters = { ...SMALL, dim: 3, bankRows: 30, accRows: 18 };
const CONFIGURATIONS = [SMALL, ODD, { ...DEFAULT_PARAMETERS, bankRows: 64, accRows: 64 }, DEFAULT_PARAMETERS] as const;

function filled(routine: Routine, rng: Rng): Map<string, Values> {
  return new Map(
    routine.buffers.map(({ name, type, elements, isWritten }): [string, Values] => [
      name,
      isWritten
        ? new Int32Array(elements).fill(-(2 ** 30))
        : type === 'elem'
          ? int8(elements, rng)
          : int32(elements, rng),
    ]),
  );
}

function played(routine: Routine, parameters: GemminiParameters, memory: Map<string, Values>) {
  const made = play(routine, parameters, { memory });
  if (!made.ok) throw new Error(made.error);
  const dry = play(routine, parameters, { memory: null });
  expect(dry).toEqual(made);
  return made.value;
}

function plainGemm({ groups, m, n, k, bias, relu, scale }: Gemm, memory: Map<string, Values>): readonly number[] {
  const [a, b, d] = ['a', 'b', 'd'].map((name) => memory.get(name));
  const out: number[] = [];
  for (let g = 0; g < groups; g++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = bias ? d![j]! : 0;
        for (let x = 0; x < k; x++) sum += a![(g * m + i) * k + x]! * b![(g * k + x) * n + j]!;
        out.push(scale === null ? sum : saturated(sum, relu));
      }
  return out;
}

function plainConvolution(c: Convolution, memory: Map<string, Values>): readonly number[] {
  const [a, b, d] = ['a', 'b', 'd'].map((name) => memory.get(name));
  const depth = c.channels / c.groups;
  const out: number[] = [];
  for (let s = 0; s < c.batch; s++)
    for (let y = 0; y < c.result[0]; y++)
      for (let x = 0; x < c.result[1]; x++)
        for (let f = 0; f < c.filters; f++) {
          let sum = c.bias ? d![f]! : 0;
          const group = Math.floor(f / (c.filters / c.groups));
          for (let ky = 0; ky < c.kernel[0]; ky++)
            for (let kx = 0; kx < c.kernel[1]; kx++) {
              const iy = y * c.strides[0] + ky * c.dilations[0] - c.begins[0];
              const ix = x * c.strides[1] + kx * c.dilations[1] - c.begins[1];
              if (iy < 0 || ix < 0 || iy >= c.height || ix >= c.width) continue;
              for (let z = 0; z < depth; z++)
                sum +=
                  a![((s * c.height + iy) * c.width + ix) * c.channels + group * depth + z]! *
                  b![((ky * c.kernel[1] + kx) * depth + z) * c.filters + f]!;
            }
          out.push(c.scale === null ? sum : saturated(sum, c.relu));
        }
  return out;
}

describe('products', () => {
  it.each(CONFIGURATIONS.map((each) => [each.dim, each] as const))(
    'equal a plain product on a mesh of %i',
    (_, parameters) => {
      const rng = createRng(parameters.dim);
      for (let i = 0; i < 40; i++) {
        const extent = () => 1 + rng.below(parameters.dim * 4 + 3);
        const kernel: Gemm = {
          name: 'gemm',
          comment: '',
          groups: 1 + rng.below(3),
          m: extent(),
          n: extent(),
          k: extent(),
          bias: rng.below(2) === 0,
          relu: rng.below(2) === 0,
          scale: rng.below(2) === 0 ? null : 'ACC_SCALE_IDENTITY',
        };
        const routine = gemm(kernel, parameters);
        const memory = filled(routine, rng);
        const { stored } = played(routine, parameters, memory);
        expect([...memory.get('c')!], JSON.stringify(kernel)).toEqual(plainGemm(kernel, memory));
        // Every result is stored once.
        expect(stored).toBe(kernel.groups * kernel.m * kernel.n);
      }
    },
  );

  it('of 100 × 200 × 300 move A and B as often as the tile says', () => {
    const kernel: Gemm = {
      name: 'g',
      comment: '',
      groups: 1,
      m: 100,
      n: 200,
      k: 300,
      bias: false,
      relu: false,
      scale: null,
    };
    const routine = gemm(kernel, DEFAULT_PARAMETERS);
    const memory = filled(routine, createRng(5));
    const { loaded } = played(routine, DEFAULT_PARAMETERS, memory);
    // Half an accumulator holds 32 blocks: of 7 × 13 at best 7 × 4, so A is read 4 times and B once.
    expect(loaded).toBe(4 * 100 * 300 + 200 * 300);
    expect([...memory.get('c')!]).toEqual(plainGemm(kernel, memory));
  });
});

describe('convolutions', () => {
  it.each(CONFIGURATIONS.slice(0, 3).map((each) => [each.dim, each] as const))(
    'with strides, dilations, padding, groups and batch equal plain loops on a mesh of %i',
    (_, parameters) => {
      const rng = createRng(100 + parameters.dim);
      for (let i = 0; i < 40; i++) {
        const groups = [1, 1, 2, 3][rng.below(4)]!;
        const isDepthwise = rng.below(4) === 0;
        const channels = groups * (isDepthwise ? 1 : 1 + rng.below(7));
        const kernel: readonly [number, number] = [1 + rng.below(3), 1 + rng.below(3)];
        const strides: readonly [number, number] = [1 + rng.below(3), 1 + rng.below(3)];
        const dilations: readonly [number, number] = [1 + rng.below(2), 1 + rng.below(2)];
        const begins: readonly [number, number] = [rng.below(3), rng.below(4)];
        const ends = [rng.below(3), rng.below(4)];
        const [height, width] = [6 + rng.below(5), 6 + rng.below(12)];
        const result = [height, width].map(
          (extent, axis) =>
            Math.floor(
              (extent + begins[axis]! + ends[axis]! - dilations[axis]! * (kernel[axis]! - 1) - 1) / strides[axis]!,
            ) + 1,
        );
        const made: Convolution = {
          name: 'conv',
          comment: '',
          batch: 1 + rng.below(2),
          groups,
          channels,
          filters: groups * (1 + rng.below(6)),
          height,
          width,
          kernel,
          strides,
          dilations,
          begins,
          result: [result[0]!, result[1]!],
          bias: rng.below(2) === 0,
          relu: rng.below(2) === 0,
          scale: rng.below(2) === 0 ? null : 'ACC_SCALE_IDENTITY',
        };
        const routine = convolution(made, parameters);
        const memory = filled(routine, rng);
        played(routine, parameters, memory);
        expect([...memory.get('c')!], JSON.stringify(made)).toEqual(plainConvolution(made, memory));
      }
    },
  );
});

describe('sums of tensors', () => {
  it.each([1, 3, 4, 15, 16, 17, 64, 1000])('of %i elements equal plain sums', (elements) => {
    for (const parameters of CONFIGURATIONS)
      for (const operands of [1, 2] as const) {
        const routine = elementSum(
          { name: 's', comment: '', elements, operands, relu: operands === 1, scale: 'ACC_SCALE_IDENTITY' },
          parameters,
        );
        const memory = filled(routine, createRng(elements));
        played(routine, parameters, memory);
        const [a, b] = [memory.get('a')!, memory.get('b')];
        const expected = [...a].map((value, i) => saturated(value + (operands === 2 ? b![i]! : 0), operands === 1));
        expect([...memory.get('c')!]).toEqual(expected);
      }
  });
});

describe('the player', () => {
  const routine = gemm(
    { name: 'g', comment: '', groups: 1, m: 9, n: 9, k: 9, bias: true, relu: false, scale: null },
    SMALL,
  );
  it.each([
    ['a smaller scratchpad', { ...SMALL, bankRows: 8 }, /of the scratchpad, which has 16$/],
    ['a smaller accumulator', { ...SMALL, accRows: 8 }, /of the accumulator, which has 8$/],
    ['a smaller mesh', { ...SMALL, dim: 2 }, /on a mesh of 2$/],
  ])('finds what %s does not hold', (_, parameters, message) => {
    const made = play(routine, parameters, { memory: null });
    expect(made.ok).toBe(false);
    if (!made.ok) expect(made.error).toMatch(message);
  });

  it('finds reads of what was not written, and of what is not there', () => {
    const without = (kind: string) => {
      const strip = (body: Routine['body']): Routine['body'] =>
        body
          .filter((each) => each.kind !== kind)
          .map((each) => (each.kind === 'for' ? { ...each, body: strip(each.body) } : each));
      return { ...routine, body: strip(routine.body) };
    };
    expect(play(without('mvin'), SMALL, { memory: null })).toMatchObject({
      error: expect.stringMatching(/is read before|holds nothing/),
    });
    expect(play(without('config-ld'), SMALL, { memory: null })).toMatchObject({
      error: expect.stringMatching(/before its config_ld/),
    });
    expect(play(without('config-st'), SMALL, { memory: null })).toMatchObject({
      error: expect.stringMatching(/before its config_st/),
    });
    const short = { ...routine, buffers: routine.buffers.map((each) => ({ ...each, elements: each.elements - 1 })) };
    expect(play(short, SMALL, { memory: null })).toMatchObject({
      error: expect.stringMatching(/of \w, which has \d+$/),
    });
  });
});
