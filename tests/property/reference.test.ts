/** Laws of the reference executor on random models: determinism, size of activations, and what tiles of an operator sum to. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { buildModel } from '#core/model/build.ts';
import { evaluateModel, evaluateOperator } from '#core/reference/evaluate.ts';
import { randomSource } from '#core/reference/source.ts';
import { numberArray, type TensorValues, tensorOf } from '#core/reference/values.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { randomModel } from '../support/random-model.ts';

const MODELS = 40;

function graphOf(document: ReturnType<typeof randomModel>) {
  const { graph, problems } = buildModel(document);
  if (!graph) throw new Error(problems.map(({ message }) => message).join('; '));
  return graph;
}

describe(`${MODELS} random models with random numbers`, () => {
  it('give the same bytes twice, other ones under another seed, and finite numbers only', () => {
    for (let i = 0; i < MODELS; i++) {
      const graph = graphOf(randomModel(createRng(i)));
      const run = (seed: number) => {
        const made = evaluateModel(graph, randomSource(graph, seed));
        if (!made.ok) throw new Error(made.error.message);
        return made.value;
      };
      const [first, again, other] = [run(1), run(1), run(2)];
      expect([...first.keys()].every((index) => graph.tensors[index]!.kind === 'output')).toBe(true);
      for (const [index, { data, type }] of first) {
        expect(again.get(index)!.data).toEqual(data);
        expect(data.every(Number.isFinite)).toBe(true);
        expect(data.length).toBe(type.shape.reduce((a, b) => a * b, 1));
      }
      expect(
        [...first].some(([index, { data }]) => data.some((value, at) => value !== other.get(index)!.data[at])),
      ).toBe(true);
    }
  });

  it('keepAll keeps every tensor, with the same outputs', () => {
    for (let i = 0; i < 10; i++) {
      const graph = graphOf(randomModel(createRng(i)));
      const source = randomSource(graph, 3);
      const [all, outputs] = [evaluateModel(graph, source, { keepAll: true }), evaluateModel(graph, source)];
      if (!all.ok || !outputs.ok) throw new Error('not evaluated');
      expect([...all.value.keys()].sort((a, b) => a - b)).toEqual(graph.tensors.map(({ index }) => index));
      for (const [index, { data }] of outputs.value) expect(all.value.get(index)!.data).toEqual(data);
    }
  });
});

it('activations keep their size through thirty convolutions', () => {
  const sketch = new Sketch();
  let at = sketch.add('input', 'image', { shape: [1, 16, 16, 16] });
  for (let i = 0; i < 30; i++) {
    at = sketch.add('conv', `conv ${i}`, { outChannels: 16 }, at);
    at = sketch.add('activation', `relu ${i}`, { function: 'relu' }, at);
  }
  sketch.add('output', 'result', {}, at);
  const graph = graphOf(sketch.document('model', 'deep'));
  const made = evaluateModel(graph, randomSource(graph, 5));
  if (!made.ok) throw new Error(made.error.message);
  const [{ data }] = [...made.value.values()] as [TensorValues];
  let squares = 0;
  for (const x of data) squares += x * x;
  const size = Math.sqrt(squares / data.length);
  expect(size).toBeGreaterThan(0.05);
  expect(size).toBeLessThan(20);
});

function evaluated(
  id: string,
  parameters: ParameterValues,
  inputs: readonly TensorValues[],
  weights: ReadonlyMap<string, TensorValues>,
): TensorValues {
  const type = operatorType(id)!;
  const complete = { ...defaultParameters(type.parameters), ...parameters };
  const types = inputs.map((each) => each.type);
  const outputs = type.infer(types, complete);
  if (!outputs.ok) throw new Error(outputs.error);
  const made = evaluateOperator(
    { type, parameters: complete, weights: type.weights(types, complete) },
    inputs,
    weights,
    outputs.value,
  );
  if (!made.ok) throw new Error(made.error.message);
  return made.value[0]!;
}

/** Part `from` … `to` of axis 1 or 0 of a tensor. */
function cut({ type, data }: TensorValues, axis: number, from: number, to: number): TensorValues {
  const inner = type.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const extent = type.shape[axis]!;
  const shape = type.shape.with(axis, to - from);
  const made = numberArray(
    type.elementType,
    shape.reduce((a, b) => a * b, 1),
  );
  for (let i = 0; i < made.length; i++) {
    const outer = Math.floor(i / ((to - from) * inner));
    made[i] = data[outer * extent * inner + from * inner + (i % ((to - from) * inner))]!;
  }
  return { type: { ...type, shape }, data: made };
}

