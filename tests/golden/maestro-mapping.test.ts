/**
 * MAESTRO's figures for its own mappings: every cell of every row, integers equal, the others to the six digits it prints. And
 * every run it made: the same mappings are accepted, with as many layers, and the same are refused.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COLUMNS, evaluateNetwork } from '#core/interchange/maestro/evaluate.ts';
import { readHardware } from '#core/interchange/maestro/hardware.ts';
import { readNetwork } from '#core/interchange/maestro/network.ts';
import { readCsv } from '../support/csv.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const folder = sharedPath('data/maestro');
const text = (path: string) => readFileSync(join(folder!, path), 'utf8');

function run(mapping: string, machine: string) {
  const hardware = readHardware(text(`hw/${machine}.m`));
  if (!hardware.ok) throw new Error(hardware.error.message);
  const network = readNetwork(text(`mappings/${mapping}.m`));
  return network.ok ? evaluateNetwork(network.value, hardware.value, mapping) : network;
}

/** As C++ writes it: a count in full, another number with six digits. */
function agrees(ours: number, printed: string): boolean {
  const isCount = Number.isInteger(ours) && !/[.e]/.test(printed);
  return (isCount ? ours : Number(ours.toPrecision(6))) === Number(printed);
}

describe.skipIf(!folder)(`MAESTRO ${folder ? '' : skippedWithoutShared}`, () => {
  const seen = folder ? readdirSync(join(folder, 'seen')).filter((name) => name.endsWith('.csv')) : [];
  it.each(seen)('%s: every figure of every layer', (file) => {
    const [mapping, machine] = file.replace('.csv', '').split('__');
    const found = run(mapping!, machine!);
    if (!found.ok) throw new Error(found.error.message);
    const [header, ...rows] = text(`seen/${file}`)
      .trim()
      .split('\n')
      .map((line) => line.split(',').map((cell) => cell.trim()));
    expect(header!.slice(2)).toEqual(COLUMNS);
    expect(found.value.length).toBe(rows.length);
    for (const [index, [, layer, ...cells]] of rows.entries()) {
      const { figures, layer: ours } = found.value[index]!;
      expect(ours.name).toBe(layer);
      const wrong = COLUMNS.flatMap((title, column) =>
        agrees(figures[column]!, cells[column]!) ? [] : [`${title}: ${cells[column]}, not ${figures[column]}`],
      );
      expect(wrong, layer).toEqual([]);
    }
  });

  it('accepts and refuses what MAESTRO does, on all of its mappings and machines', { timeout: 60_000 }, () => {
    const runs = readCsv(join(folder!, 'WALLTIME.csv'));
    expect(runs.length).toBe(172);
    for (const { config, mapping, rc, layers } of runs) {
      const found = run(mapping!, config!);
      const where = `${mapping} on ${config}`;
      if (rc === '0') expect(found.ok ? found.value.length : found.error.message, where).toBe(Number(layers));
      else {
        expect(found.ok, where).toBe(false);
        if (found.ok) continue;
        // 255: refused by its parser; 136: an arithmetic fault, from a division by no units or no work.
        expect(found.error.message, where).toMatch(
          rc === '255' ? /^TemporalMap.* must have size and offset/ : /need \d+ processing elements|computes nothing/,
        );
      }
    }
  });
});

/**
 * MAESTRO's own runs as published with it (tools/jupyter_notebook/data): an earlier version with nine products a cycle and no
 * limit off chip, so of its figures those that neither changes: sizes, counts, elements at work.
 */
const PUBLISHED: readonly (readonly [
  mapping: string,
  machine: string,
  rows: Readonly<Record<string, readonly number[]>>,
])[] = [
  [
    'MobileNetV2_kcp_ws',
    'pe256',
    {
      CONV1: [38, 6, 301035, 96, 96, 1605632, 401408, 12],
      Bottleneck1_1_1: [328, 6, 3211040, 1024, 1024, 401408, 401408, 128],
      Bottleneck1_1_2: [1214, 54, 1182720, 288, 288, 387200, 375100, 32],
      Bottleneck1_1_Residual: [94, 6, 200704, 16, 16, 200704, 188160, 16],
      Bottleneck2_1_2: [3646, 54, 1758240, 864, 864, 1161600, 287375, 96],
      Bottleneck2_1_3: [648, 6, 9632320, 12288, 12288, 301056, 602112, 256],
      Bottleneck3_1_2: [5470, 54, 641520, 1296, 1296, 419904, 104247, 144],
      Bottleneck3_2_Residual: [862, 6, 112896, 144, 144, 112896, 112112, 144],
      Bottleneck4_1_2: [7294, 54, 202176, 1728, 1728, 129792, 32279, 192],
      Bottleneck5_1_2: [9728, 54, 193536, 3456, 3456, 55296, 55296, 192],
      Bottleneck6_1_1: [648, 6, 3603520, 73728, 73728, 112896, 225792, 256],
      Bottleneck6_1_2: [9728, 54, 134784, 5184, 5184, 82944, 20736, 192],
      Bottleneck6_2_2: [9728, 54, 60480, 5184, 5184, 14400, 14400, 192],
    },
  ],
  [
    'Resnet50_kcp_ws',
    'pe1024',
    {
      CONV1: [5030, 294, 2041347, 9408, 9408, 3041536, 760384, 48],
      CONV2_1_1: [2208, 6, 802624, 4096, 4096, 200704, 200704, 1024],
      CONV2_1_2: [19616, 54, 2320704, 36864, 36864, 186624, 186624, 1024],
      CONV2_1_Residual: [1534, 6, 802816, 256, 256, 802816, 799680, 256],
      CONV3_1_2: [19616, 54, 2232384, 147456, 147456, 86528, 173056, 1024],
      CONV3_3_Residual: [3070, 6, 401408, 512, 512, 401408, 400624, 512],
      CONV4_1_2: [19616, 54, 2055744, 589824, 589824, 36864, 147456, 1024],
      CONV4_1_Residual: [6144, 6, 200704, 1024, 1024, 200704, 200704, 1024],
    },
  ],
];
const UNCHANGED = [
  'L2 SRAM Size Req (Bytes)',
  'L1 SRAM Size Req (Bytes)',
  'input l2 read',
  'filter l1 write',
  'filter l2 read',
  'output l2 read',
  'output l2 write',
  'Avg number of utilized PEs',
].map((title) => COLUMNS.indexOf(title));

it.skipIf(!folder).each(PUBLISHED)(
  '%s on %s: sizes, counts and elements at work as published',
  (mapping, machine, rows) => {
    const found = run(mapping, machine);
    if (!found.ok) throw new Error(found.error.message);
    for (const [name, published] of Object.entries(rows)) {
      const { figures } = found.value.find(({ layer }) => layer.name === name)!;
      expect(
        UNCHANGED.map((column) => figures[column]),
        name,
      ).toEqual(published);
    }
  },
);
