/**
 * What is to be laid out: blocks of bytes alive over steps. Plain blocks are rectangles (steps × bytes); a block whose
 * extent changes over time is given by slabs relative to its one address (MiniMalloc's gaps and windows; aliases).
 */
import type { Control } from '#core/base/control.ts';

/** Occupies `size` bytes during steps from … to − 1. */
export interface Rectangle {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** Bytes offset … offset + size − 1 of a block during steps from … to − 1. */
export interface Slab {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly size: number;
}

/** Lies whole in [0, capacity): address + size ≤ capacity, whatever its slabs. Bytes and steps are whole numbers. */
export interface Block extends Rectangle {
  /** The address is a multiple of it; 1 when absent. */
  readonly alignment?: number;
  /** The address it must have. */
  readonly fixed?: number;
  /** What it takes, instead of all its bytes over all its steps; slabs may overlap one another. */
  readonly slabs?: readonly Slab[];
}

/** impossible: proven that nothing fits · exhausted: the budget ran out, or the user stopped. */
export type Packing =
  | { readonly status: 'packed'; readonly addresses: readonly number[]; readonly nodes: number }
  | { readonly status: 'impossible' | 'exhausted'; readonly nodes: number };

export interface PackOptions {
  /** Search nodes; greedy passes come free. */
  readonly nodeLimit: number;
  readonly control?: Control;
  /** Reports progress of the search under this phase, several times a second. */
  readonly phase?: string;
}

/** Occupied windows of a block, disjoint: elementary spans of steps, joined where nothing changes between them. */
export function slabsOf(block: Block): readonly Slab[] {
  const { from, to, size } = block;
  if (size <= 0 || from >= to) return [];
  if (!block.slabs) return [{ from, to, offset: 0, size }];
  const slabs = block.slabs.filter((slab) => slab.size > 0 && slab.from < slab.to);
  const steps = [...new Set(slabs.flatMap((slab) => [slab.from, slab.to]))].sort((a, b) => a - b);
  const done: Slab[] = [];
  let open: { from: number; offset: number; size: number }[] = [];
  const isSame = (a: readonly { offset: number; size: number }[], b: typeof open): boolean =>
    a.length === b.length && a.every((one, i) => one.offset === b[i]!.offset && one.size === b[i]!.size);
  steps.forEach((step) => {
    const now = windowsAt(slabs, step);
    if (isSame(now, open)) return;
    done.push(...open.map((window) => ({ ...window, to: step })));
    open = now.map((window) => ({ from: step, ...window }));
  });
  return done;
}

/** The union of what is taken at one step, from below. */
function windowsAt(slabs: readonly Slab[], step: number): readonly { offset: number; size: number }[] {
  const alive = slabs.filter((slab) => slab.from <= step && step < slab.to).sort((a, b) => a.offset - b.offset);
  const windows: { offset: number; size: number }[] = [];
  for (const { offset, size } of alive) {
    const below = windows[windows.length - 1];
    if (below && offset <= below.offset + below.size) below.size = Math.max(below.size, offset + size - below.offset);
    else windows.push({ offset, size });
  }
  return windows;
}

/** Most bytes alive at one step: what no packing can do without. */
export function peak(blocks: readonly Block[]): number {
  const changes = blocks.flatMap(slabsOf).flatMap(({ size, from, to }) => [
    { step: from, bytes: size },
    { step: to, bytes: -size },
  ]);
  changes.sort((a, b) => a.step - b.step || a.bytes - b.bytes);
  let alive = 0;
  let most = 0;
  for (const { bytes } of changes) {
    alive += bytes;
    most = Math.max(most, alive);
  }
  return most;
}
