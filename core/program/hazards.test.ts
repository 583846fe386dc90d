import { describe, expect, it } from 'vitest';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { type BufferPlace, ProgramBuilder } from './builder.ts';
import type { UnitBuffers } from './capacity.ts';
import { hazards, withRoom } from './hazards.ts';
import { COMPULSORY, dependenciesOf, IN_BUFFER, LOAD, SPILL, STORE, WEIGHTS } from './program.ts';

const [ARRAY, OTHER, READ, WRITE] = [0, 1, 2, 3];

/** Tensors of 16 bytes: 0 and 1 come in, kernel 0 makes 2 from 0, kernel 1 makes 3 from 2 and 1. */
const schedule: ScheduleProblem = {
  name: 'chain',
  bytesPerElement: 1,
  tensors: (['input', 'input', 'act', 'output'] as const).map((kind, id) => ({
    id,
    name: `t${id}`,
    shape: [16],
    bytes: 16,
    kind,
  })),
  ops: [
    { id: 0, name: 'k0', type: 'conv', inputs: [0], outputs: [2], weightBytes: 8 },
    { id: 1, name: 'k1', type: 'add', inputs: [2, 1], outputs: [3], weightBytes: 0 },
  ],
};

class Sketch {
  readonly builder = new ProgramBuilder([
    { component: 'a', name: 'Array', kind: 'unit' },
    { component: 'v', name: 'Vector', kind: 'unit' },
    { component: 'd', name: 'DMA read', kind: 'dma' },
    { component: 'd', name: 'DMA write', kind: 'dma' },
  ]);

  whole(tensor: number, address: number, after: readonly number[] = [], operator = 0, channel = 0): number {
    const row = { opcode: LOAD, engine: READ, channel, operator, tensor, bytes: 16, traffic: COMPULSORY, address };
    return this.builder.transfer(row, after);
  }

  piece(tensor: number, place: BufferPlace, after: readonly number[] = [], operator = 0, bytes = 16): number {
    const row = { opcode: LOAD, engine: READ, channel: 0, operator, tensor, bytes, traffic: COMPULSORY, place };
    return this.builder.transfer(row, after);
  }

  execute(operator: number, engine: number, after: readonly number[], tile = 0, slot = 0): number {
    return this.builder.execute({ engine, operator, tensor: operator + 2, ticks: 1, tile, slot }, after);
  }

  store(operator: number, unit: number, after: readonly number[], slot = 0): number {
    const place = { unit, buffer: 0, slot, tile: 0 };
    const row = {
      opcode: STORE,
      engine: WRITE,
      channel: 0,
      operator,
      tensor: operator + 2,
      bytes: 16,
      traffic: SPILL,
      place,
    };
    return this.builder.transfer(row, after);
  }

  found(): readonly string[] {
    return hazards(this.builder.build(), schedule).map(({ code, message }) => `${code}: ${message}`);
  }
}

/** Everything resident; `without` drops one dependency by name. */
function chain(without: string | null = null, addresses = [0, 16, 32, 0]): readonly string[] {
  const sketch = new Sketch();
  const [a0, a1, a2, a3] = addresses;
  const bound = (tensor: number, address: number | undefined) => ({ tensor, address: address ?? IN_BUFFER });
  sketch.builder.bind(0, { operands: [bound(0, a0)], results: [bound(2, a2)] });
  sketch.builder.bind(1, { operands: [bound(2, a2), bound(1, a1)], results: [bound(3, a3)] });
  const needs = (list: Readonly<Record<string, number>>) =>
    Object.entries(list).flatMap(([name, command]) => (name === without ? [] : [command]));
  const first = sketch.whole(0, a0!);
  const second = sketch.whole(1, a1!, [], 1, 1);
  const weights = sketch.piece(WEIGHTS, { unit: ARRAY, buffer: 1, slot: 0, tile: 0 }, [], 0, 8);
  const made = sketch.execute(0, ARRAY, needs({ first, weights }));
  const result = sketch.execute(1, OTHER, needs({ made, second }));
  sketch.store(1, OTHER, needs({ result }));
  return sketch.found();
}

