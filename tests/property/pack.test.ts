/** The packer against trying every address, on thousands of small problems with every feature; and against itself seen otherwise. */
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { type Block, type Packing, pack, packExactly, packingFault, peak } from '#core/schedule/pack.ts';
import { searchPart } from '#core/schedule/packing/exact.ts';
import { partsOf } from '#core/schedule/packing/parts.ts';
import { cases } from '../support/cases.ts';
import { cutRectangle, fillSteps, packsByTrial, randomBlocks } from '../support/packings.ts';

const BUDGET = { nodeLimit: 1_000_000 };

function agree(blocks: readonly Block[], capacity: number, found: Packing): void {
  const told = JSON.stringify({ blocks, capacity });
  expect(found.status, told).toBe(packsByTrial(blocks, capacity) ? 'packed' : 'impossible');
  if (found.status === 'packed') expect(packingFault(blocks, found.addresses, capacity), told).toBeNull();
}

const seen: Record<Packing['status'], number> = { packed: 0, impossible: 0, exhausted: 0 };
function count(packing: Packing): Packing {
  seen[packing.status]++;
  return packing;
}

describe('packer against exhaustive search', () => {
  it('rectangles: problems at and about their peak', () => {
    const rng = createRng(21);
    for (let round = 0; round < cases(400, 30_000); round++) {
      const blocks = randomBlocks(rng, { count: 3 + rng.below(5), steps: 7, size: 4 });
      const capacity = peak(blocks) + rng.below(2);
      agree(blocks, capacity, count(packExactly(blocks, capacity, BUDGET)));
      agree(blocks, capacity, pack(blocks, capacity, BUDGET));
    }
  });

  it('a cut rectangle in which pieces have moved: problems with few packings or none', () => {
    const rng = createRng(22);
    for (let round = 0; round < cases(200, 10_000); round++) {
      const blocks = cutRectangle(rng, 8, 8, 11).map((block) => {
        const shift = rng.below(6) === 0 ? rng.below(3) - 1 : 0;
        return { ...block, from: Math.max(0, block.from + shift), to: Math.max(1, block.to + shift) };
      });
      const capacity = peak(blocks);
      agree(blocks, capacity, count(packExactly(blocks, capacity, BUDGET)));
    }
  });

  it('alignment and fixed addresses', () => {
    const rng = createRng(23);
    for (let round = 0; round < cases(400, 30_000); round++) {
      const blocks = randomBlocks(rng, { count: 3 + rng.below(5), steps: 6, size: 4 }).map((block): Block => {
        const kind = rng.below(4);
        if (kind === 0) return { ...block, alignment: 2 + rng.below(2) };
        return kind === 1 ? { ...block, fixed: rng.below(8) } : block;
      });
      const capacity = peak(blocks) + rng.below(4);
      agree(blocks, capacity, count(packExactly(blocks, capacity, BUDGET)));
      agree(blocks, capacity, pack(blocks, capacity, BUDGET));
    }
  });

  it('composites, with the rest', () => {
    const rng = createRng(24);
    for (let round = 0; round < cases(600, 40_000); round++) {
      const blocks = randomBlocks(rng, { count: 3 + rng.below(4), steps: 6, size: 4 }).map((block): Block => {
        const kind = rng.below(6);
        if (kind < 3) return { ...block, slabs: randomSlabs(rng, block) };
        if (kind === 3) return { ...block, alignment: 2 };
        return kind === 4 && rng.below(3) === 0 ? { ...block, fixed: rng.below(6) } : block;
      });
      const capacity = peak(blocks) + rng.below(4);
      agree(blocks, capacity, count(packExactly(blocks, capacity, BUDGET)));
      agree(blocks, capacity, pack(blocks, capacity, BUDGET));
    }
  });

  it('full steps, under many restarts that stop in the middle', () => {
    const rng = createRng(25);
    for (let round = 0; round < cases(300, 20_000); round++) {
      const blocks = fillSteps(rng, 14, 14, 5);
      const capacity = peak(blocks);
      const statuses = restarted(blocks, capacity, 1_000_000);
      const status = statuses.find((one) => one !== 'packed') ?? 'packed';
      const told = JSON.stringify({ blocks, capacity });
      expect(status, told).toBe(packsByTrial(blocks, capacity) ? 'packed' : 'impossible');
    }
  });

  it('has seen both verdicts often', () => {
    expect(seen.exhausted).toBe(0);
    expect(Math.min(seen.packed, seen.impossible)).toBeGreaterThan(cases(150, 8000));
  });
});

/** Up to three slabs inside a block, which may overlap one another, in time and in bytes. */
function randomSlabs(rng: Rng, { from, to, size }: Block): NonNullable<Block['slabs']> {
  return Array.from({ length: 1 + rng.below(3) }, () => {
    const begin = from + rng.below(to - from);
    const offset = rng.below(size);
    return { from: begin, to: begin + 1 + rng.below(to - begin), offset, size: 1 + rng.below(size - offset) };
  });
}

/** Verdict of each part, in runs of two nodes and more. */
function restarted(blocks: readonly Block[], capacity: number, nodeLimit: number): readonly Packing['status'][] {
  const { unit, parts } = partsOf(blocks);
  return parts.map((part) => searchPart(part, Math.floor(capacity / unit), { nodeLimit, shortestRun: 2 }).status);
}

describe('packer on problems made by cutting a full rectangle', () => {
  it('never calls one impossible, whatever runs are stopped', () => {
    const rng = createRng(32);
    for (let round = 0; round < cases(200, 10_000); round++) {
      const blocks = cutRectangle(rng, 600, 60, 12 + (round % 40));
      expect(restarted(blocks, 600, 3_000), JSON.stringify(blocks)).not.toContain('impossible');
    }
  });

  it('packs 24 of 40 to 160 pieces without a byte to spare', () => {
    const rng = createRng(31);
    for (let round = 0; round < 24; round++) {
      const blocks = cutRectangle(rng, 1 << 12, 400, 40 + 5 * round);
      const packing = pack(blocks, 1 << 12, { nodeLimit: 400_000 });
      expect(packing.status).not.toBe('impossible');
      if (packing.status === 'packed') expect(packingFault(blocks, packing.addresses, 1 << 12)).toBeNull();
    }
  });
});

describe('packer seen otherwise', () => {
  const rng = createRng(41);
  const problems = Array.from({ length: 300 }, () => {
    const blocks = cutRectangle(rng, 12, 10, 12).map((block) => ({ ...block, to: block.to + rng.below(2) }));
    const capacity = peak(blocks);
    return { blocks, capacity, status: pack(blocks, capacity, BUDGET).status };
  });

  it('says the same of a problem reversed in time, relabelled and scaled', () => {
    for (const { blocks, capacity, status } of problems) {
      const reversed = blocks.map(({ from, to, size }) => ({ from: -to, to: -from, size }));
      expect(pack(reversed, capacity, BUDGET).status).toBe(status);
      const relabelled = [...blocks].reverse();
      expect(pack(relabelled, capacity, BUDGET).status).toBe(status);
      const scaled = blocks.map(({ from, to, size }) => ({ from: 7 * from, to: 7 * to, size: 320 * size }));
      expect(pack(scaled, 320 * capacity + 319, BUDGET).status).toBe(status);
      expect(pack(blocks, capacity - 1, BUDGET).status).toBe('impossible');
    }
  });

  it('gives the same answer twice', () => {
    for (const { blocks, capacity } of problems.slice(0, 50))
      expect(pack(blocks, capacity, BUDGET)).toEqual(pack(blocks, capacity, BUDGET));
  });
});
