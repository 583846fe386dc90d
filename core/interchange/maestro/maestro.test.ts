import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { COLUMNS, evaluateNetwork } from './evaluate.ts';
import { type Hardware, readHardware } from './hardware.ts';
import { isMapping, readNetwork } from './network.ts';

/** A 1 × 1 convolution of 8 columns to 4 filters, one on each of 4 elements. */
const ROW = `// one row
Constant Wide 8;
Network Row {
  Layer ONE-1 { // hyphens are part of a name
    Type: CONV
    Stride { X: 1, Y: 1 }
    Dimensions { K: 4, C: 1, R: 1, S: 1, Y: 1, X: Wide }
    Dataflow {
      SpatialMap(1,1) K;
      TemporalMap(Sz(R),Sz(R)) R;
      TemporalMap (1,1) X;
    }
  }
}
`;

function hardware(elements: number, networkPerCycle = 2): Hardware {
  const read = readHardware(
    `num_pes: ${elements}\nl1_size_cstr: 8\nl2_size_cstr: 64\nnoc_bw_cstr: ${networkPerCycle}\noffchip_bw_cstr: 50\n`,
  );
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function evaluated(text: string, machine: Hardware) {
  const network = readNetwork(text);
  if (!network.ok) throw new Error(network.error.message);
  return evaluateNetwork(network.value, machine, 'row.m');
}

describe('a row by hand', () => {
  it('moves what the paper says', () => {
    const found = evaluated(ROW, hardware(4));
    if (!found.ok) throw new Error(found.error.message);
    const [{ layer, cost, figures }] = found.value as [(typeof found.value)[number]];
    expect(layer.name).toBe('ONE-1');
    // First step: 1 input and 4 weights in 3 cycles, then 1 cycle of arithmetic. Seven more: 4 results leave in 2 cycles.
    expect(cost).toMatchObject({ cycles: 4 + 7 * 2, macs: 32, elementsUsed: 4, peakBandwidth: 5, intensity: 4 });
    expect(cost.averageBandwidth).toBe((5 + 7 * 4) / 8);
    expect(cost.accesses).toEqual({
      input: { l1Reads: 32, l1Writes: 8, l2Reads: 8, l2Writes: 8 },
      filter: { l1Reads: 32, l1Writes: 4, l2Reads: 4, l2Writes: 4 },
      output: { l1Reads: 32, l1Writes: 32, l2Reads: 32, l2Writes: 32 },
    });
    // Both halves of the buffers: 1 + 4 + 4 in L2, 1 + 1 + 1 in an L1.
    expect([cost.l2Elements, cost.unitElements]).toEqual([18, 6]);
    expect(cost.ingress).toEqual({ minimum: 1, maximum: 3, average: 1 });
    expect(figures).toHaveLength(COLUMNS.length);
  });

  it('leaves half of 8 elements idle, and takes 4 filters on 3 elements in two rounds', () => {
    const [wide, narrow] = [evaluated(ROW, hardware(8)), evaluated(ROW, hardware(3))];
    if (!wide.ok || !narrow.ok) throw new Error('refused');
    expect(wide.value[0]!.cost).toMatchObject({ elementsUsed: 4, macs: 32 });
    // Three filters, then one.
    expect(narrow.value[0]!.cost).toMatchObject({ elementsUsed: 2, macs: 32 });
  });

  it('uses less energy with less traffic, and prints that of the layer before for a layer of two levels', () => {
    const two = ROW.replace('TemporalMap (1,1) X;', 'TemporalMap (4,4) X; Cluster(2, P); SpatialMap(1,1) X;');
    const layer = /Layer[\s\S]*?\n {2}\}\n/.exec(two)![0];
    const found = evaluated(two.replace(layer, layer + layer), hardware(8));
    if (!found.ok) throw new Error(found.error.message);
    const [first, second] = found.value as [(typeof found.value)[number], (typeof found.value)[number]];
    expect(first.cost.levels).toBe(2);
    expect(first.printedEnergyNanojoule).toBeLessThan(first.energyNanojoule);
    expect(second.printedEnergyNanojoule).toBeCloseTo(second.energyNanojoule, 12);
  });
});

describe('what is refused', () => {
  it.each([
    ['SpatialMap(1,1) K', 'TemporalMap(1,1) K', 'row.m, layer ONE-1: no SpatialMap in the outermost cluster'],
    ['TemporalMap (1,1) X;', 'TemporalMap(1,1) M;', 'M is mapped in the outermost cluster, but has no extent there'],
    [
      'TemporalMap (1,1) X;',
      'Cluster(5, P); SpatialMap(1,1) X;',
      'clusters of 5 need 5 processing elements; there are 4',
    ],
    ['R: 1,', '', 'line 10: Sz(R), but the layer'],
    ['Sz(R),Sz(R)', '2,1', 'line 10: TemporalMap(2,1) R must have size and offset 1'],
    ['Type: CONV', 'Type: POOL', 'line 5: type POOL is none of CONV, DSCONV'],
    ['X: Wide', 'X: Long', "line 7: 'Long' is not an extent, 1 or more"],
    ['TemporalMap (1,1) X;', 'TemporalMap (0,1) X;', "line 11: '0' is not a size"],
    ['    }\n  }\n}\n', '', 'line 11: the file ends where a directive or } belongs'],
    ['SpatialMap(1,1) K;', 'SpatialMap(1,1) Q;', 'line 9: dimension Q is none of N, G, K'],
    ['Network Row', 'Accelerator Row', 'line 3: hardware inside a mapping is not read'],
  ])('%j as %j', (from, to, message) => {
    const network = readNetwork(ROW.replace(from, to));
    const found = network.ok ? evaluateNetwork(network.value, hardware(4), 'row.m') : network;
    expect(found.ok).toBe(false);
    if (found.ok) return;
    const { error } = found;
    expect('line' in error && error.line !== null ? `line ${error.line}: ${error.message}` : error.message).toContain(
      message,
    );
  });

  it('tells mappings from hardware', () => {
    expect(isMapping(ROW)).toBe(true);
    expect(isMapping('// Network of …\nnum_pes: 4\n')).toBe(false);
  });
});

it('never crashes or hangs on damaged files', () => {
  const rng = createRng(2019);
  const pieces = [
    '{',
    '}',
    ';',
    'Cluster(2, P);',
    'SpatialMap(2,1) X;',
    'TemporalMap(3,2) Y;',
    "Y'",
    'N: 7',
    '0',
    '99999999',
  ];
  for (let round = 0; round < 2000; round++) {
    let text = ROW;
    for (let i = 0, count = 1 + rng.below(4); i < count; i++) {
      const at = rng.below(text.length);
      const piece = pieces[rng.below(pieces.length)]!;
      text = text.slice(0, at) + (rng.below(2) === 0 ? piece : '') + text.slice(at + rng.below(10));
    }
    const network = readNetwork(text);
    if (network.ok) evaluateNetwork(network.value, hardware(4), 'damaged.m');
  }
});