describe('hazards', () => {
  it('a program in order has none', () => {
    expect(chain()).toEqual([]);
  });

  it.each([
    ['first', 'program.order: Command 3 (execute) does not wait for command 0, which writes t0'],
    ['weights', 'program.order: Command 3 (execute) does not wait for command 2, which fills the buffer it reads'],
    ['made', 'program.order: Command 4 (execute) does not wait for command 3, which writes t2'],
    ['second', 'program.order: Command 4 (execute) does not wait for command 1, which writes t1'],
    ['result', 'program.order: Command 5 (store) does not wait for command 4, which computes what it stores'],
  ])('without waiting for %s', (dependency, message) => {
    // Weights come behind the first operand in one queue over one channel: who waits for them waits for both.
    expect(chain(dependency)).toEqual(dependency === 'first' ? [] : expect.arrayContaining([message]));
  });

  it('operands that share a byte: one is gone when it is read', () => {
    expect(chain(null, [0, 15, 32, 48])).toEqual([
      'program.order: Command 1 (load) does not wait for command 0, which uses t0 in the same bytes',
      'program.read-before-write: Command 3 (execute) reads t0, which is not at 0',
    ]);
  });

  it('a result may take the place of an operand its kernel reads, another must wait for it', () => {
    expect(chain(null, [0, 16, 0, 32])).toEqual([]);
    expect(chain('made', [0, 16, 32, 32])).toContain(
      'program.order: Command 4 (execute) does not wait for command 3, which writes t2',
    );
  });

  it('halves of a buffer: filled again only after their last use, stored before the next sums', () => {
    const sketch = new Sketch();
    const stream = { address: IN_BUFFER };
    sketch.builder.bind(0, { operands: [{ tensor: 0, ...stream }], results: [{ tensor: 2, ...stream }] });
    sketch.builder.bind(1, { operands: [], results: [] });
    const place = (tile: number) => ({ unit: ARRAY, buffer: 0, slot: 0, tile });
    const weights = sketch.piece(WEIGHTS, { unit: ARRAY, buffer: 1, slot: 0, tile: 0 }, [], 0, 8);
    const first = sketch.piece(0, place(0), [], 0, 8);
    const one = sketch.execute(0, ARRAY, [weights, first], 0);
    sketch.store(0, ARRAY, [one]);
    const second = sketch.piece(0, place(1), [], 0, 8);
    sketch.execute(0, ARRAY, [second], 1);
    expect(sketch.found()).toEqual([
      'program.order: Command 4 (load) does not wait for command 2, which still reads that half of the buffer',
      'program.order: Command 4 (load) does not wait for command 1, which fills that half of the buffer',
      'program.order: Command 5 (execute) does not wait for command 3, which stores what is in that half of the result buffer',
    ]);
  });

  it('what is read from off chip must be there', () => {
    const sketch = new Sketch();
    sketch.builder.bind(0, { operands: [{ tensor: 2, address: 0 }], results: [] });
    sketch.whole(2, 0);
    expect(sketch.found()).toEqual([
      'program.read-before-write: Command 0 (load) reads t2 before all of it is off chip',
    ]);
  });

  it('a result nobody reads or stores is said', () => {
    const sketch = new Sketch();
    sketch.builder.bind(0, { operands: [], results: [{ tensor: 2, address: 0 }] });
    expect(sketch.found()).toEqual(['program.unused: The result t2 is neither stored nor read by another kernel']);
  });

  /** Pieces of 8 positions of a byte each; the array has one room for all but its results. */
  const rooms = (bytes: number, resultBytes: number): UnitBuffers => ({
    rooms: [
      [
        { name: 'buffer', bytes },
        { name: 'sums', bytes: resultBytes },
      ],
    ],
    roomOf: (_unit, _operator, buffer) => (buffer === null ? 1 : 0),
    held: (_unit, _operator, buffer, piece) =>
      buffer === null
        ? { key: piece, from: 0, to: 1, positionBytes: 4 }
        : { key: 0, from: buffer * 100 + 6 * piece, to: buffer * 100 + 6 * piece + 8, positionBytes: 1 },
  });

  /** Kernel 0 on two pieces of t0 that share two positions, kernel 1 then on one of t1. */
  function streamed(): Sketch {
    const sketch = new Sketch();
    const stream = { address: IN_BUFFER };
    sketch.builder.bind(0, { operands: [{ tensor: 0, ...stream }], results: [{ tensor: 2, address: 0 }] });
    sketch.builder.bind(1, {
      operands: [
        { tensor: 2, address: 0 },
        { tensor: 1, ...stream },
      ],
      results: [],
    });
    const weights = sketch.piece(WEIGHTS, { unit: ARRAY, buffer: 1, slot: 0, tile: 0 }, [], 0, 8);
    const first = sketch.piece(0, { unit: ARRAY, buffer: 0, slot: 0, tile: 0 }, [], 0, 8);
    const one = sketch.execute(0, ARRAY, [weights, first], 0);
    const second = sketch.piece(0, { unit: ARRAY, buffer: 0, slot: 1, tile: 1 }, [], 0, 6);
    const two = sketch.execute(0, ARRAY, [second, one], 1, 1);
    const other = sketch.piece(1, { unit: ARRAY, buffer: 1, slot: 1, tile: 0 }, [], 1, 8);
    sketch.execute(1, ARRAY, [two, other], 0, 0);
    return sketch;
  }

  const messages = (sketch: Sketch, buffers: UnitBuffers) =>
    hazards(sketch.builder.build(), schedule, null, buffers)
      .filter(({ code }) => code === 'program.capacity')
      .map(({ message, facts }) => [message, facts.demand, facts.bound]);

  it('buffers hold all that may lie in them at once, a halo once', () => {
    // Weights 8, both pieces 14 together, and 8 of the next operator, which waits for nothing.
    expect(messages(streamed(), rooms(30, 8))).toEqual([]);
    expect(messages(streamed(), rooms(29, 8))).toEqual([
      ['Command 5 (load) finds too little room: 30 B in the buffer of Array, which has 29 B', 30, 29],
    ]);
    expect(messages(streamed(), rooms(21, 8))).toEqual([
      ['Command 3 (load) finds too little room: 22 B in the buffer of Array, which has 21 B', 22, 21],
    ]);
    expect(messages(streamed(), rooms(30, 3))).toEqual([
      ['Command 2 (execute) finds too little room: 4 B in the sums of Array, which has 3 B', 4, 3],
    ]);
  });

  it('an operator fetches ahead only as far as there is room', () => {
    const program = streamed().builder.build();
    const ample = withRoom(program, schedule, null, rooms(30, 8));
    expect(ample).toBe(program);
    const waiting = withRoom(program, schedule, null, rooms(29, 8));
    expect([...dependenciesOf(waiting, 5)]).toContain(4);
    expect(hazards(waiting, schedule, null, rooms(29, 8)).filter(({ code }) => code === 'program.capacity')).toEqual(
      [],
    );
    // Within an operator there is nothing to wait for: its mapping is at fault.
    const tight = withRoom(program, schedule, null, rooms(21, 8));
    expect(hazards(tight, schedule, null, rooms(21, 8)).map(({ code }) => code)).toContain('program.capacity');
  });
});
