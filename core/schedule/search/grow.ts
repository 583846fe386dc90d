/**
 * Groups of tensors that grow: tensors from elsewhere join a group where the bound of all groups together rises by it.
 * Groups by the file's order miss what belongs together across it (a layer's input that all heads read, and the results
 * kept until the last of them). Any disjoint groups are a bound, so this is plain hill climbing.
 */
import type { GroupBound } from './groups.ts';
import type { SearchInstance } from './instance.ts';
import { type LeastCosts, totalOf } from './least.ts';
import { type PartOptions, Parts } from './parts.ts';
import { exchangeSets } from './symmetry.ts';

export interface GrowOptions extends PartOptions {
  /** Of all children, for one trial. */
  readonly share: number;
}

/** Tensors that join at once, each next to the one before: one alone may bring nothing. */
const MOST_JOINING = 3;

/**
 * @param tensors those that may join a group.
 * @param start groups to begin from; those that cost nothing do not grow.
 */
export function grownGroups(
  instance: SearchInstance,
  ops: Int32Array,
  tensors: readonly number[],
  start: LeastCosts,
  { share, ...options }: GrowOptions,
): GroupBound {
  const parts = new Parts(instance, options);
  const growing = new GrowingGroups(start, parts, share);
  const { classes, next } = neighbourhoods(instance, ops, tensors);
  const growBy = (most: number): boolean => {
    let hasGrown = false;
    for (const group of start.bytes.keys()) {
      if (growing.bytes[group] === 0) continue;
      const isOutside = (index: number): boolean => classes[index]!.some((tensor) => growing.groupOf[tensor] !== group);
      const around = new Set(next.flatMap((list, index) => (isOutside(index) ? [] : list.filter(isOutside))));
      for (const first of around) {
        let chains: readonly (readonly number[])[] = [[first]];
        for (let length = 1; length < most; length++)
          chains = chains.flatMap((chain) =>
            next[chain.at(-1)!]!.filter((index) => isOutside(index) && !chain.includes(index)).map((index) => [
              ...chain,
              index,
            ]),
          );
        for (const chain of chains) {
          if (parts.isOver) return false;
          if (
            growing.join(
              group,
              chain.flatMap((index) => [...classes[index]!]),
            )
          )
            hasGrown = true;
        }
      }
    }
    return hasGrown;
  };
  for (let most = 1; most <= MOST_JOINING && !parts.isOver; ) most = growBy(most) ? 1 : most + 1;
  const { groupOf } = growing;
  const bytes = Float64Array.from(growing.bytes);
  return { groupOf, bytes, total: totalOf({ groupOf, bytes }), nodes: parts.nodes };
}

class GrowingGroups {
  readonly groupOf: Int32Array;
  readonly bytes: number[];
  readonly #parts: Parts;
  readonly #share: number;

  constructor({ groupOf, bytes }: LeastCosts, parts: Parts, share: number) {
    this.groupOf = groupOf.slice();
    this.bytes = [...bytes];
    this.#parts = parts;
    this.#share = share;
  }

  /** Moves tensors into a group if all groups together are dearer then. */
  join(group: number, tensors: readonly number[]): boolean {
    const { groupOf, bytes } = this;
    const joining = tensors.filter((tensor) => groupOf[tensor] !== group);
    if (joining.length === 0) return false;
    const origin = joining.map((tensor) => groupOf[tensor]!);
    const robbed = [...new Set(origin)].filter((other) => other >= 0);
    for (const tensor of joining) groupOf[tensor] = -1;
    const known = { groupOf, bytes: Float64Array.from(bytes) };
    const dearer = this.#parts.leastOf([...this.#members(group), ...joining], known, this.#share) - bytes[group]!;
    if (dearer > 0) {
      const rest = robbed.map((other) =>
        Math.min(bytes[other]!, this.#parts.leastOf(this.#members(other), null, this.#share)),
      );
      const lost = robbed.reduce((sum, other, i) => sum + bytes[other]! - rest[i]!, 0);
      if (dearer > lost) {
        for (const tensor of joining) groupOf[tensor] = group;
        bytes[group]! += dearer;
        robbed.forEach((other, i) => {
          bytes[other] = rest[i]!;
          if (rest[i] === 0) for (const tensor of this.#members(other)) groupOf[tensor] = -1;
        });
        return true;
      }
    }
    joining.forEach((tensor, i) => {
      groupOf[tensor] = origin[i]!;
    });
    return false;
  }

  #members(group: number): readonly number[] {
    return [...this.groupOf.keys()].filter((tensor) => this.groupOf[tensor] === group);
  }
}

interface Neighbourhoods {
  /** Tensors that exchangeable branches hold in the same place, and twins, are of one class. */
  readonly classes: readonly (readonly number[])[];
  /** Classes that share an operator. */
  readonly next: readonly (readonly number[])[];
}

function neighbourhoods(instance: SearchInstance, ops: Int32Array, tensors: readonly number[]): Neighbourhoods {
  const { twin, producer, consumers } = instance;
  const nameOf = new Map(tensors.map((tensor) => [tensor, twin[tensor]!] as const));
  for (const [first, ...others] of exchangeSets(instance, ops))
    for (const branch of others)
      branch.tensors.forEach((tensor, place) => {
        const name = nameOf.get(first!.tensors[place]!);
        if (name !== undefined && nameOf.has(tensor)) nameOf.set(tensor, name);
      });
  const classes = [...Map.groupBy(tensors, (tensor) => nameOf.get(tensor)!).values()];
  const touching = classes.map((own) => new Set(own.flatMap((tensor) => [producer[tensor]!, ...consumers[tensor]!])));
  const next = classes.map((_, index) =>
    [...classes.keys()].filter(
      (other) => other !== index && [...touching[other]!].some((op) => op >= 0 && touching[index]!.has(op)),
    ),
  );
  return { classes, next };
}
