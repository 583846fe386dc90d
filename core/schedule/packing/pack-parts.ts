/**
 * Addresses: blocks (steps × bytes) laid into a scratchpad without overlap. Greedy starts under several orders, then
 * an exact search that ends in a packing, in a proof that there is none, or at its budget (packing/README.md).
 * Deterministic: the budget is nodes. Addresses are sums of sizes, so sizes in whole granules give aligned ones.
 */
import type { Block, Packing, PackOptions } from './block.ts';
import { searchPart } from './exact.ts';
import { greedy } from './greedy.ts';
import { type Part, partsOf } from './parts.ts';

/** Lays every block into [0, capacity). A block of no bytes lies where it must, or at 0. */
export function pack(blocks: readonly Block[], capacity: number, options: PackOptions): Packing {
  return packParts(blocks, capacity, options, greedy);
}

/** The search alone, without the greedy starts. */
export function packExactly(blocks: readonly Block[], capacity: number, options: PackOptions): Packing {
  return packParts(blocks, capacity, options, () => null);
}

function packParts(
  blocks: readonly Block[],
  capacity: number,
  { nodeLimit, ...watched }: PackOptions,
  start: typeof greedy,
): Packing {
  let nodes = 0;
  const addresses = blocks.map(({ fixed }) => fixed ?? 0);
  const isOut = ({ size, fixed = 0, alignment = 1 }: Block): boolean =>
    fixed < 0 || fixed + size > capacity || fixed % alignment !== 0;
  if (blocks.some(isOut)) return { status: 'impossible', nodes };
  const { unit, parts } = partsOf(blocks);
  const room = Math.floor(capacity / unit);
  if (parts.some((part) => peakOf(part) > room)) return { status: 'impossible', nodes };
  for (const part of parts) {
    const begun = start(part, room);
    let found = begun && begun.top <= room ? begun.addresses : null;
    if (!found) {
      const searched = searchPart(part, room, { ...watched, nodeLimit: nodeLimit - nodes });
      nodes += searched.nodes;
      if (searched.status !== 'packed') return { status: searched.status, nodes };
      found = searched.addresses;
    }
    part.blocks.forEach((block, at) => {
      addresses[block] = found[at]! * unit;
    });
  }
  return { status: 'packed', addresses, nodes };
}

/** Most units alive in one section. */
function peakOf(part: Part): number {
  const change = new Float64Array(part.sections + 1);
  for (let p = 0; p < part.count; p++) {
    change[part.first[p]!]! += part.size[p]!;
    change[part.last[p]! + 1]! -= part.size[p]!;
  }
  let alive = 0;
  let most = 0;
  for (const bytes of change) {
    alive += bytes;
    most = Math.max(most, alive);
  }
  return most;
}
