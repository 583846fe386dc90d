/** Fabrics to start from; ordinary documents, figures from the sources named. */
import type { Preset } from '#core/architecture/presets.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { withDefaults } from '#core/document/components.ts';
import type { Document, DocumentLink, DocumentNode } from '#core/document/document.ts';
import { arranged } from '#core/model/layout.ts';

type Row = readonly [id: string, type: string, name: string, parameters: ParameterValues];
type Wire = readonly [from: string, to: string];

/** Nothing is joined where nothing is restricted: every core reaches every bank and channel. */
function fabric(title: string, rows: readonly Row[], wires: readonly Wire[] = []): (id: string) => Document {
  const isBank = (id: string) => rows.some(([row, type]) => row === id && type === 'memory-bank');
  return (id) =>
    arranged({
      id,
      kind: 'fabric',
      title,
      nodes: new Map(
        rows.map(([node, type, name, parameters]): [string, DocumentNode] => [
          node,
          { id: node, type, name, x: 0, y: 0, parent: null, parameters: withDefaults('fabric', type, parameters) },
        ]),
      ),
      links: new Map(
        wires.map(([from, to], index): [string, DocumentLink] => [
          `l${index + 1}`,
          {
            id: `l${index + 1}`,
            from: { node: from, port: isBank(from) ? 'cores' : 'data' },
            to: { node: to, port: isBank(to) ? 'channels' : 'memory' },
          },
        ]),
      ),
    });
}

const ALVEO =
  'AMD DS963, Alveo U280 data sheet: HBM2 at 14.4 GB/s a pseudo-channel, 9,024 DSP slices, 4,032 BRAM18, 960 URAM';
const HBM = { kind: 'hbm2', gigabytesPerSecond: 14.4 } as const;

export const FABRIC_PRESETS: readonly Preset[] = [
  {
    id: 'fabric-two-cores',
    title: 'Two cores, one HBM channel',
    summary: 'Two compute cores of 16 lanes, 1 MiB of block RAM, one HBM pseudo-channel, on an Alveo U280 at 300 MHz.',
    source: ALVEO,
    build: fabric(
      'Two cores, one HBM channel',
      [
        ['hbm', 'off-chip-channel', 'HBM', HBM],
        ['bram', 'memory-bank', 'BRAM', {}],
        ['cc0', 'compute-core', 'CC0', {}],
        ['cc1', 'compute-core', 'CC1', {}],
        ['device', 'device', 'Device', {}],
      ],
      [
        ['hbm', 'bram'],
        ['bram', 'cc0'],
        ['bram', 'cc1'],
      ],
    ),
  },
  {
    id: 'fabric-four-cores',
    title: 'Four cores, special functions, four HBM channels',
    summary:
      'Four compute cores of 256 lanes with a channel each, a special-function core, 8 MiB of UltraRAM, on an Alveo U280 at 300 MHz.',
    source: `${ALVEO}; cores chosen to fill about a tenth of it`,
    build: fabric(
      'Four cores, special functions, four HBM channels',
      [
        ...[0, 1, 2, 3].map((at): Row => [`hbm${at}`, 'off-chip-channel', `HBM ${at}`, HBM]),
        ['uram', 'memory-bank', 'URAM', { kind: 'uram', capacityBytes: 8 * 2 ** 20, ports: 8, bytesPerCycle: 64 }],
        ...[0, 1, 2, 3].map((at): Row => [`cc${at}`, 'compute-core', `CC${at}`, { lanesInt8: 512, lanesInt16: 256 }]),
        ['sfu', 'special-unit', 'SFU', { lanesInt16: 8, lanesFp16: 8, lanesFp32: 4 }],
        ['device', 'device', 'Device', {}],
      ],
      [
        ...[0, 1, 2, 3].flatMap((at): readonly Wire[] => [
          [`hbm${at}`, `cc${at}`],
          ['uram', `cc${at}`],
        ]),
        ['uram', 'sfu'],
      ],
    ),
  },
  {
    id: 'fabric-asic',
    title: 'ASIC, two cores over SRAM',
    summary:
      'Two cores of 512 int8 lanes at 1 GHz, 2 MiB of SRAM, one LPDDR4 channel of 16 GB/s; contexts are loaded over a port.',
    source: 'chosen for a mobile-class chip; energies from CACTI 7 and Horowitz, ISSCC 2014',
    build: fabric(
      'ASIC, two cores over SRAM',
      [
        [
          'dram',
          'off-chip-channel',
          'LPDDR4',
          { kind: 'lpddr4', gigabytesPerSecond: 16, latencyCycles: 100, responseCycles: 100 },
        ],
        ['sram', 'memory-bank', 'SRAM', { kind: 'sram', capacityBytes: 2 * 2 ** 20, bytesPerCycle: 128 }],
        ...[0, 1].map(
          (at): Row => [
            `cc${at}`,
            'compute-core',
            `CC${at}`,
            { lanesInt8: 512, lanesInt16: 128, clockMegahertz: 1000, reconfiguration: 'context' },
          ],
        ),
        ['device', 'device', 'Device', { kind: 'asic', pes: 1024, sramBytes: 4 * 2 ** 20 }],
      ],
      [
        ['dram', 'sram'],
        ['sram', 'cc0'],
        ['sram', 'cc1'],
      ],
    ),
  },
];
