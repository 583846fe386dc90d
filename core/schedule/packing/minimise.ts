/**
 * The least capacity: down from a greedy packing and up from the peak. The proven bound is tried first, since it is
 * mostly reached; then the middle of what is open, with the bytes that could neither be packed nor refuted set aside.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type Block, type PackOptions, peak } from './block.ts';
import { greedy } from './greedy.ts';
import { pack } from './pack-parts.ts';
import { partsOf } from './parts.ts';

export interface Minimum {
  /** Bytes, one a block; null when nothing was found (fixed addresses that overlap). */
  readonly addresses: readonly number[] | null;
  /** Bytes the packing reaches; Infinity without one. */
  readonly height: number;
  /** Proven: no packing is lower. */
  readonly lowerBound: number;
  readonly nodes: number;
  readonly stop: 'proven' | 'nodes' | 'cancelled';
}

export function minimise(blocks: readonly Block[], options: PackOptions): Minimum {
  const control: Control = options.control ?? uncontrolled;
  const { unit, parts } = partsOf(blocks);
  const reaches = blocks.map(({ fixed, size }) => (fixed ?? 0) + size);
  let lowerBound = Math.ceil(reaches.reduce((most, top) => Math.max(most, top), peak(blocks)) / unit) * unit;
  const heightOf = (addresses: readonly number[]): number =>
    blocks.reduce((most, { size }, index) => Math.max(most, addresses[index]! + size), 0);

  let addresses: readonly number[] | null = null;
  let height = Infinity;
  const starts = parts.map((part) => greedy(part, lowerBound / unit));
  if (starts.every((start) => start !== null)) {
    const found = blocks.map(({ fixed }) => fixed ?? 0);
    parts.forEach((part, index) => {
      part.blocks.forEach((block, at) => {
        found[block] = starts[index]!.addresses[at]! * unit;
      });
    });
    addresses = found;
    height = heightOf(found);
  }

  let nodes = 0;
  /** Everything up to here is refuted or given up. */
  let aside = lowerBound - unit;
  const open = (): number => options.nodeLimit - nodes;
  for (let tries = 0; aside + unit < height && open() > 0 && !control.cancelled(); tries++) {
    const most = Number.isFinite(height) ? height : 2 * Math.max(unit, lowerBound) * 2 ** tries;
    const middle = Math.floor((aside + most) / 2 / unit) * unit;
    const target = tries === 0 ? lowerBound : Math.max(aside + unit, Math.min(middle, most - unit));
    // Half of what is left, so that a hard capacity leaves some for easier ones.
    const found = pack(blocks, target, { ...options, nodeLimit: Math.ceil(open() / 2) });
    nodes += Math.max(1, found.nodes);
    if (found.status === 'packed') {
      addresses = found.addresses;
      height = heightOf(found.addresses);
    } else {
      if (found.status === 'impossible') lowerBound = Math.max(lowerBound, target + unit);
      aside = target;
      if (!Number.isFinite(height) && tries > 40) break;
    }
  }
  const stop = height <= lowerBound ? 'proven' : control.cancelled() ? 'cancelled' : 'nodes';
  return { addresses, height, lowerBound: Math.min(lowerBound, height), nodes, stop };
}
