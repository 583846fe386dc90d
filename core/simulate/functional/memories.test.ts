import { describe, expect, it } from 'vitest';
import type { Piece } from '#core/compile/pieces.ts';
import { gathered, OperandBuffer } from './buffers.ts';
import { Scratchpad, type Stored } from './scratchpad.ts';

const reals = (tensor: number, elements: number, width = 4): Stored => ({
  tensor,
  elementType: 'fp32',
  elements,
  width,
});

describe('the scratchpad', () => {
  it('keeps numbers as bytes at any address', () => {
    const pad = new Scratchpad(64, 1);
    const place = pad.claim(reals(0, 3), 5)!;
    pad.write(place, Float32Array.of(1.5, -2, 1e-30), 0, 3);
    expect([...pad.read(place)]).toEqual([1.5, -2, Math.fround(1e-30)]);
  });

  it('a claim ends whoever has one of its bytes, and nobody else', () => {
    const pad = new Scratchpad(64, 1);
    const [a, b] = [pad.claim(reals(0, 4), 0)!, pad.claim(reals(1, 4), 16)!];
    const c = pad.claim(reals(2, 4), 31)!;
    expect([a, b, c].map(({ isAlive }) => isAlive)).toEqual([true, false, true]);
    expect(pad.find(1, 16)).toBeNull();
    expect(pad.find(0, 1)).toBeNull();
  });

  it('gives nothing beyond its capacity', () => {
    const pad = new Scratchpad(16, 1);
    expect(pad.claim(reals(0, 4), 1)).toBeNull();
    expect(pad.claim(reals(0, 4), 0)).not.toBeNull();
  });

  it('a narrower format takes its bytes in the schedule and keeps the numbers whole', () => {
    const pad = new Scratchpad(8, 4);
    const [a, b] = [pad.claim(reals(0, 4, 1), 0)!, pad.claim(reals(1, 4, 1), 4)!];
    pad.write(a, Float32Array.of(1.25, 2.25, 3.25, 4.25), 0, 4);
    pad.write(b, Float32Array.of(5.25, 6.25, 7.25, 8.25), 0, 4);
    expect([...pad.read(a), ...pad.read(b)]).toEqual([1.25, 2.25, 3.25, 4.25, 5.25, 6.25, 7.25, 8.25]);
    expect(pad.claim(reals(2, 4, 1), 5)).toBeNull();
  });
});

/** Rows of a picture, two channels. */
function rows(from: number, to: number): Piece {
  return { key: 0, from, to, ownFrom: from, ownTo: to, positionBytes: 8, block: { g: [0, 1], d: [0, 2] } };
}

const data = (from: number, to: number) => {
  const made = new Float32Array(2 * (to - from));
  for (let s = from; s < to; s++) {
    made[s - from] = s;
    made[to - from + s - from] = 100 + s;
  }
  return made;
};

describe('the ring of an operand buffer', () => {
  const begin = (
    buffer: OperandBuffer,
    slot: number,
    index: number,
    piece: Piece,
    load: [number, number],
    kept?: Piece,
  ) =>
    buffer.begin(slot, { operator: 0, index, piece }, load, data(...load), kept ? { operator: 0, piece: kept } : null);

  it('keeps the halo of the piece in the other half', () => {
    const buffer = new OperandBuffer();
    const [first, second, third] = [rows(0, 4), rows(2, 6), rows(4, 8)];
    buffer.finish(0, begin(buffer, 0, 0, first, [0, 4]));
    const load = begin(buffer, 1, 1, second, [4, 6], first);
    expect(buffer.holding(0, second)).toBeNull();
    expect(buffer.holding(0, first)).not.toBeNull();
    buffer.finish(1, load);
    // The first half is filled anew; rows 2 and 3 stay for the second piece.
    const next = begin(buffer, 0, 2, third, [6, 8], second);
    expect(buffer.holding(0, first)).toBeNull();
    const held = buffer.holding(0, second);
    expect([...gathered(held!, second, new Float64Array(8))]).toEqual([2, 3, 4, 5, 102, 103, 104, 105]);
    buffer.finish(0, next);
    expect([...gathered(buffer.holding(0, third)!, third, new Float64Array(8))]).toEqual([
      4, 5, 6, 7, 104, 105, 106, 107,
    ]);
  });

  it('forgets what nobody in the other half needs', () => {
    const buffer = new OperandBuffer();
    buffer.finish(0, begin(buffer, 0, 0, rows(0, 4), [0, 4]));
    begin(buffer, 0, 1, rows(4, 8), [4, 8]);
    expect(buffer.holding(0, rows(0, 4))).toBeNull();
    expect(buffer.holding(1, rows(4, 8))).toBeNull();
  });

  it('a load that was overwritten before it ended says so', () => {
    const buffer = new OperandBuffer();
    const load = begin(buffer, 0, 0, rows(0, 4), [0, 4]);
    begin(buffer, 0, 1, rows(4, 8), [4, 8]);
    expect(buffer.finish(0, load)).toBe(false);
  });
});
