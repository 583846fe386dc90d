/**
 * Whole networks as Gemmini C: compiled by the system's compiler against a stand-in for gemmini.h that computes, and run; the
 * results equal plain loops over the same numbers. Skipped where there is no C compiler.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { Document } from '#core/document/document.ts';
import { technique } from '#core/techniques/exporter/gemmini/technique.ts';
import { Sketch } from '#projects/examples/sketch.ts';

const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
const stand = resolve(import.meta.dirname, '../support/gemmini');
const PARAMETERS =
  '#define DIM 4\n#define BANK_NUM 2\n#define BANK_ROWS 64\n#define ACC_ROWS 32\ntypedef int8_t elem_t;\ntypedef int32_t acc_t;\n';

function exported(model: Document, header: string | null = PARAMETERS) {
  const files: Record<string, string> = header === null ? {} : { 'gemmini_params.h': header };
  const made = technique.export({ model, architecture: null, parameters: {}, files });
  if (!made.ok) throw new Error(made.error.message);
  return { ...made.value, text: new TextDecoder().decode(made.value.bytes) };
}

/** Compiles the program with `more` C after it, and gives what it prints as numbers. */
function run(text: string, more: string, flags: readonly string[]): readonly number[] {
  const folder = mkdtempSync(join(tmpdir(), 'weft-gemmini-'));
  try {
    writeFileSync(join(folder, 'p.c'), `${text}\n#include <stdio.h>\n${more}`);
    const built = spawnSync(
      compiler!,
      [
        '-std=gnu11',
        '-O1',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-Wno-unused-function',
        '-Wno-unused-variable',
        '-fsanitize=undefined',
        ...flags,
        `-I${stand}`,
        join(folder, 'p.c'),
        '-o',
        join(folder, 'p'),
        '-lm',
      ],
      { encoding: 'utf8' },
    );
    if (built.status !== 0) throw new Error(built.stderr.slice(0, 4000));
    const ran = spawnSync(join(folder, 'p'), { encoding: 'utf8' });
    if (ran.status !== 0 || ran.stderr !== '')
      throw new Error(`it ended with ${ran.status}: ${ran.stderr.slice(0, 2000)}`);
    return ran.stdout.trim().split(/\s+/).map(Number);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const numbers = (values: readonly number[]) => values.join(',');
const small = (count: number, rng: ReturnType<typeof createRng>, most: number): number[] =>
  Array.from({ length: count }, () => rng.below(2 * most + 1) - most);

/** Round half to even, saturate to int8, ReLU. */
function requantised(sum: number, scale: number, relu: boolean): number {
  const scaled = sum * scale;
  const below = Math.floor(scaled);
  const rounded = scaled - below === 0.5 ? below + (below % 2 === 0 ? 0 : 1) : Math.round(scaled);
  return Math.max(Math.min(Math.max(rounded, -128), 127), relu ? 0 : -128);
}

describe.skipIf(!compiler)(`a network ${compiler ? '' : '(skipped: no C compiler)'}`, () => {
  it('of convolutions, a sum and a product computes what plain loops do', () => {
    const sketch = new Sketch();
    const image = sketch.add('input', 'image', { shape: [2, 3, 9, 7] });
    const first = sketch.add('conv', 'first', { outChannels: 6, kernel: [3, 3], bias: false }, image);
    const norm = sketch.add('batch-norm', 'norm', {}, first);
    const relu = sketch.add('activation', 'relu', { function: 'relu' }, norm);
    const deep = sketch.add(
      'depthwise-conv',
      'deep',
      { kernel: [3, 3], strides: [2, 2], autoPad: 'explicit', pads: [1, 1, 1, 1] },
      relu,
    );
    const side = sketch.add(
      'conv',
      'side',
      { outChannels: 6, kernel: [1, 1], strides: [2, 2], autoPad: 'valid', bias: true },
      relu,
    );
    const sum = sketch.add('elementwise', 'sum', {}, deep, side);
    const flat = sketch.add('flatten', 'flat', {}, sum);
    sketch.add('output', 'out', {}, sketch.add('dense', 'scores', { units: 5 }, flat));
    const { text, problems } = exported(sketch.document('m', 'small net'));
    expect(problems.map(({ code }) => code)).toEqual(['gemmini.weights']);
    expect(text).toMatch(/5 operators on the mesh, 2 folded into them, 1 views, 0 on the host/);

    const rng = createRng(8);
    const shapes = [...text.matchAll(/^extern const (elem|acc)_t (\w+)\[(\d+)\];/gm)];
    const data = new Map(
      shapes.map(([, type, name, count]) => [name!, small(Number(count), rng, type === 'elem' ? 9 : 60)]),
    );
    const input = small(2 * 9 * 7 * 3, rng, 60);
    const define = shapes.map(
      ([, type, name, count]) => `const ${type}_t ${name}[${count}] = {${numbers(data.get(name!)!)}};`,
    );
    const [, entry] = /^void (\w+)\(/m.exec(text)!;
    const main = `${define.join('\n')}
int main(void) {
  static const elem_t x[] = {${numbers(input)}};
  static elem_t y[10];
  ${entry}(x, y);
  for (int i = 0; i < 10; i++) printf("%d ", y[i]);
  return 0;
}`;
    const scales = [...text.matchAll(/^#ifndef (SCALE_\w+)/gm)].map(([, name]) => name!);
    expect(scales).toHaveLength(5);
    const factor = 1 / 16;
    const result = run(text, main, [
      '-DDIM=4',
      '-DBANK_NUM=2',
      '-DBANK_ROWS=64',
      '-DACC_ROWS=32',
      ...scales.map((name) => `-D${name}=0.0625f`),
    ]);

    const get = (pattern: RegExp) => data.get([...data.keys()].find((name) => pattern.test(name))!)!;
    const conv = (
      x: readonly number[],
      [h, w, c]: readonly [number, number, number],
      k: number,
      s: number,
      pad: number,
      f: number,
      groups: number,
      weights: readonly number[],
      bias: readonly number[],
      isRelu: boolean,
    ) => {
      const [oh, ow] = [Math.floor((h + 2 * pad - k) / s) + 1, Math.floor((w + 2 * pad - k) / s) + 1];
      const out: number[] = [];
      for (let n = 0; n < 2; n++)
        for (let y = 0; y < oh; y++)
          for (let xx = 0; xx < ow; xx++)
            for (let o = 0; o < f; o++) {
              let total = bias[o]!;
              for (let i = 0; i < k; i++)
                for (let j = 0; j < k; j++)
                  for (let z = 0; z < c / groups; z++) {
                    const [iy, ix] = [y * s + i - pad, xx * s + j - pad];
                    if (iy < 0 || ix < 0 || iy >= h || ix >= w) continue;
                    const channel = Math.floor(o / (f / groups)) * (c / groups) + z;
                    total +=
                      x[((n * h + iy) * w + ix) * c + channel]! * weights[((i * k + j) * (c / groups) + z) * f + o]!;
                  }
              out.push(requantised(total, factor, isRelu));
            }
      return out;
    };
    const a = conv(input, [9, 7, 3], 3, 1, 1, 6, 1, get(/^w.*first/), get(/^b.*first/), true);
    const b = conv(a, [9, 7, 6], 3, 2, 1, 6, 6, get(/^w.*deep/), get(/^b.*deep/), false);
    const c = conv(a, [9, 7, 6], 1, 2, 0, 6, 1, get(/^w.*side/), get(/^b.*side/), false);
    const d = b.map((value, i) => requantised(value + c[i]!, factor, false));
    const expected: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let u = 0; u < 5; u++) {
        let total = get(/^b.*scores/)[u]!;
        // The model flattens N, C, H, W; the picture lies as N, H, W, C.
        for (let z = 0; z < 6; z++)
          for (let p = 0; p < 20; p++) total += d[(n * 20 + p) * 6 + z]! * get(/^w.*scores/)[(z * 20 + p) * 5 + u]!;
        expected.push(requantised(total, factor, false));
      }
    expect(new Set(expected).size).toBeGreaterThan(3);
    expect(result).toEqual(expected);
  }, 60_000);

  it('with operators Gemmini has no instruction for calls host functions, row-major', () => {
    const sketch = new Sketch();
    const image = sketch.add('input', 'image', { shape: [1, 4, 6, 6] });
    const pool = sketch.add(
      'pool',
      'pool',
      { kernel: [2, 2], strides: [2, 2] },
      sketch.add('conv', 'c', { outChannels: 5, kernel: [1, 1], bias: false }, image),
    );
    sketch.add('output', 'out', {}, pool);
    const { text, problems } = exported(sketch.document('m', '2 pools'));
    expect(problems.map(({ code }) => code)).toEqual(['gemmini.host', 'gemmini.weights']);
    const rng = createRng(9);
    const [weights, input] = [small(20, rng, 2), small(4 * 36, rng, 15)];
    const [, host] = /extern void (host_pool\w*)\(/.exec(text)!;
    const [, name] = /extern const elem_t (\w+)\[20\]/.exec(text)!;
    const result = run(
      text,
      `const elem_t ${name}[20] = {${numbers(weights)}};
void ${host}(const elem_t *x, elem_t *y) {
  for (int c = 0; c < 5; c++) for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) {
    elem_t m = -128;
    for (int a = 0; a < 4; a++) { elem_t v = x[(c * 6 + 2 * i + a / 2) * 6 + 2 * j + a % 2]; if (v > m) m = v; }
    y[(c * 3 + i) * 3 + j] = m;
  }
}
int main(void) {
  static const elem_t x[] = {${numbers(input)}};
  static elem_t y[45];
  model_2_pools(x, y);
  for (int i = 0; i < 45; i++) printf("%d ", y[i]);
  return 0;
}`,
      ['-DDIM=4', '-DBANK_NUM=2', '-DBANK_ROWS=64', '-DACC_ROWS=32'],
    );
    const expected: number[] = [];
    for (let o = 0; o < 5; o++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          const values = [0, 1, 2, 3].map((at) => {
            const p = (2 * i + Math.floor(at / 2)) * 6 + 2 * j + (at % 2);
            let total = 0;
            for (let z = 0; z < 4; z++) total += input[p * 4 + z]! * weights[z * 5 + o]!;
            return requantised(total, 1, false);
          });
          expected.push(Math.max(...values));
        }
    expect(result).toEqual(expected);
  }, 60_000);

  it('refuses to compile for another mesh', () => {
    const sketch = new Sketch();
    sketch.add('output', 'o', {}, sketch.add('dense', 'd', { units: 3 }, sketch.add('input', 'i', { shape: [2, 4] })));
    const { text } = exported(sketch.document('m', 'm'));
    expect(() => run(text, 'int main(void) { return 0; }', [])).toThrow(/made for DIM 4/);
  }, 60_000);
});

describe('parameters', () => {
  it.each([
    ['#define DIM sixteen\n', "gemmini_params.h, line 1: DIM must be a whole number, not 'sixteen'"],
    ['#define BANK_NUM 4\n', 'gemmini_params.h: there is no #define DIM; is it a gemmini_params.h?'],
    [
      '#define DIM 8\ntypedef bfloat elem_t;\n',
      'gemmini_params.h, line 2: elem_t is bfloat; it must be one of int8_t, int16_t, int32_t, float',
    ],
    ['#define DIM 8\n#define ACC_ROWS 8\n', 'gemmini_params.h: the memories hold less than two tiles of 8 rows'],
  ])('of %j are refused', (header, message) => {
    const sketch = new Sketch();
    sketch.add('output', 'o', {}, sketch.add('dense', 'd', { units: 3 }, sketch.add('input', 'i', { shape: [2, 4] })));
    const model = sketch.document('m', 'm');
    const made = technique.export({ model, architecture: null, parameters: {}, files: { 'gemmini_params.h': header } });
    expect(made).toMatchObject({ ok: false, error: { message } });
  });
});
