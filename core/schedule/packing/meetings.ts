/** Who meets whom in time, and who lies in which section, as flat lists: those of index i stand from …From[i] on. */
import type { Part } from './parts.ts';

export interface Meetings {
  readonly meets: Int32Array;
  readonly meetsFrom: Int32Array;
  readonly members: Int32Array;
  readonly membersFrom: Int32Array;
}

export function meetings({ count, sections, first, last }: Part): Meetings {
  const membersFrom = new Int32Array(sections + 1);
  for (let p = 0; p < count; p++) for (let s = first[p]!; s <= last[p]!; s++) membersFrom[s + 1]! += 1;
  for (let s = 0; s < sections; s++) membersFrom[s + 1]! += membersFrom[s]!;
  const members = new Int32Array(membersFrom[sections]!);
  const filled = membersFrom.slice(0, sections);
  for (let p = 0; p < count; p++) for (let s = first[p]!; s <= last[p]!; s++) members[filled[s]!++] = p;

  // A piece meets those alive in its first section, and those that begin later in its span.
  const order = Int32Array.from({ length: count }, (_, p) => p).sort((a, b) => first[a]! - first[b]! || a - b);
  const each = (visit: (a: number, b: number) => void): void => {
    const alive: number[] = [];
    for (const p of order) {
      let kept = 0;
      for (const other of alive) {
        if (last[other]! < first[p]!) continue;
        alive[kept++] = other;
        visit(p, other);
      }
      alive.length = kept;
      alive.push(p);
    }
  };
  const meetsFrom = new Int32Array(count + 1);
  each((a, b) => {
    meetsFrom[a + 1]! += 1;
    meetsFrom[b + 1]! += 1;
  });
  for (let p = 0; p < count; p++) meetsFrom[p + 1]! += meetsFrom[p]!;
  const meets = new Int32Array(meetsFrom[count]!);
  const next = meetsFrom.slice(0, count);
  each((a, b) => {
    meets[next[a]!++] = b;
    meets[next[b]!++] = a;
  });
  return { meets, meetsFrom, members, membersFrom };
}
