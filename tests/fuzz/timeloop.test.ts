/**
 * Timeloop's files, mutated: the importer never throws and never hangs; what it takes can be counted, or is refused with
 * a reason.
 */
import { expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { importTimeloop } from '#core/interchange/timeloop/import.ts';
import { evaluate } from '#core/mapping/evaluate.ts';
import { cases } from '../support/cases.ts';

const MUTATIONS = cases(1000, 100_000);

const FLAT = JSON.stringify({
  input: {
    arch: {
      arithmetic: { instances: 16, 'word-bits': 16, meshX: 4 },
      storage: [
        { name: 'RF', entries: 256, instances: 16, meshX: 4, 'word-bits': 16 },
        { name: 'GB', sizeKB: 128, instances: 1, 'word-bits': 16, 'block-size': 4, read_bandwidth: 2 },
        { name: 'DRAM', technology: 'DRAM', instances: 1, 'word-bits': 16 },
      ],
    },
    problem: { shape: 'cnn-layer', Wstride: 2, R: 3, S: 1, P: 8, Q: 1, C: 4, K: 4, N: 1 },
    mapping: [
      { target: 'RF', type: 'datatype', keep: ['Weights', 'Inputs'], bypass: ['Outputs'] },
      { target: 'RF', type: 'temporal', factors: 'R=3 P=2', permutation: 'RPSQCKN' },
      { target: 'GB', type: 'spatial', factors: 'C=4 P=2', permutation: 'CPRSQKN', split: 1 },
      { target: 'GB', type: 'temporal', factors: 'P=2', permutation: 'PRSQCKN' },
      { target: 'DRAM', type: 'temporal', factors: 'K=4', permutation: 'KRSPQCN' },
    ],
  },
});

const NODES = `
architecture:
  version: 0.4
  nodes:
  - !Container {name: system}
  - !Component
    name: DRAM
    class: DRAM
    attributes: {width: 64, datawidth: 8}
  - !Component {name: buffer, class: SRAM, attributes: {depth: 1024, width: 64, datawidth: 8, read_bandwidth: 16}}
  - !Container
    name: PE
    spatial: {meshX: 4, meshY: 2}
  - !Component {name: registers, class: regfile, attributes: {depth: 64, width: 8, datawidth: 8}}
  - !Component {name: mac, class: intmac, attributes: {datawidth: 8}}
problem:
  shape:
    name: conv1d
    dimensions: [R, P, K]
    coefficients: [{name: stride, default: 1}]
    data_spaces:
    - {name: W, projection: [[[R]], [[K]]]}
    - {name: I, projection: [[[R], [P, stride]]]}
    - {name: O, projection: [[[P]], [[K]]], read_write: true}
  instance: {R: 3, P: 16, K: 8}
mapping:
- {target: DRAM, type: temporal, factors: [P=4], permutation: [P]}
- {target: PE, type: spatial, factors: [K=4, P=2], permutation: [R, K, P], split: 2}
- {target: registers, type: temporal, factors: "R=3, P=2, K=2", permutation: "RPK"}
ERT:
  version: 0.4
  tables:
  - {name: system.buffer, actions: [{name: read, energy: 4.5}, {name: write, energy: 5}, {name: update, energy: 5}]}
`;

const SUBTREE = `
architecture:
    version: '0.3'
    subtree:
      - name: system
        local:
          - {name: 'Main[1..1]', class: SRAM, attributes: {depth: 4096, word-bits: 8, width: 32, block-size: 2}}
        subtree:
          - name: 'PE[0..3]'
            local:
              - {name: Buffer, class: regfile, attributes: {depth: 64, width: 8, datawidth: 8, meshX: 4}}
              - {name: MACC, class: intmac, attributes: {datawidth: 8, meshX: 4}}
problem: {shape: gemm-ABZ, instance: {M: 4, N: 6, K: 8}}
mapping:
  - {target: Main, type: temporal, factors: M=1 N=6 K=8, permutation: MNK}
  - {target: Main, type: spatial, factors: M4, permutation: MNK}
`;

/** Pieces that files are likely to have wrong. */
const PIECES = [
  '0',
  '-1',
  '1e99',
  '.inf',
  'null',
  '[]',
  '{}',
  '"',
  "'",
  ': ',
  '- ',
  '&a ',
  '*a',
  '!!binary ',
  '\n',
  '  ',
  '=',
  '99999999999',
];

function mutated(text: string, rng: Rng): string {
  let result = text;
  for (let times = 1 + rng.below(4); times > 0; times--) {
    const from = rng.below(result.length + 1);
    const to = Math.min(result.length, from + rng.below(12));
    switch (rng.below(4)) {
      case 0:
        result = result.slice(0, from) + result.slice(to);
        break;
      case 1:
        result =
          result.slice(0, from) + PIECES[rng.below(PIECES.length)]! + result.slice(rng.below(2) === 0 ? from : to);
        break;
      case 2:
        result = result.slice(0, from) + result.slice(from).replace(/\d+/, String(rng.below(70)));
        break;
      default:
        result = result.slice(0, to) + result.slice(from, to) + result.slice(to);
    }
  }
  return result;
}

it('the unmutated files are read and counted', () => {
  for (const text of [FLAT, NODES, SUBTREE]) {
    const read = importTimeloop([{ name: 'file', text }]);
    if (!read.ok) throw new Error(read.error.message);
    const { tree, workload, mapping } = read.value;
    const found = evaluate(tree, workload, mapping!);
    expect(found.ok ? 'counted' : found.error.message).toBe('counted');
  }
});

it(`P-17 Timeloop: ${MUTATIONS} mutations are read or refused`, () => {
  const rng = createRng(7);
  const codes = new Map<string, number>();
  for (let index = 0; index < MUTATIONS; index++) {
    const text = mutated([FLAT, NODES, SUBTREE][index % 3]!, rng);
    const begun = performance.now();
    const read = importTimeloop([{ name: 'file', text }]);
    let code = 'ok';
    if (!read.ok) code = read.error.code;
    else if (read.value.mapping) {
      const found = evaluate(read.value.tree, read.value.workload, read.value.mapping);
      if (!found.ok) code = found.error.code;
    }
    if (performance.now() - begun > 2000) throw new Error(`too slow: ${text}`);
    expect(code).toMatch(/^(ok|timeloop\.[a-z-]+|mapping\.[a-z-]+)$/);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  // Neither all taken nor all refused.
  expect(codes.get('ok')).toBeGreaterThan(MUTATIONS / 20);
  expect(codes.size).toBeGreaterThan(4);
});
