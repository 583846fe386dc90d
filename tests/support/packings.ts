/** Packing problems for tests, and the definition of packing by trial of every address. */
import type { Rng } from '#core/base/rng.ts';
import type { Block, Rectangle } from '#core/schedule/pack.ts';

export function randomBlocks(
  rng: Rng,
  { count, steps, size }: { readonly count: number; readonly steps: number; readonly size: number },
): Rectangle[] {
  return Array.from({ length: count }, () => {
    const from = rng.below(steps);
    return { size: 1 + rng.below(size), from, to: from + 1 + rng.below(steps - from) };
  });
}

/** Cuts a full rectangle of capacity × steps, so that a packing without any waste exists; shuffled. */
export function cutRectangle(rng: Rng, capacity: number, steps: number, pieces: number): Rectangle[] {
  const parts = [{ address: 0, size: capacity, from: 0, to: steps }];
  while (parts.length < pieces) {
    const at = rng.below(parts.length);
    const part = parts[at]!;
    const isByTime = rng.below(2) === 0;
    const length = isByTime ? part.to - part.from : part.size;
    if (length < 2) continue;
    const cut = 1 + rng.below(length - 1);
    parts.splice(
      at,
      1,
      isByTime ? { ...part, to: part.from + cut } : { ...part, size: cut },
      isByTime ? { ...part, from: part.from + cut } : { ...part, address: part.address + cut, size: part.size - cut },
    );
  }
  for (let i = parts.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [parts[i], parts[j]] = [parts[j]!, parts[i]!];
  }
  return parts.map(({ size, from, to }) => ({ size, from, to }));
}

/** Blocks of two bytes or more added at random until every step is full, or nearly: tight, at times without a packing. */
export function fillSteps(rng: Rng, capacity: number, steps: number, longest: number): Rectangle[] {
  const room = new Array<number>(steps).fill(capacity);
  const blocks: Rectangle[] = [];
  for (let tries = 0; tries < 200; tries++) {
    const from = rng.below(steps);
    const to = Math.min(steps, from + 1 + rng.below(longest));
    const most = Math.min(...room.slice(from, to));
    if (most < 2) continue;
    const drawn = 2 + rng.below(most - 1);
    const size = most - drawn === 1 ? most : drawn;
    blocks.push({ size, from, to });
    for (let step = from; step < to; step++) room[step]! -= size;
  }
  return blocks.sort((a, b) => a.from - b.from);
}

/** Tries every address of every block, one after the other: the definition, for capacities to 31 bytes. */
export function packsByTrial(blocks: readonly Block[], capacity: number): boolean {
  if (capacity > 31) throw new Error(`no trial of ${capacity} addresses`);
  const start = Math.min(...blocks.map(({ from }) => from));
  const steps = Math.max(...blocks.map(({ to }) => to)) - start;
  const bits = (size: number): number => (size >= 32 ? -1 : 2 ** size - 1) | 0;
  /** Per block and step, a bit for each byte taken. */
  const taken = blocks.map((block) => {
    const masks = new Array<number>(steps).fill(0);
    for (const { from, to, offset, size } of block.slabs ?? [{ ...block, offset: 0 }])
      for (let step = from; step < to; step++) masks[step - start]! |= bits(size) << offset;
    return masks;
  });
  const occupied = new Int32Array(steps);
  const extend = (index: number): boolean => {
    const block = blocks[index];
    if (!block) return true;
    const masks = taken[index]!;
    for (let address = block.fixed ?? 0; address + block.size <= capacity; address++) {
      if (
        address % (block.alignment ?? 1) === 0 &&
        masks.every((mask, step) => ((mask << address) & occupied[step]!) === 0)
      ) {
        masks.forEach((mask, step) => {
          occupied[step]! |= mask << address;
        });
        if (extend(index + 1)) return true;
        masks.forEach((mask, step) => {
          occupied[step]! &= ~(mask << address);
        });
      }
      if (block.fixed !== undefined) break;
    }
    return false;
  };
  return extend(0);
}
