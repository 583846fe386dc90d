/**
 * Two of Timeloop v4's tutorials as published with their reference output (timeloop-accelergy-exercises, 03 bypass and 04
 * cp): data spaces that pass levels by, and C spread over sixteen elements whose results are summed on their way up.
 */
import { expect, it } from 'vitest';
import { importTimeloop } from '#core/interchange/timeloop/import.ts';
import { evaluate } from '#core/mapping/evaluate.ts';

function component(name: string, elements: number, kind: string, attributes: string): string {
  const mesh = `reduction_supported: true, multiple_buffering: 1, min_utilization: 0, meshX: ${elements}, meshY: 1`;
  return `{name: "${name}[1..${elements}]", class: ${kind}, attributes: {${attributes}, cluster_size: 1, ${mesh}}}`;
}

function machine(elements: number): string {
  const spread = component('inter_PE_spatial', 1, 'dummy_storage', 'width: 1, depth: 1, datawidth: 1');
  const local = [
    component('MainMemory', 1, 'DRAM', 'width: 256, datawidth: 8'),
    ...(elements > 1 ? [spread] : []),
    component('GlobalBuffer', elements, 'SRAM', 'depth: 32768, width: 64, datawidth: 8'),
    component('RegisterFile', elements, 'regfile', 'depth: 64, width: 8, datawidth: 8'),
    component('MACC', elements, 'intmac', 'datawidth: 8'),
  ];
  const energies = [
    ['MainMemory', 'update: 2048, read: 2048, write: 2048'],
    ['GlobalBuffer', 'update: 30.878292, read: 43.353054, write: 30.878292'],
    ['RegisterFile', 'update: 0.42564, read: 0.42564, write: 0.42564'],
    ['MACC', 'compute: 0.845'],
  ].map(([name, actions]) => {
    const list = actions!.split(', ').map((action) => `{name: ${action.replace(': ', ', energy: ')}}`);
    return `    - {name: "system.${name}[1..${elements}]", actions: [${list.join(', ')}]}`;
  });
  return `architecture:
  version: '0.4'
  subtree:
    - name: system
      attributes: {version: '0.4'}
      local:
${local.map((line) => `        - ${line}`).join('\n')}
ERT_summary:
  version: '0.4'
  table_summary:
${energies.join('\n')}
`;
}

function problem(sizes: string, weights: string, inputs: string): string {
  return `problem:
  version: '0.4'
  shape:
    name: Conv1D_OC
    dimensions: [${sizes.replace(/: \d+/g, '')}]
    data_spaces:
      - {name: Weights, projection: ${weights}, read_write: false}
      - {name: Inputs, projection: ${inputs}, read_write: false}
      - {name: Outputs, projection: [[[K]], [[P]]], read_write: true}
    coefficients: []
  instance: {${sizes}}
mapping:
`;
}

type Counters = readonly [
  level: string,
  dataSpace: string,
  partition: number,
  tile: number,
  reads: number,
  fills: number,
  updates: number,
  energy: string,
];

const BYPASS = `${machine(1)}${problem('K: 32, R: 3, P: 16', '[[[K]], [[R]]]', '[[[R], [P]]]')}
  - {target: MainMemory, type: temporal, factors: 'R=1,P=1,K=1', permutation: PRK}
  - {target: GlobalBuffer, type: temporal, factors: 'R=1,P=16,K=16', permutation: PRK}
  - {target: GlobalBuffer, type: dataspace, keep: [Weights, Inputs], bypass: [Outputs]}
  - {target: RegisterFile, type: temporal, factors: 'R=3,P=1,K=2', permutation: RPK}
  - {target: RegisterFile, type: dataspace, keep: [Outputs], bypass: [Weights, Inputs]}
`;
const SPATIAL = `${machine(16)}${problem('C: 32, K: 32, R: 3, P: 16', '[[[C]], [[K]], [[R]]]', '[[[C]], [[R], [P]]]')}
  - {target: MainMemory, type: temporal, factors: 'R=1,P=1,K=1,C=1', permutation: PRKC}
  - {target: inter_PE_spatial, type: spatial, factors: 'R=1,P=1,K=1,C=16', permutation: PRKC}
  - {target: inter_PE_spatial, type: temporal, factors: 'C=1,K=1,R=1,P=1', permutation: CKRP}
  - {target: inter_PE_spatial, type: dataspace, bypass: [Weights, Inputs, Outputs]}
  - {target: GlobalBuffer, type: temporal, factors: 'R=3,P=1,K=32,C=2', permutation: PRKC}
  - {target: RegisterFile, type: temporal, factors: 'R=1,P=16,K=1,C=1', permutation: RPKC}
`;

const RUNS: readonly (readonly [name: string, text: string, cycles: number, rows: readonly Counters[]])[] = [
  [
    '03 bypass',
    BYPASS,
    1536,
    [
      ['RegisterFile', 'Outputs', 512, 2, 1024, 0, 1536, '1089.64'],
      ['GlobalBuffer', 'Weights', 96, 96, 1536, 96, 0, '8694.33'],
      ['GlobalBuffer', 'Inputs', 18, 18, 1536, 18, 0, '8416.42'],
      ['MainMemory', 'Weights', 96, 96, 96, 0, 0, '6144.00'],
      ['MainMemory', 'Inputs', 18, 18, 18, 0, 0, '2048.00'],
      ['MainMemory', 'Outputs', 512, 512, 0, 0, 512, '32768.00'],
    ],
  ],
  [
    '04 cp',
    SPATIAL,
    3072,
    [
      ['RegisterFile', 'Weights', 192, 1, 3072, 192, 0, '22228.62'],
      ['RegisterFile', 'Inputs', 36, 16, 3072, 1152, 0, '28766.45'],
      ['RegisterFile', 'Outputs', 512, 16, 2560, 512, 3072, '41842.11'],
      ['GlobalBuffer', 'Weights', 192, 192, 192, 192, 0, '28504.84'],
      ['GlobalBuffer', 'Inputs', 36, 36, 1152, 36, 0, '102355.70'],
      ['GlobalBuffer', 'Outputs', 512, 512, 512, 0, 1024, '107632.27'],
      ['MainMemory', 'Weights', 3072, 3072, 3072, 0, 0, '196608.00'],
      ['MainMemory', 'Inputs', 576, 576, 576, 0, 0, '36864.00'],
      ['MainMemory', 'Outputs', 512, 512, 0, 0, 512, '32768.00'],
    ],
  ],
];

it.each(RUNS)('%s: every counter and energy', (_, text, cycles, rows) => {
  const read = importTimeloop([{ name: 'tutorial.yaml', text }]);
  if (!read.ok) throw new Error(read.error.message);
  const { tree, workload, mapping } = read.value;
  const found = evaluate(tree, workload, mapping!);
  if (!found.ok) throw new Error(found.error.message);
  expect([found.value.cycles, found.value.utilisation]).toEqual([cycles, 1]);
  const counted = found.value.levels.flatMap(({ level, data }) =>
    data.map((one): Counters => {
      const { dataSpace, partitionWords, tileWords, reads, fills, updates, energyPj } = one;
      return [level, dataSpace, partitionWords, tileWords, reads, fills, updates, energyPj.toFixed(2)];
    }),
  );
  expect(counted).toEqual(rows);
});
