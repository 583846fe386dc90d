/** Checks a packing by its definition, sharing nothing with the packer: every pair of slabs, straight from the blocks. */
import type { Block, Slab } from './block.ts';

/**
 * @param addresses bytes, one a block.
 * @returns what is wrong, naming blocks by their index; null for a packing.
 */
export function packingFault(blocks: readonly Block[], addresses: readonly number[], capacity: number): string | null {
  if (addresses.length !== blocks.length) return `${addresses.length} addresses for ${blocks.length} blocks`;
  const taken: (Slab & { readonly block: number })[] = [];
  for (const [index, block] of blocks.entries()) {
    const address = addresses[index]!;
    if (!Number.isSafeInteger(address)) return `block ${index} has no whole address`;
    if (address < 0 || address + block.size > capacity) return `block ${index} is out of range at ${address}`;
    if (address % (block.alignment ?? 1) !== 0) return `block ${index} is not aligned at ${address}`;
    if (block.fixed !== undefined && block.fixed !== address) return `block ${index} is not where it must be`;
    const whole = { from: block.from, to: block.to, offset: 0, size: block.size };
    for (const slab of block.slabs ?? [whole])
      if (slab.size > 0 && slab.from < slab.to) taken.push({ ...slab, offset: address + slab.offset, block: index });
  }
  taken.sort((a, b) => a.from - b.from);
  for (const [index, one] of taken.entries()) {
    for (let at = index + 1; at < taken.length && taken[at]!.from < one.to; at++) {
      const other = taken[at]!;
      if (other.block === one.block) continue;
      if (one.offset < other.offset + other.size && other.offset < one.offset + one.size)
        return `blocks ${one.block} and ${other.block} overlap at step ${other.from}`;
    }
  }
  return null;
}
