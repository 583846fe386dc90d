import { describe, expect, it } from 'vitest';
import { evaluate } from '#core/mapping/evaluate.ts';
import { gemm } from '#core/mapping/workload.ts';
import { formatTimeloopMapping } from './export.ts';
import { importTimeloop } from './import.ts';

const NODES = `
architecture:
  version: 0.4
  nodes:
  - !Component
    name: DRAM
    class: DRAM
    attributes: {width: 64, datawidth: 8}
  - !Component {name: buffer, class: SRAM, attributes: {depth: 1024, width: 64, datawidth: 8, read_bandwidth: 16, multiple_buffering: 2}}
  - !Container
    name: PE
    spatial: {meshX: 4, meshY: 2}
  - !Component {name: registers, class: regfile, attributes: {depth: 64, width: 8, datawidth: 8}}
  - !Component {name: mac, class: intmac, attributes: {datawidth: 8}}
`;
const PROBLEM = 'problem: {shape: gemm_ABZ, instance: {M: 8, N: 6, K: 4}}';
const MAPPING = `
mapping:
- {target: DRAM, type: temporal, factors: [M=2], permutation: [M]}
- {target: PE, type: spatial, factors: "M=4,K=2", permutation: [N, M, K], split: 2}
- {target: registers, type: temporal, factors: "N6 K2", permutation: "NKM"}
- {target: registers, type: dataspace, keep: [A], bypass: [B, Z]}
`;
const file = (text: string) => ({ name: 'file.yaml', text });

