import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParameterValues } from '#core/base/value.ts';
import { withDefaults } from '#core/document/components.ts';
import { type Document, type DocumentLink, type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { dramJoulesPerByte, dramKind } from '#core/energy/dram.ts';
import { drawFabric } from './draw.ts';
import type { Fabric } from './fabric.ts';
import { readFabric } from './read.ts';
import { rounded } from './rounded.ts';

type Row = readonly [id: string, type: string, parameters?: ParameterValues];

function drawing(rows: readonly Row[], wires: readonly (readonly [from: string, to: string])[] = []): Document {
  const nodes = rows.map(([id, type, parameters = {}]): [string, DocumentNode] => [
    id,
    {
      id,
      type,
      name: id.toUpperCase(),
      x: 0,
      y: 0,
      parent: null,
      parameters: withDefaults('fabric', type, parameters),
    },
  ]);
  const portOf = (id: string) => (rows.find(([row]) => row === id)?.[1] === 'memory-bank' ? 'cores' : 'data');
  const intoOf = (id: string) => (rows.find(([row]) => row === id)?.[1] === 'memory-bank' ? 'channels' : 'memory');
  const links = wires.map(([from, to], index): [string, DocumentLink] => [
    `l${index}`,
    { id: `l${index}`, from: { node: from, port: portOf(from) }, to: { node: to, port: intoOf(to) } },
  ]);
  return { ...emptyDocument('d', 'fabric', 'D'), nodes: new Map(nodes), links: new Map(links) };
}

const codes = (document: Document) => readFabric(document).problems.map(({ code }) => code);

describe('reading a fabric', () => {
  it('a core and a channel as drawn: HBM2 at 14.4 GB/s is 48 bytes a tick of 300 MHz', () => {
    const { fabric, problems } = readFabric(
      drawing([
        ['c', 'compute-core'],
        ['h', 'off-chip-channel'],
      ]),
    );
    expect(problems).toEqual([]);
    expect(fabric).toMatchObject({
      clockHertz: 300e6,
      cores: [
        {
          operation: 'mac',
          lanes: { int8: 16, int16: 16 },
          ticksPerCycle: 1,
          reconfiguration: { kind: 'mux', ticks: 4 },
          // Horowitz at 45 nm: multiply + accumulating add, 0.2 + 0.1 and 0.8 + 0.1 pJ.
          joulesPerOperation: { int8: 0.3e-12, int16: 0.9e-12 },
        },
      ],
      channels: [{ bytesPerTick: 48, latencyTicks: 64, joulesPerByte: dramJoulesPerByte(dramKind('hbm2')) }],
      device: null,
    });
    expect(fabric?.cores[0]).not.toHaveProperty('channels');
  });

  it('ticks are those of the fastest clock; others go into it', () => {
    const document = drawing([
      ['a', 'compute-core', { clockMegahertz: 600 }],
      ['b', 'compute-core', { clockMegahertz: 200 }],
      ['h', 'off-chip-channel'],
    ]);
    expect(readFabric(document).fabric?.cores.map(({ ticksPerCycle }) => ticksPerCycle)).toEqual([1, 3]);
    const uneven = drawing([
      ['a', 'compute-core', { clockMegahertz: 600 }],
      ['b', 'compute-core', { clockMegahertz: 250 }],
      ['h', 'off-chip-channel'],
    ]);
    const [problem] = readFabric(uneven).problems;
    expect(problem?.message).toBe('B: 250 MHz does not go into 600 MHz a whole number of times');
    expect(problem?.fixes[0]?.edits).toEqual([
      { type: 'set-parameter', node: 'b', parameter: 'clockMegahertz', value: 300 },
    ]);
  });

  it('what a core is joined to, through banks too, is what it reaches', () => {
    const document = drawing(
      [
        ['h', 'off-chip-channel'],
        ['i', 'off-chip-channel'],
        ['m', 'memory-bank'],
        ['a', 'compute-core'],
        ['b', 'compute-core'],
        ['c', 'compute-core'],
      ],
      [
        ['h', 'm'],
        ['m', 'a'],
        ['i', 'b'],
      ],
    );
    const { fabric, problems } = readFabric(document);
    expect(problems).toEqual([]);
    expect(fabric?.cores.map(({ banks, channels }) => ({ banks, channels }))).toEqual([
      { banks: [0], channels: [0] },
      { banks: undefined, channels: [1] },
      { banks: undefined, channels: undefined },
    ]);
    // Without the free core, nobody reaches a third channel.
    const lonely = drawing(
      [
        ['h', 'off-chip-channel'],
        ['i', 'off-chip-channel'],
        ['a', 'compute-core'],
      ],
      [['h', 'a']],
    );
    expect(codes(lonely)).toEqual(['fabric.unreached']);
  });

  it('says what is missing', () => {
    expect(codes(emptyDocument('d', 'fabric', 'D'))).toEqual(['fabric.empty']);
    expect(codes(drawing([['h', 'off-chip-channel']]))).toEqual(['fabric.no-core']);
    expect(codes(drawing([['a', 'compute-core', { lanesInt8: 0, lanesInt16: 0 }]]))).toEqual([
      'fabric.no-channel',
      'fabric.no-lanes',
    ]);
    expect(
      codes(
        drawing([
          ['a', 'compute-core'],
          ['h', 'off-chip-channel'],
          ['d1', 'device'],
          ['d2', 'device'],
        ]),
      ),
    ).toEqual(['fabric.several-devices']);
  });
});

const digits = (maximum: number) => fc.integer({ min: 1, max: 999_999 }).map((n) => rounded((n / 999_999) * maximum));
const text = fc.string({ maxLength: 10 });
const formats = ['int4', 'int8', 'int16', 'int32', 'fp16', 'fp32'] as const;
const unlimited = fc.oneof(fc.nat(10_000), fc.constant(Number.POSITIVE_INFINITY));

const fabrics: fc.Arbitrary<Fabric> = fc.record({ banks: fc.nat(3), channels: fc.nat(3) }).chain((sizes) => {
  const subset = (size: number) => fc.subarray([...Array(size).keys()]);
  const core = fc
    .record({
      name: text,
      operation: fc.constantFrom('mac' as const, 'special' as const),
      lanes: fc.uniqueArray(fc.tuple(fc.constantFrom(...formats), fc.integer({ min: 1, max: 512 }), digits(50)), {
        minLength: 1,
        selector: ([format]) => format,
      }),
      ticksPerCycle: fc.integer({ min: 1, max: 6 }),
      reconfiguration: fc.oneof(
        fc.record({ kind: fc.constant('mux' as const), ticks: fc.nat(99) }),
        fc.record({ kind: fc.constant('context' as const), bytes: fc.nat(9999), bytesPerTick: digits(64) }),
        fc.record({
          kind: fc.constant('partial' as const),
          bytes: fc.nat(1e9),
          bytesPerSecond: fc.integer({ min: 1, max: 1e9 }),
        }),
      ),
      staticWatts: digits(20),
      banks: subset(sizes.banks),
      channels: subset(sizes.channels),
    })
    .map(({ lanes, banks, channels, ...rest }) => ({
      ...rest,
      lanes: Object.fromEntries(lanes.map(([format, count]) => [format, count])),
      joulesPerOperation: Object.fromEntries(
        lanes.map(([format, , picojoules]) => [format, rounded(picojoules * 1e-12)]),
      ),
      ...(banks.length > 0 ? { banks } : {}),
      ...(channels.length > 0 ? { channels } : {}),
    }));
  return fc.record({
    title: text,
    clockHertz: fc.constantFrom(300e6, 250e6, 1e9, 333e6),
    cores: fc
      .array(core, { minLength: 1, maxLength: 4 })
      // Ticks are those of the fastest core.
      .map((list) =>
        list.map((each, index) => ({ node: `c${index}`, ...each, ...(index === 0 ? { ticksPerCycle: 1 } : {}) })),
      ),
    banks: fc.tuple(
      ...Array.from({ length: sizes.banks }, (_, index) =>
        fc.record({
          node: fc.constant(`b${index}`),
          name: text,
          kind: fc.constantFrom('bram' as const, 'uram' as const, 'sram' as const),
          capacityBytes: fc.nat(1e9),
          ports: fc.integer({ min: 1, max: 8 }),
          bytesPerTick: digits(128),
          joulesPerByte: digits(9).map((picojoules) => rounded(picojoules * 1e-12)),
        }),
      ),
    ),
    channels: fc.tuple(
      ...Array.from({ length: sizes.channels }, (_, index) =>
        fc.record({
          node: fc.constant(`h${index}`),
          name: text,
          bytesPerTick: digits(512),
          latencyTicks: fc.nat(500),
          responseTicks: fc.nat(500),
          outstanding: fc.integer({ min: 1, max: 64 }),
          arbitration: fc.constantFrom('first-come' as const, 'round-robin' as const),
          joulesPerByte: fc.oneof(
            digits(90).map((picojoules) => rounded(picojoules * 1e-12)),
            fc.constant(dramJoulesPerByte(dramKind('gddr6x'))),
          ),
        }),
      ),
    ),
    device: fc.option(
      fc.oneof(
        fc.record({
          kind: fc.constant('fpga' as const),
          dsp: unlimited,
          bram18: unlimited,
          uram: unlimited,
          lut: unlimited,
        }),
        fc.record({ kind: fc.constant('asic' as const), pes: unlimited, sramBytes: unlimited }),
      ),
    ),
  });
});

describe('drawing a fabric', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(fabrics, (fabric) => {
        const { fabric: read, problems } = readFabric(drawFabric(fabric, 'd'));
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(read).toEqual(fabric);
      }),
      { numRuns: 300 },
    );
  });
});
