/**
 * Loop orders of one level, up to what they are for reuse. Outside the innermost loops that a data space does not
 * depend on, the order changes nothing for it; so of all permutations one is kept for every different set of those
 * prefixes, and those are left out that another one is at least as good as for every data space.
 */
import type { Workload } from '#core/mapping/workload.ts';

interface Reuse {
  /** Bit mask of the dimensions. */
  readonly relevant: number;
  /** Dimensions that move the same ranks, by dimension; only of data spaces whose tiles may overlap. */
  readonly together: readonly number[] | null;
}

/** Of more loops than this not every order is looked at. */
const MOST_LOOPS = 7;

export class LoopOrders {
  readonly #dimensions: number;
  readonly #spaces: readonly Reuse[];
  readonly #known = new Map<number, readonly (readonly number[])[]>();

  /** Whether `of` leaves out nothing that could be better. */
  readonly isComplete: boolean;

  constructor(workload: Workload) {
    this.isComplete = workload.dimensions.filter(({ size }) => size > 1).length <= MOST_LOOPS;
    this.#dimensions = workload.dimensions.length;
    const sizes = workload.dimensions.map(({ size }) => size);
    this.#spaces = workload.dataSpaces.map(({ projection }) => {
      const ranks = projection.map((rank) =>
        rank.reduce(
          (mask, { dimension, coefficient }) =>
            sizes[dimension]! > 1 && coefficient !== 0 ? mask | (1 << dimension) : mask,
          0,
        ),
      );
      const relevant = ranks.reduce((mask, rank) => mask | rank, 0);
      const together = sizes.map((_, dimension) =>
        ranks.reduce((mask, rank) => (rank & (1 << dimension) ? mask | rank : mask), 0),
      );
      const overlaps = together.some((mask, dimension) => (mask & ~(1 << dimension)) !== 0);
      return { relevant, together: overlaps ? together : null };
    });
  }

  /** Permutations of all dimensions, innermost first, that start with those of `iterating` (a bit mask). */
  of(iterating: number): readonly (readonly number[])[] {
    const known = this.#known.get(iterating);
    if (known) return known;
    const [loops, idle]: [number[], number[]] = [[], []];
    for (let dimension = 0; dimension < this.#dimensions; dimension++)
      (iterating & (1 << dimension) ? loops : idle).push(dimension);
    const best = new Map<string, { readonly order: readonly number[]; readonly prefixes: readonly number[] }[]>();
    for (const order of loops.length > MOST_LOOPS ? this.#stationary(loops) : permutations(loops)) {
      const prefixes = this.#spaces.map(({ relevant }) => prefixOf(order, relevant));
      const key = this.#slides(order);
      const rivals = best.get(key) ?? [];
      if (rivals.some((rival) => covers(rival.prefixes, prefixes))) continue;
      best.set(key, [...rivals.filter((rival) => !covers(prefixes, rival.prefixes)), { order, prefixes }]);
    }
    const orders = [...best.values()].flat().map(({ order }) => [...order, ...idle]);
    this.#known.set(iterating, orders);
    return orders;
  }

  /** One order for every data space and innermost loop: the loops that do not move it inside all others. */
  #stationary(loops: readonly number[]): readonly (readonly number[])[] {
    return this.#spaces.flatMap(({ relevant }) =>
      loops.map((first) => {
        const others = loops.filter((loop) => loop !== first);
        const idle = others.filter((loop) => (relevant & (1 << loop)) === 0);
        return [first, ...idle, ...others.filter((loop) => !idle.includes(loop))];
      }),
    );
  }

  /** Of data spaces whose tiles may overlap: the loops up to the first that moves other ranks than the first that moves it. */
  #slides(order: readonly number[]): string {
    return this.#spaces
      .map(({ relevant, together }) => {
        if (together === null) return '';
        let ranks = 0;
        const taken: number[] = [];
        for (const dimension of order) {
          const moves = (relevant & (1 << dimension)) !== 0;
          if (moves && ranks !== 0 && (ranks & (1 << dimension)) === 0) break;
          if (moves) ranks = together[dimension]!;
          taken.push(dimension);
        }
        return taken.join(' ');
      })
      .join('|');
  }
}

/** The innermost loops that do not move a data space. */
function prefixOf(order: readonly number[], relevant: number): number {
  let prefix = 0;
  for (const dimension of order) {
    if (relevant & (1 << dimension)) break;
    prefix |= 1 << dimension;
  }
  return prefix;
}

function covers(a: readonly number[], b: readonly number[]): boolean {
  return a.every((prefix, space) => (prefix & b[space]!) === b[space]);
}

function* permutations(list: readonly number[]): Generator<readonly number[]> {
  if (list.length === 0) yield [];
  for (const [index, first] of list.entries())
    for (const rest of permutations(list.toSpliced(index, 1))) yield [first, ...rest];
}
