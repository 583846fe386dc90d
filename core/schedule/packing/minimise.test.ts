import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { cutRectangle, packsByTrial, randomBlocks } from '../../../tests/support/packings.ts';
import { type Block, minimise, packingFault } from '../pack.ts';

it('finds the least capacity of 300 small problems, as trying every address does', () => {
  const rng = createRng(51);
  for (let round = 0; round < 300; round++) {
    const blocks = randomBlocks(rng, { count: 3 + rng.below(4), steps: 6, size: 4 }).map(
      (block): Block => (rng.below(3) === 0 ? { ...block, alignment: 3 } : block),
    );
    const { addresses, height, lowerBound, stop } = minimise(blocks, { nodeLimit: 100_000 });
    expect(stop).toBe('proven');
    expect(lowerBound).toBe(height);
    expect(packingFault(blocks, addresses!, height)).toBeNull();
    expect(packsByTrial(blocks, height)).toBe(true);
    expect(packsByTrial(blocks, height - 1)).toBe(false);
  }
});

it('keeps bound and packing apart when the budget ends', () => {
  const blocks = cutRectangle(createRng(52), 1 << 16, 300, 150);
  const { addresses, height, lowerBound } = minimise(blocks, { nodeLimit: 1 });
  expect(lowerBound).toBe(1 << 16);
  expect(height).toBeGreaterThanOrEqual(lowerBound);
  expect(packingFault(blocks, addresses!, height)).toBeNull();
});

it('has nothing for fixed addresses that overlap', () => {
  const blocks = [0, 2].map((fixed) => ({ size: 4, from: 0, to: 1, fixed }));
  expect(minimise(blocks, { nodeLimit: 100 })).toMatchObject({ addresses: null, height: Infinity });
});