function read(...texts: readonly string[]) {
  const result = importTimeloop(texts.map(file));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function refused(...texts: readonly string[]): string {
  const result = importTimeloop(texts.map(file));
  return result.ok ? 'taken' : `${result.error.code}: ${result.error.message}`;
}

describe('a v0.4 architecture of nodes', () => {
  const { tree } = read(NODES, PROBLEM);
  it('has its components inside one another, a container as a level that keeps nothing', () => {
    expect(tree.levels.map(({ name, instances, meshX, isDummy }) => [name, instances, meshX, isDummy])).toEqual([
      ['registers', 8, 4, false],
      ['inter_PE_spatial', 1, 1, true],
      ['buffer', 1, 1, false],
      ['DRAM', 1, 1, false],
    ]);
    expect(tree.compute).toMatchObject({ name: 'mac', instances: 8, meshX: 4, meshY: 2 });
  });
  it('counts words: a row of 64 bits is a block of 8 words', () => {
    expect(tree.levels[2]).toMatchObject({
      capacityWords: 8192,
      blockSize: 8,
      clusterSize: 1,
      multipleBuffering: 2,
      readBandwidth: 16,
    });
    expect(tree.levels[3]).toMatchObject({ capacityWords: null, isDram: true });
  });
  it("has Timeloop's own energies without a table, and the table's with one", () => {
    // DRAM: 200 per 16 bits.
    expect(tree.levels[3]!.energy.read).toBe(800);
    const table =
      'ERT: {tables: [{name: "system.buffer[1..1]", actions: [{name: read, energy: 4.5}, {name: write, energy: 5}]}]}';
    const { tree: priced, problems } = read(NODES, PROBLEM, table);
    expect(priced.levels[2]!.energy).toEqual({ read: 4.5, fill: 5, update: 5 });
    expect(problems.map(({ message }) => message)).toContain(
      "registers is not in the ERT; its energies are Timeloop's own",
    );
  });
});

describe('a mapping', () => {
  const { mapping, tree, workload } = read(NODES, PROBLEM, MAPPING);
  it('is filled in where it says nothing', () => {
    expect(workload).toEqual(gemm({ M: 8, N: 6, K: 4 }));
    expect(mapping!.levels[0]).toMatchObject({
      temporal: [1, 6, 2],
      temporalOrder: [1, 2, 0],
      keep: [true, false, false],
    });
    expect(mapping!.levels[1]).toMatchObject({
      spatial: [4, 1, 2],
      spatialOrder: [1, 0, 2],
      split: 2,
      keep: [false, false, false],
    });
    expect(mapping!.levels[2]).toMatchObject({ temporal: [1, 1, 1], split: 0, keep: [true, true, true] });
    expect(mapping!.levels[3]).toMatchObject({ temporal: [2, 1, 1], temporalOrder: [1, 2, 0] });
  });
  it('is the same after it was written', () => {
    expect(read(NODES, PROBLEM, formatTimeloopMapping(tree, workload, mapping!)).mapping).toEqual(mapping);
  });
});

/**
 * The Eyeriss-like design and its reference output of Accelergy-Project/timeloop-accelergy-exercises (example_designs):
 * containers, memories in parallel, every data space passing by most levels, halos, stride 2.
 */
const EYERISS = `
architecture:
  version: 0.4
  nodes:
  - !Component {name: DRAM, class: DRAM, attributes: {width: 64, datawidth: 8}}
  - !Component
    name: shared_glb
    class: smartbuffer_SRAM
    attributes: {depth: 16384, width: 64, datawidth: 8, read_bandwidth: 16, write_bandwidth: 16}
  - !Container {name: PE_column, spatial: {meshX: 14}}
  - !Container {name: PE, spatial: {meshY: 12}}
  - !Parallel
    nodes:
    - !Component {name: ifmap_spad, class: smartbuffer_RF, attributes: {depth: 12, width: 16, datawidth: 8}}
    - !Component {name: weights_spad, class: smartbuffer_RF, attributes: {depth: 192, width: 16, datawidth: 8}}
    - !Component {name: psum_spad, class: smartbuffer_RF, attributes: {depth: 16, width: 16, datawidth: 16}}
  - !Component {name: mac, class: intmac}
problem:
  shape:
    name: conv2D
    dimensions: [C, M, R, S, N, P, Q]
    coefficients: [{name: Wstride, default: 1}, {name: Hstride, default: 1}]
    data_spaces:
    - {name: Weights, projection: [[[C]], [[M]], [[R]], [[S]]]}
    - {name: Inputs, projection: [[[N]], [[C]], [[R], [P, Wstride]], [[S], [Q, Hstride]]]}
    - {name: Outputs, projection: [[[N]], [[M]], [[Q]], [[P]]], read_write: true}
  instance: {C: 3, M: 32, N: 1, P: 112, Q: 112, R: 3, S: 3, Wstride: 2, Hstride: 2}
mapping:
- {target: psum_spad, type: datatype, keep: [Outputs], bypass: [Weights, Inputs]}
- {target: weights_spad, type: datatype, keep: [Weights], bypass: [Inputs, Outputs]}
- {target: ifmap_spad, type: datatype, keep: [Inputs], bypass: [Weights, Outputs]}
- {target: shared_glb, type: datatype, keep: [Inputs, Outputs], bypass: [Weights]}
- {target: psum_spad, type: temporal, factors: C1 M2 R1 S1 N1 P1 Q1, permutation: MCRSNPQ}
- {target: PE, type: spatial, factors: C3 M1 R1 S3 N1 P1 Q1, permutation: SCMRNPQ, split: 0}
- {target: PE_column, type: spatial, factors: C1 M8 R1 S1 N1 P1 Q1, permutation: MCRSNPQ, split: 1}
- {target: shared_glb, type: temporal, factors: C1 M1 R3 S1 N1 P14 Q112, permutation: QPRCMSN}
- {target: DRAM, type: temporal, factors: C1 M2 R1 S1 N1 P8 Q1, permutation: MPCRSNQ}
`;

it("counts an Eyeriss-like design as Timeloop's published output has it", () => {
  const { tree, workload, mapping } = read(EYERISS);
  const found = evaluate(tree, workload, mapping!);
  if (!found.ok) throw new Error(found.error.message);
  const { cycles, computes, levels } = found.value;
  expect([cycles, computes]).toEqual([150_528, 10_838_016]);
  const rows = levels.flatMap(({ level, instances, data }) =>
    data.map(({ dataSpace, partitionWords, tileWords, reads, fills, updates }) => {
      return [level, dataSpace, instances, partitionWords, tileWords, reads, fills, updates];
    }),
  );
  expect(rows).toEqual([
    ['psum_spad', 'Outputs', 72, 50_176, 2, 100_352, 100_352, 150_528],
    ['weights_spad', 'Weights', 72, 12, 2, 150_528, 96, 0],
    ['ifmap_spad', 'Inputs', 72, 16_875, 1, 150_528, 75_264, 0],
    ['shared_glb', 'Inputs', 1, 151_875, 19_575, 677_376, 156_600, 0],
    ['shared_glb', 'Outputs', 1, 401_408, 25_088, 802_816, 0, 1_204_224],
    ['DRAM', 'Weights', 1, 864, 864, 6912, 0, 0],
    ['DRAM', 'Inputs', 1, 151_875, 151_875, 156_600, 0, 0],
    ['DRAM', 'Outputs', 1, 401_408, 401_408, 0, 0, 401_408],
  ]);
});

describe('what cannot be read is refused with the reason', () => {
  it.each([
    [
      'architecture: {{ variables }}',
      'timeloop.template: file.yaml: a Jinja template; let the Timeloop front-end expand it first',
    ],
    [PROBLEM, 'timeloop.missing: There is no architecture in the files'],
    [`${NODES}\n`, 'timeloop.missing: There is no problem in the files'],
    [
      `${NODES}\nproblem: {shape: fft}`,
      'timeloop.shape: There is no shape fft here; there are gemm-ABZ and cnn-layer, others are to be written out',
    ],
    [`${NODES}\nproblem: {shape: gemm-ABZ, M: 2, N: 3}`, 'timeloop.problem: The problem gives no size of dimension K'],
    [
      `${NODES}\n${PROBLEM}\nmapping: [{target: L2, type: temporal}]`,
      'timeloop.target: The mapping targets L2; the levels are registers, inter_PE_spatial, buffer, DRAM',
    ],
    [
      `${NODES}\n${PROBLEM}\nmapping: [{target: DRAM, type: temporal, factors: "M=3,2"}]`,
      'timeloop.imperfect: The factor M=3,2 has a remainder; factors must divide evenly',
    ],
    [
      `${NODES}\n${PROBLEM}\nmapping: [{target: DRAM, type: temporal, factors: M=4 N=6 K=4}]`,
      'mapping.factors: parsing mapping: product of all factors of dimension M is 4, which is not equal to the dimension size of the workload 8.',
    ],
    [
      NODES.replace('depth: 1024', 'depth: size / 8').concat(PROBLEM),
      'timeloop.number: buffer: depth is "size / 8", not a number',
    ],
  ])('%#', (text, message) => {
    expect(refused(text)).toBe(message);
  });
});
