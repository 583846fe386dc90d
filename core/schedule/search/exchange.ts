/**
 * Canonical names under the exchange of interchangeable branches: the branch that has got furthest is number 0. States
 * that differ only in which of several equal branches did what are then one state. A step moves one branch forward,
 * so the names change by moving that branch up past those it has overtaken.
 */
import type { Step } from './history.ts';
import type { SearchInstance } from './instance.ts';

/** One of several interchangeable branches; operators and tensors of all of them correspond by position. */
export interface ExchangeBranch {
  readonly ops: Int32Array;
  readonly tensors: Int32Array;
}

/** Branch `from` of a set becomes branch `to`; those between move down by one. */
export interface Turn {
  readonly set: number;
  readonly from: number;
  readonly to: number;
}

/** Operators done of a branch are bits of one number. */
export const LONGEST_BRANCH = 30;

export class Exchanges {
  readonly sets: readonly (readonly ExchangeBranch[])[];
  /** Branches of the sets before each set. */
  readonly #first: Int32Array;
  readonly #opBranch = new Map<number, readonly [set: number, branch: number, place: number]>();
  readonly #tensorBranch = new Map<number, readonly [set: number, branch: number, place: number]>();

  constructor(sets: readonly (readonly ExchangeBranch[])[]) {
    this.sets = sets;
    this.#first = new Int32Array(sets.length + 1);
    sets.forEach((branches, set) => {
      this.#first[set + 1] = this.#first[set]! + branches.length;
      branches.forEach(({ ops, tensors }, branch) => {
        ops.forEach((op, place) => {
          this.#opBranch.set(op, [set, branch, place]);
        });
        tensors.forEach((tensor, place) => {
          this.#tensorBranch.set(tensor, [set, branch, place]);
        });
      });
    });
  }

  /** Operators done, a number a branch, of the empty downset. */
  nothingDone(): Int32Array {
    return new Int32Array(this.#first[this.sets.length]!);
  }

  /** Marks `op` done in `patterns` and puts them in order. @returns how the names change, null where they do not. */
  advance(patterns: Int32Array, op: number): Turn | null {
    const where = this.#opBranch.get(op);
    if (!where) return null;
    const [set, from, place] = where;
    const first = this.#first[set]!;
    const pattern = patterns[first + from]! | (1 << place);
    let to = from;
    while (to > 0 && patterns[first + to - 1]! < pattern) to--;
    for (let branch = from; branch > to; branch--) patterns[first + branch] = patterns[first + branch - 1]!;
    patterns[first + to] = pattern;
    return to === from ? null : { set, from, to };
  }

  op(op: number, turn: Turn): number {
    const where = this.#opBranch.get(op);
    return where && where[0] === turn.set ? this.sets[turn.set]![turned(where[1], turn)]!.ops[where[2]]! : op;
  }

  tensor(tensor: number, turn: Turn): number {
    const where = this.#tensorBranch.get(tensor);
    return where && where[0] === turn.set ? this.sets[turn.set]![turned(where[1], turn)]!.tensors[where[2]]! : tensor;
  }

  /** For each run of branches that have got equally far: where the live tensors of each stand in `live`. */
  ties(patterns: Int32Array, live: ArrayLike<number>, count: number): readonly (readonly Int32Array[])[] {
    const runs: (readonly Int32Array[])[] = [];
    this.sets.forEach((branches, set) => {
      const first = this.#first[set]!;
      for (let from = 0; from < branches.length; ) {
        let to = from + 1;
        while (to < branches.length && patterns[first + to] === patterns[first + from]) to++;
        if (to - from > 1 && patterns[first + from] !== 0) {
          const places = Array.from({ length: to - from }, (): number[] => []);
          for (let slot = 0; slot < branches[from]!.tensors.length; slot++) {
            for (let branch = from; branch < to; branch++) {
              const place = placeOf(live, count, branches[branch]!.tensors[slot]!);
              if (place >= 0) places[branch - from]!.push(place);
            }
          }
          if (places[0]!.length > 0) runs.push(places.map((list) => Int32Array.from(list)));
        }
        from = to;
      }
    });
    return runs;
  }

  /** Steps told in canonical names, in the names they have in the problem. */
  named(steps: readonly Step[]): readonly Step[] {
    const actual = this.sets.map((branches) => branches.map((_, branch) => branch));
    const patterns = this.nothingDone();
    return steps.map(({ op, dropped }) => {
      const opWhere = this.#opBranch.get(op);
      const step = {
        op: opWhere ? this.sets[opWhere[0]]![actual[opWhere[0]]![opWhere[1]]!]!.ops[opWhere[2]]! : op,
        dropped: dropped.map((tensor) => {
          const where = this.#tensorBranch.get(tensor);
          return where ? this.sets[where[0]]![actual[where[0]]![where[1]]!]!.tensors[where[2]]! : tensor;
        }),
      };
      const turn = this.advance(patterns, op);
      if (turn) {
        const branches = actual[turn.set]!;
        branches.splice(turn.to, 0, ...branches.splice(turn.from, 1));
      }
      return step;
    });
  }

  /** Whether tensors that exchange places belong to the same group. */
  keeps(groupOf: Int32Array): boolean {
    return this.sets.every(([first, ...others]) =>
      others.every(({ tensors }) =>
        tensors.every((tensor, place) => groupOf[tensor] === groupOf[first!.tensors[place]!]),
      ),
    );
  }
}

function turned(branch: number, { from, to }: Turn): number {
  if (branch === from) return to;
  return to <= branch && branch < from ? branch + 1 : branch;
}

function placeOf(live: ArrayLike<number>, count: number, tensor: number): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (live[middle] === tensor) return middle;
    if (live[middle]! < tensor) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Sets of branches of which every tensor lives and dies among the operators searched. */
export function closedSets(
  instance: SearchInstance,
  ops: Int32Array,
  sets: readonly (readonly ExchangeBranch[])[],
): readonly (readonly ExchangeBranch[])[] {
  const inside = new Set(ops);
  return sets.filter((branches) =>
    branches.every(
      ({ ops: own, tensors }) =>
        own.length <= LONGEST_BRANCH &&
        [...tensors].every((tensor) => instance.consumers[tensor]!.every((user) => inside.has(user))),
    ),
  );
}
