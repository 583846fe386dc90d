import { describe, expect, it } from 'vitest';
import type { Machine } from '#core/architecture/machine.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { ProgramBuilder } from '#core/program/builder.ts';
import { COMPULSORY, LOAD, type Program, STORE } from '#core/program/program.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import { technique } from './technique.ts';

const LATENCY = 10;
const SETUP = 2;

/** One array, `engines` DMA engines on `channels` channels of 8 B a tick; no bus. */
function machine(engines = 1, channels = 1): Machine {
  return {
    title: 'test',
    clockHertz: 1e9,
    units: [
      {
        kind: 'systolic-array',
        node: 'u',
        name: 'U',
        ticksPerCycle: 1,
        nanometres: 45,
        rows: 1,
        columns: 1,
        dataflows: ['os'],
        inputBufferBytes: 1,
        weightBufferBytes: 1,
        outputBufferBytes: 1,
        cells: 'pipeline',
      },
    ],
    scratchpad: { node: 's', name: 'S', capacityBytes: 1, alignmentBytes: 1, bytesPerTick: 1, nanometres: 45 },
    engines: Array.from({ length: engines }, (_, i) => ({
      node: `d${i}`,
      name: `D${i}`,
      bytesPerTick: 64,
      setupTicks: SETUP,
      bus: null,
      channels: Array.from({ length: channels }, (_unused, c) => c),
    })),
    channels: Array.from({ length: channels }, (_, i) => ({
      node: `c${i}`,
      name: `C${i}`,
      bytesPerTick: 8,
      latencyTicks: LATENCY,
      joulesPerByte: 0,
      energySource: '',
    })),
  };
}

function builder(engines = 1): ProgramBuilder {
  return new ProgramBuilder([
    { component: 'u', name: 'U', kind: 'unit' },
    ...Array.from({ length: engines }, (_, i) => [
      { component: `d${i}`, name: `D${i} read`, kind: 'dma' as const },
      { component: `d${i}`, name: `D${i} write`, kind: 'dma' as const },
    ]).flat(),
  ]);
}

const load = (b: ProgramBuilder, bytes: number, after: number[] = [], engine = 1, channel = 0) =>
  b.transfer({ opcode: LOAD, engine, channel, operator: 0, tensor: 0, bytes, traffic: COMPULSORY }, after);
const store = (b: ProgramBuilder, bytes: number, after: number[] = []) =>
  b.transfer({ opcode: STORE, engine: 2, channel: 0, operator: 0, tensor: 0, bytes, traffic: COMPULSORY }, after);
const execute = (b: ProgramBuilder, ticks: number, after: number[] = []) =>
  b.execute({ engine: 0, operator: 0, tensor: 0, ticks }, after);

function simulate(program: Program, on: Machine): Timing {
  const timing = technique.simulate(program, on, uncontrolled);
  if (timing === null) throw new Error('cancelled');
  return timing;
}

describe('closed forms', () => {
  it('load, execute, store in a chain: the sum of their parts', () => {
    const b = builder();
    store(b, 16, [execute(b, 100, [load(b, 80)])]);
    expect(simulate(b.build(), machine()).makespan).toBe(SETUP + 10 + LATENCY + 100 + SETUP + 2 + LATENCY);
  });

  it.each([
    [10, 8, 25],
    [10, 800, 25],
  ])(
    'a double-buffered stream of %d tiles of %d B and %d ticks: the slower side, plus filling',
    (tiles, bytes, ticks) => {
      const b = builder();
      const done: number[] = [];
      for (let i = 0; i < tiles; i++) done.push(execute(b, ticks, [load(b, bytes, i >= 2 ? [done[i - 2]!] : [])]));
      const occupancy = bytes / 8;
      const first = SETUP + occupancy + LATENCY;
      const { makespan } = simulate(b.build(), machine());
      if (occupancy + SETUP + LATENCY <= ticks) expect(makespan).toBe(first + tiles * ticks);
      // Memory-bound: loads run back to back (set-up each), the last tile computes after the last byte.
      else expect(makespan).toBe(tiles * (SETUP + occupancy) + LATENCY + ticks);
    },
  );

  it.each([1, 2, 3, 5])('one channel shared by %d readers takes their sum, two channels half of it', (readers) => {
    const program = (channels: number) => {
      const b = builder(readers);
      for (let r = 0; r < readers; r++) load(b, 800, [], 1 + 2 * r, r % channels);
      return b.build();
    };
    expect(simulate(program(1), machine(readers, 1)).makespan).toBe(SETUP + readers * 100 + LATENCY);
    expect(simulate(program(2), machine(readers, 2)).makespan).toBe(SETUP + Math.ceil(readers / 2) * 100 + LATENCY);
  });
});

describe('conservation on random programs', () => {
  it('engines and channels are never used twice at once, order and dependencies hold, bytes take their time', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed);
      const b = builder(2);
      for (let i = 0; i < 80; i++) {
        const after = i === 0 ? [] : Array.from({ length: rng.below(3) }, () => rng.below(i));
        const kind = rng.below(3);
        if (kind === 0) execute(b, 1 + rng.below(30), after);
        else
          b.transfer(
            {
              opcode: kind === 1 ? LOAD : STORE,
              engine: kind === 1 ? 1 + 2 * rng.below(2) : 2 + 2 * rng.below(2),
              channel: rng.below(2),
              operator: 0,
              tensor: 0,
              bytes: 1 + rng.below(300),
              traffic: COMPULSORY,
            },
            after,
          );
      }
      const program = b.build();
      const timing = simulate(program, machine(2, 2));
      const lastOnEngine = new Map<number, number>();
      for (let i = 0; i < program.length; i++) {
        const before = lastOnEngine.get(program.engine[i]!);
        if (before !== undefined) expect(timing.start[i]).toBeGreaterThanOrEqual(timing.release[before]!);
        lastOnEngine.set(program.engine[i]!, i);
        for (let d = program.dependsStart[i]!; d < program.dependsStart[i + 1]!; d++)
          expect(timing.start[i]).toBeGreaterThanOrEqual(timing.finish[program.depends[d]!]!);
        if (program.opcode[i] === LOAD || program.opcode[i] === STORE)
          expect(timing.channelEnd[i]! - timing.channelStart[i]!).toBe(Math.ceil(program.bytes[i]! / 8));
        else expect(timing.finish[i]! - timing.start[i]!).toBe(program.ticks[i]);
      }
      for (const channel of [0, 1]) {
        const spans = [...program.opcode.keys()]
          .filter((i) => timing.channelEnd[i]! > 0 && program.channel[i] === channel && program.engine[i]! > 0)
          .sort((x, y) => timing.channelStart[x]! - timing.channelStart[y]!);
        for (let i = 1; i < spans.length; i++)
          expect(timing.channelStart[spans[i]!]).toBeGreaterThanOrEqual(timing.channelEnd[spans[i - 1]!]!);
      }
      expect(simulate(program, machine(2, 2)).finish).toEqual(timing.finish);
    }
  });
});
