/**
 * SCALE-Sim v3.0.0 off the beaten track: arrays of one row or one column, rectangular ones, memories smaller than their
 * operands, interfaces of unequal width. The numbers are of a line-by-line rendering of its operand matrices, compute
 * classes and memories in numpy, which gives its published reports on products too; some 2,400 further random layers agreed.
 */
import { expect, it } from 'vitest';
import { configuredArray, parseConfig } from '#core/interchange/scale-sim/config.ts';
import { layerWorkload, parseTopology } from '#core/interchange/scale-sim/topology.ts';
import { replayed } from '#core/techniques/array-model/scalesim-v3/replay.ts';

type Triple = readonly [ifmap: number, filter: number, ofmap: number];
/** Layer: IFMAP height, width, filter height, width, channels, filters, stride. Words a cycle: none is CALC. */
type Row = readonly [
  dataflow: string,
  array: readonly [rows: number, columns: number],
  layer: readonly number[],
  kilobytes: Triple,
  words: Triple | null,
  cycles: readonly [total: number, stalls: number],
  sram: Triple,
  dram: Triple,
];

const ROWS: readonly Row[] = [
  [
    'os',
    [17, 1],
    [63, 30, 1, 30, 1, 88, 1],
    [2, 1, 1],
    [2, 33, 7],
    [117893, 101702],
    [166320, 10560, 11880],
    [235520, 16368, 5544],
  ],
  ['os', [1, 32], [8, 5, 5, 5, 8, 64, 5], [2, 2, 16], [2, 2, 2], [25631, 24708], [800, 25600, 260], [400, 51200, 128]],
  ['os', [1, 3], [27, 54, 1, 54, 1, 137, 1], [1, 2, 1], null, [69551, 0], [67068, 199746, 8667], [67068, 7594, 3699]],
  [
    'os',
    [1, 25],
    [11, 129, 1, 129, 1, 58, 1],
    [2, 2, 1],
    [5, 5, 7],
    [49511, 44463],
    [4257, 82302, 1496],
    [10250, 247025, 638],
  ],
  [
    'os',
    [13, 1],
    [109, 96, 1, 96, 1, 90, 1],
    [16, 8, 4],
    [8, 8, 8],
    [418499, 331020],
    [941760, 77760, 21150],
    [3350528, 28672, 9817],
  ],
  [
    'ws',
    [1, 20],
    [97, 44, 1, 44, 1, 117, 1],
    [1, 4, 16],
    [64, 8, 3],
    [159397, 128510],
    [25608, 5148, 499356],
    [25600, 6144, 499356],
  ],
  [
    'ws',
    [3, 16],
    [3, 6, 3, 1, 32, 64, 5],
    [1, 1, 16],
    [64, 64, 64],
    [9108, 6293],
    [768, 6144, 4096],
    [192, 517632, 4096],
  ],
  ['ws', [3, 32], [77, 62, 1, 62, 1, 113, 1], [16, 4, 3], null, [9491, 0], [19096, 7006, 182721], [4774, 7006, 182752]],
  [
    'ws',
    [1, 36],
    [59, 67, 1, 67, 1, 51, 1],
    [16, 1, 8],
    [10, 10, 10],
    [19921, 7192],
    [7906, 3417, 201603],
    [3960, 3640, 201632],
  ],
  ['is', [8, 3], [31, 7, 7, 5, 32, 1, 1], [1, 2, 1], null, [62999, 0], [84000, 28000, 10500], [43698, 28000, 10500]],
  [
    'is',
    [16, 9],
    [102, 127, 1, 127, 1, 63, 1],
    [2, 8, 2],
    [33, 10, 1],
    [49483, 39692],
    [12954, 96012, 51408],
    [332640, 127100, 51408],
  ],
  [
    'is',
    [3, 1],
    [5, 6, 5, 5, 32, 5, 5],
    [16, 1, 4],
    [2, 2, 2],
    [18066, 12727],
    [1600, 8000, 2670],
    [1600, 35840, 2671],
  ],
  [
    'is',
    [7, 4],
    [99, 90, 1, 90, 1, 106, 1],
    [4, 3, 16],
    null,
    [39649, 0],
    [8910, 238500, 136422],
    [8910, 238500, 136425],
  ],
  [
    'is',
    [12, 1],
    [22, 90, 1, 90, 1, 111, 1],
    [16, 1, 1],
    [10, 10, 10],
    [69774, 46191],
    [1980, 219780, 19536],
    [1980, 684320, 19536],
  ],
];

for (const [dataflow, [rows, columns], layer, kilobytes, words, [cycles, stallCycles], sram, dram] of ROWS)
  it(`${dataflow} on ${rows} × ${columns}: ${layer.join(' ')}${words ? ` at ${words.join(', ')} words` : ''}`, () => {
    const [input, weight, output] = words ?? [10, 10, 10];
    const config = parseConfig(
      `[architecture_presets]
ArrayHeight: ${rows}
ArrayWidth: ${columns}
IfmapSramSzkB: ${kilobytes[0]}
FilterSramSzkB: ${kilobytes[1]}
OfmapSramSzkB: ${kilobytes[2]}
Bandwidth: ${output}
Dataflow: ${dataflow}
[layout]
IfmapSRAMBankBandwidth: ${input}
FilterSRAMBankBandwidth: ${weight}
[run_presets]
InterfaceBandwidth: ${words ? 'USER' : 'CALC'}
`,
      'x.cfg',
    );
    const header = 'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,';
    const topology = parseTopology(`${header}\nlayer,${layer.join(',')},\n`, 'x.csv');
    if (!config.ok || !topology.ok) throw new Error('not read');
    const array = configuredArray(config.value);
    const found = replayed(layerWorkload(topology.value.layers[0]!), array, { interface: config.value.interface });
    const reads = (counts: { readonly ifmapReads: number | null; readonly filterReads: number | null }) => [
      counts.ifmapReads,
      counts.filterReads,
    ];
    expect([found.cycles, found.stallCycles]).toEqual([cycles, stallCycles]);
    expect([...reads(found.sram), found.sram.ofmapWrites]).toEqual(sram);
    expect([...reads(found.dram), found.dram.ofmapWrites]).toEqual(dram);
  });
