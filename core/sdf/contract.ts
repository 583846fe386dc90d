/**
 * A precedence without the nodes on which only one constraint falls: such a node starts with its giver, and what follows
 * it follows the giver. Ratios of cycles stay. A cycle of nothing else keeps one node.
 */
import type { Precedence } from './precedence.ts';

export interface Contracted {
  readonly nodes: number;
  /** As in Precedence, with sums of weights and delays. */
  readonly first: Int32Array;
  readonly from: Int32Array;
  readonly weight: Float64Array;
  readonly delay: Float64Array;
  readonly to: Int32Array;
  /** Constraints of the precedence behind one of these, from its target back. */
  readonly behind: (edge: number) => readonly number[];
}

export function contracted({ nodes, first, from, weight, delay }: Precedence): Contracted {
  const isKept = keptNodes({ nodes, first, from });
  const place = new Int32Array(nodes).fill(-1);
  let [kept, room] = [0, 0];
  for (let node = 0; node < nodes; node++) {
    if (isKept[node] === 0) continue;
    place[node] = kept++;
    room += first[node + 1]! - first[node]!;
  }
  // Of a node left out: the kept node it follows, and how far behind; a kept node follows itself at once.
  const base = new Int32Array(nodes).fill(-1);
  const baseWeight = new Float64Array(nodes);
  const baseDelay = new Float64Array(nodes);
  const path: number[] = [];
  for (let node = 0; node < nodes; node++) {
    let at = node;
    while (base[at] === -1) {
      if (isKept[at] === 1) base[at] = at;
      else {
        path.push(at);
        at = from[first[at]!]!;
      }
    }
    while (path.length > 0) {
      const left = path.pop()!;
      const edge = first[left]!;
      const giver = from[edge]!;
      base[left] = base[giver]!;
      baseWeight[left] = baseWeight[giver]! + weight[edge]!;
      baseDelay[left] = baseDelay[giver]! + delay[edge]!;
    }
  }

  const small = {
    nodes: kept,
    first: new Int32Array(kept + 1),
    from: new Int32Array(room),
    to: new Int32Array(room),
    weight: new Float64Array(room),
    delay: new Float64Array(room),
  };
  const original = new Int32Array(room);
  let count = 0;
  for (let node = 0; node < nodes; node++) {
    if (isKept[node] === 0) continue;
    for (let edge = first[node]!; edge < first[node + 1]!; edge++) {
      const giver = from[edge]!;
      small.from[count] = place[base[giver]!]!;
      small.to[count] = place[node]!;
      small.weight[count] = weight[edge]! + baseWeight[giver]!;
      small.delay[count] = delay[edge]! + baseDelay[giver]!;
      original[count++] = edge;
    }
    small.first[place[node]! + 1] = count;
  }
  const behind = (edge: number): readonly number[] => {
    const edges = [original[edge]!];
    for (let at = from[edges[0]!]!; isKept[at] === 0; at = from[first[at]!]!) edges.push(first[at]!);
    return edges;
  };
  return { ...small, behind };
}

/** Nodes with several constraints, and one of every cycle on which there is no such node. */
function keptNodes({ nodes, first, from }: Pick<Precedence, 'nodes' | 'first' | 'from'>): Uint8Array {
  const isKept = new Uint8Array(nodes);
  for (let node = 0; node < nodes; node++) if (first[node + 1]! - first[node]! !== 1) isKept[node] = 1;
  const seenFrom = new Int32Array(nodes).fill(-1);
  for (let node = 0; node < nodes; node++) {
    let at = node;
    while (isKept[at] === 0 && seenFrom[at] === -1) {
      seenFrom[at] = node;
      at = from[first[at]!]!;
    }
    if (isKept[at] === 0 && seenFrom[at] === node) isKept[at] = 1;
  }
  return isKept;
}
