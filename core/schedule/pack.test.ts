import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { sharedPath, skippedWithoutShared } from '../../tests/support/shared.ts';
import { pack, packExactly, peak, type Rectangle } from './pack.ts';

function fault(rectangles: readonly Rectangle[], addresses: readonly number[], capacity: number): string | null {
  for (const [i, a] of rectangles.entries()) {
    if (addresses[i]! < 0 || addresses[i]! + a.size > capacity) return `${i} out of range`;
    for (const [j, b] of rectangles.entries()) {
      const meets = i < j && a.from < b.to && b.from < a.to;
      if (meets && addresses[i]! < addresses[j]! + b.size && addresses[j]! < addresses[i]! + a.size)
        return `${i} overlaps ${j}`;
    }
  }
  return null;
}

/** Tries every address of every rectangle: the definition, for small capacities. */
function fits(rectangles: readonly Rectangle[], capacity: number): boolean {
  const addresses: number[] = [];
  const extend = (index: number): boolean => {
    const one = rectangles[index];
    if (!one) return true;
    for (let address = 0; address + one.size <= capacity; address++) {
      const isFree = rectangles.slice(0, index).every((other, at) => {
        const meets = one.from < other.to && other.from < one.to;
        return !meets || address >= addresses[at]! + other.size || addresses[at]! >= address + one.size;
      });
      if (!isFree) continue;
      addresses[index] = address;
      if (extend(index + 1)) return true;
    }
    return false;
  };
  return extend(0);
}

function randomRectangles(rng: Rng, count: number, steps: number, size: number): Rectangle[] {
  return Array.from({ length: count }, () => {
    const from = rng.below(steps);
    return { size: 1 + rng.below(size), from, to: from + 1 + rng.below(steps - from) };
  });
}

/** Cuts a full rectangle of capacity × steps by guillotine, so that a packing without any waste exists. */
function perfectlyPackable(rng: Rng, capacity: number, steps: number, pieces: number): Rectangle[] {
  const parts = [{ address: 0, size: capacity, from: 0, to: steps }];
  while (parts.length < pieces) {
    const at = rng.below(parts.length);
    const part = parts[at]!;
    const byTime = rng.below(2) === 0;
    const length = byTime ? part.to - part.from : part.size;
    if (length < 2) continue;
    const cut = 1 + rng.below(length - 1);
    parts.splice(
      at,
      1,
      byTime ? { ...part, to: part.from + cut } : { ...part, size: cut },
      byTime ? { ...part, from: part.from + cut } : { ...part, address: part.address + cut, size: part.size - cut },
    );
  }
  return parts.map(({ size, from, to }) => ({ size, from, to }));
}

describe('pack', () => {
  it('searches to the same verdict as trying every address, on 1,500 tight problems', () => {
    const rng = createRng(11);
    for (let round = 0; round < 1_500; round++) {
      // A problem without waste in which one piece has moved, so that few packings are left.
      const pieces = perfectlyPackable(rng, 7, 7, 10);
      const moved = rng.below(pieces.length);
      const rectangles = pieces.map((piece, index) => {
        const shift = index === moved ? rng.below(5) - 2 : 0;
        return { ...piece, from: Math.max(0, piece.from + shift), to: Math.max(1, piece.to + shift) };
      });
      const capacity = peak(rectangles);
      const packing = packExactly(rectangles, capacity, { nodeLimit: 1e6 });
      expect(packing.status, JSON.stringify({ rectangles, capacity })).toBe(
        fits(rectangles, capacity) ? 'packed' : 'impossible',
      );
      if (packing.status === 'packed') expect(fault(rectangles, packing.addresses, capacity)).toBeNull();
      expect(packExactly(rectangles, capacity - 1, { nodeLimit: 1e6 }).status).toBe('impossible');
    }
  });

  it('says impossible below the peak without searching', () => {
    const rectangles = [
      { size: 3, from: 0, to: 2 },
      { size: 3, from: 1, to: 3 },
    ];
    expect(peak(rectangles)).toBe(6);
    expect(pack(rectangles, 5, { nodeLimit: 10 })).toEqual({ status: 'impossible', nodes: 0 });
  });

  it('finds packings without a byte to spare', () => {
    const rng = createRng(5);
    let packed = 0;
    for (let round = 0; round < 40; round++) {
      const rectangles = perfectlyPackable(rng, 32, 24, 18);
      const packing = pack(rectangles, 32, { nodeLimit: 300_000 });
      expect(packing.status).not.toBe('impossible');
      if (packing.status === 'packed') {
        expect(fault(rectangles, packing.addresses, 32)).toBeNull();
        packed++;
      }
    }
    expect(packed).toBe(40);
  });

  it('gives multiples of the granule for sizes in whole granules, and 0 to what has no bytes', () => {
    const rng = createRng(9);
    const rectangles = [
      ...randomRectangles(rng, 12, 10, 5).map((one) => ({ ...one, size: one.size * 64 })),
      { size: 0, from: 0, to: 10 },
    ];
    const packing = pack(rectangles, peak(rectangles) + 256, { nodeLimit: 100_000 });
    expect(packing.status).toBe('packed');
    if (packing.status !== 'packed') return;
    expect(packing.addresses.every((address) => address % 64 === 0)).toBe(true);
    expect(packing.addresses.at(-1)).toBe(0);
  });

  it('stops at its budget and when told to', () => {
    const path = sharedPath('data/minimalloc/challenging/A.1048576.csv');
    if (!path) return;
    const rectangles = readRectangles(path);
    expect(pack(rectangles, 1_048_576, { nodeLimit: 3_000 }).status).toBe('exhausted');
    const control = { report: () => {}, cancelled: () => true };
    expect(pack(rectangles, 1_048_576, { nodeLimit: 1e9, control }).status).toBe('exhausted');
  });
});

function readRectangles(path: string): Rectangle[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, from, to, size] = line.split(',');
      return { from: Number(from), to: Number(to), size: Number(size) };
    });
}

const example = sharedPath('data/minimalloc/examples/input.12.csv');
describe.skipIf(!example)(`MiniMalloc's own example${example ? '' : ` (${skippedWithoutShared})`}`, () => {
  it('packs into the published 12 and not into 11', () => {
    const rectangles = readRectangles(example!);
    const packing = pack(rectangles, 12, { nodeLimit: 10_000 });
    expect(packing.status).toBe('packed');
    if (packing.status === 'packed') expect(fault(rectangles, packing.addresses, 12)).toBeNull();
    expect(pack(rectangles, 11, { nodeLimit: 10_000 }).status).toBe('impossible');
  });
});