describe('200 random convolutions of small integers, where every sum is exact', () => {
  const cases = Array.from({ length: 200 }, (_, i) => {
    const rng = createRng(i);
    const between = (low: number, high: number) => low + rng.below(high - low + 1);
    const whole = (shape: readonly number[]) =>
      tensorOf(
        'fp32',
        shape,
        Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => between(-8, 8)),
      );
    const groups = between(1, 3);
    const [depth, perGroup] = [between(1, 3), between(1, 3)];
    const kernel = [between(1, 3), between(1, 3)];
    const parameters = {
      outChannels: groups * perGroup,
      groups,
      kernel,
      strides: [between(1, 3), between(1, 3)],
      dilations: [between(1, 2), between(1, 2)],
      autoPad: 'explicit',
      pads: [between(0, 2), between(0, 2), between(0, 2), between(0, 2)],
      bias: false,
    };
    const x = whole([between(1, 2), groups * depth, between(5, 9), between(5, 9)]);
    return { parameters, groups, depth, perGroup, x, weight: whole([groups * perGroup, depth, ...kernel]) };
  });

  it('are the sum of the definition, element by element', () => {
    for (const { parameters, depth, perGroup, x, weight } of cases) {
      const made = evaluated('conv', parameters, [x], new Map([['weight', weight]]));
      const [batch, filters, height, width] = made.type.shape as [number, number, number, number];
      const [, channels, rows, columns] = x.type.shape as [number, number, number, number];
      const [kh, kw] = parameters.kernel as [number, number];
      const [sh, sw] = parameters.strides as [number, number];
      const [dh, dw] = parameters.dilations as [number, number];
      const [top, left] = parameters.pads as [number, number, number, number];
      let at = 0;
      for (let n = 0; n < batch; n++)
        for (let f = 0; f < filters; f++)
          for (let y = 0; y < height; y++)
            for (let z = 0; z < width; z++, at++) {
              let sum = 0;
              for (let c = 0; c < depth; c++)
                for (let i = 0; i < kh; i++)
                  for (let j = 0; j < kw; j++) {
                    const [row, column] = [y * sh - top + i * dh, z * sw - left + j * dw];
                    if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
                    const channel = Math.floor(f / perGroup) * depth + c;
                    const value = x.data[((n * channels + channel) * rows + row) * columns + column]!;
                    sum += value * weight.data[((f * depth + c) * kh + i) * kw + j]!;
                  }
              if (made.data[at] !== sum) throw new Error(`${JSON.stringify(parameters)} at ${at}`);
            }
    }
  });

  it('are their groups side by side', () => {
    for (const { parameters, groups, depth, perGroup, x, weight } of cases) {
      const whole = evaluated('conv', parameters, [x], new Map([['weight', weight]]));
      for (let g = 0; g < groups; g++) {
        const part = evaluated(
          'conv',
          { ...parameters, groups: 1, outChannels: perGroup },
          [cut(x, 1, g * depth, (g + 1) * depth)],
          new Map([['weight', cut(weight, 0, g * perGroup, (g + 1) * perGroup)]]),
        );
        expect(part).toEqual(cut(whole, 1, g * perGroup, (g + 1) * perGroup));
      }
    }
  });

  it('are the gradient of the transposed one: ⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩', () => {
    for (const { parameters, x, weight, groups } of cases) {
      const made = evaluated('conv', parameters, [x], new Map([['weight', weight]]));
      const rng = createRng(made.data.length);
      const y: TensorValues = { type: made.type, data: Float32Array.from(made.data, () => rng.below(9) - 4) };
      const back = evaluated(
        'conv-transpose',
        {
          ...parameters,
          outChannels: x.type.shape[1]!,
          // What the strides leave over at the end belongs to the input.
          outputPadding: [0, 1].map((axis) =>
            leftOver(x.type.shape[axis + 2]!, made.type.shape[axis + 2]!, parameters, axis),
          ),
          groups,
        },
        [y],
        new Map([['weight', weight]]),
      );
      const dot = (a: TensorValues, b: TensorValues) => {
        let sum = 0;
        for (const [i, value] of a.data.entries()) sum += value * b.data[i]!;
        return sum;
      };
      expect(back.type.shape).toEqual(x.type.shape);
      expect(dot(made, y)).toBe(dot(x, back));
    }
  });
});

function leftOver(
  extent: number,
  result: number,
  p: {
    readonly kernel: readonly number[];
    readonly strides: readonly number[];
    readonly dilations: readonly number[];
    readonly pads: readonly number[];
  },
  axis: number,
): number {
  const reach = (p.kernel[axis]! - 1) * p.dilations[axis]! + 1;
  return extent + p.pads[axis]! + p.pads[axis + 2]! - reach - (result - 1) * p.strides[axis]!;
}
