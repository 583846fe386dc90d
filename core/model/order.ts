/** Topological order, stable: among ready nodes the lowest index goes first (a binary heap). Kahn, CACM 5(11), 1962. */

export interface Order {
  /** All nodes that are on no cycle and behind none. */
  readonly order: readonly number[];
  /** The nodes of one cycle in the direction of the edges, or empty. */
  readonly cycle: readonly number[];
}

/** `successors[i]`: heads of the edges that leave node i; repetitions count. */
export function topologicalOrder(successors: readonly (readonly number[])[]): Order {
  const waiting = new Int32Array(successors.length);
  for (const heads of successors) for (const head of heads) waiting[head]!++;
  const ready = new MinimumHeap();
  for (let node = 0; node < successors.length; node++) if (waiting[node] === 0) ready.push(node);
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (const head of successors[node]!) if (--waiting[head]! === 0) ready.push(head);
  }
  return { order, cycle: order.length === successors.length ? [] : cycleAmong(successors, waiting) };
}

/** Every node that still waits has a predecessor that waits, so walking backwards must come round. */
function cycleAmong(successors: readonly (readonly number[])[], waiting: Int32Array): readonly number[] {
  const before = new Int32Array(successors.length).fill(-1);
  let start = -1;
  for (const [tail, heads] of successors.entries()) {
    if (waiting[tail] === 0) continue;
    for (const head of heads) before[head] = tail;
  }
  for (let node = 0; node < successors.length && start === -1; node++) if (waiting[node]! > 0) start = node;
  const seenAt = new Map<number, number>();
  const walk: number[] = [];
  let node = start;
  while (node !== -1 && !seenAt.has(node)) {
    seenAt.set(node, walk.length);
    walk.push(node);
    node = before[node]!;
  }
  return node === -1 ? [] : walk.slice(seenAt.get(node)).reverse();
}

class MinimumHeap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
