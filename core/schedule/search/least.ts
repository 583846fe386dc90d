/** What groups of tensors are certain to cost, whatever the order. */
import type { Exchanges } from './exchange.ts';

/** Disjoint groups of tensors, each with a lower bound on the bytes its tensors move in any schedule. */
export interface LeastCosts {
  /** By tensor: its group, −1 for none. */
  readonly groupOf: Int32Array;
  readonly bytes: Float64Array;
}

/** Bytes of all groups together: no schedule moves less. */
export function totalOf({ bytes }: LeastCosts): number {
  return bytes.reduce((sum, one) => sum + one, 0);
}

/** The same with all groups that tell exchangeable branches apart taken as one, so that names may change. */
export function mergedGroups(least: LeastCosts, { sets }: Exchanges): LeastCosts {
  const into = Int32Array.from(least.bytes, (_, group) => group);
  for (const branches of sets) {
    const touched = new Set(branches.flatMap(({ tensors }) => [...tensors].map((tensor) => least.groupOf[tensor]!)));
    const merged = Math.min(...[...touched].filter((group) => group >= 0).map((group) => into[group]!));
    if (!Number.isFinite(merged)) continue;
    const old = new Set([...touched].filter((group) => group >= 0).map((group) => into[group]!));
    into.forEach((group, index) => {
      if (old.has(group)) into[index] = merged;
    });
  }
  const bytes = new Float64Array(least.bytes.length);
  least.bytes.forEach((one, group) => {
    bytes[into[group]!]! += one;
  });
  const groupOf = least.groupOf.map((group) => (group < 0 ? -1 : into[group]!));
  // A branch without any group of its own would tell the others apart still.
  for (const branches of sets)
    for (const { tensors } of branches)
      tensors.forEach((tensor, place) => {
        const known = branches.map((branch) => groupOf[branch.tensors[place]!]!).find((group) => group >= 0);
        if (known !== undefined) groupOf[tensor] = known;
      });
  return { groupOf, bytes };
}
