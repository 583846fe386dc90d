/**
 * The tile buffers of the units. An operand's buffer has two halves that are parts of one ring: a load fills one half with a
 * piece; what the piece in the other half still needs of the one overwritten (its halo) stays. Results have a buffer
 * of their own, also of two halves, in which an output tile is accumulated and from which it is stored.
 */

import type { Range } from '#core/compile/gemm-form.ts';
import type { Piece } from '#core/compile/pieces.ts';
import type { NumberArray } from '#core/reference/values.ts';

/** A run of positions of a piece with their numbers: data[(g·depths + d)·(to − from) + s − from]. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly data: NumberArray;
  /** False while the load is under way. */
  isThere: boolean;
}

/** Runs of pieces of one key of one operator's operand. */
interface Held {
  readonly operator: number;
  readonly key: number;
  runs: readonly Run[];
}

interface Half extends Held {
  readonly index: number;
  /** What is left of earlier pieces for the piece in the other half. */
  readonly leftover: Held | null;
}

/** A piece of an operator's operand. */
export interface Kept {
  readonly operator: number;
  readonly piece: Piece;
}

/** Rows of a run: groups × depths of its piece, 1 where positions are elements. */
export function rowsOf({ block }: Piece): number {
  return block ? length(block.g) * length(block.d) : 1;
}

const length = ([from, to]: Range): number => to - from;

export class OperandBuffer {
  readonly #halves: [Half | null, Half | null] = [null, null];

  /**
   * A load of positions [from, to) of a piece begins. `kept` is the piece the other half holds or is about to (null for
   * none): its positions stay. Returns the run to finish.
   */
  begin(
    slot: number,
    target: { readonly operator: number; readonly index: number; readonly piece: Piece },
    [from, to]: Range,
    data: NumberArray,
    kept: Kept | null,
  ): Run {
    const { operator, index, piece } = target;
    const at = slot === 0 ? 0 : 1;
    const old = this.#halves[at];
    const run: Run = { from, to, data, isThere: false };
    if (old && old.operator === operator && old.index === index && old.key === piece.key) {
      old.runs = [...old.runs.flatMap((each) => without(each, from, to)), run];
      return run;
    }
    const runs = kept ? heldOf(old, kept.operator, kept.piece).map((each) => within(each, kept.piece)) : [];
    const leftover = kept && runs.length > 0 ? { operator: kept.operator, key: kept.piece.key, runs } : null;
    this.#halves[at] = { operator, index, key: piece.key, runs: [run], leftover };
    return run;
  }

  /** False where the run was overwritten while it was loaded. */
  finish(slot: number, run: Run): boolean {
    run.isThere = true;
    return this.#halves[slot === 0 ? 0 : 1]?.runs.includes(run) ?? false;
  }

  /** The runs that hold the positions of a piece, or null where some are not there. */
  holding(operator: number, piece: Piece): readonly Run[] | null {
    const found = this.#halves.flatMap((half) => heldOf(half, operator, piece)).filter(({ isThere }) => isThere);
    found.sort((a, b) => a.from - b.from);
    let reached = piece.from;
    for (const { from, to } of found) if (from <= reached) reached = Math.max(reached, to);
    return reached >= piece.to ? found : null;
  }
}

/** Runs in a half, those left over included, that have positions of the piece. */
function heldOf(half: Half | null, operator: number, piece: Piece): readonly Run[] {
  if (!half) return [];
  return [half, half.leftover].flatMap((held) =>
    held?.operator === operator && held.key === piece.key
      ? held.runs.filter(({ from, to }) => from < piece.to && piece.from < to)
      : [],
  );
}

/** A run with the positions [from, to) taken out. */
function without(run: Run, from: number, to: number): readonly Run[] {
  if (run.to <= from || to <= run.from) return [run];
  const parts: Run[] = [];
  for (const [a, b] of [
    [run.from, Math.min(from, run.to)],
    [Math.max(to, run.from), run.to],
  ] as const)
    if (a < b) parts.push({ from: a, to: b, data: cut(run, a, b), isThere: run.isThere });
  return parts;
}

/** The part of a run that a piece needs; the same run where that is all of it, so that a load under way can end it. */
function within(run: Run, { from, to }: Piece): Run {
  if (from <= run.from && run.to <= to) return run;
  const [a, b] = [Math.max(from, run.from), Math.min(to, run.to)];
  return { from: a, to: b, data: cut(run, a, b), isThere: run.isThere };
}

function cut(run: Run, from: number, to: number): NumberArray {
  const wide = run.to - run.from;
  const rows = run.data.length / wide;
  const narrow = run.data.slice(0, rows * (to - from));
  for (let row = 0; row < rows; row++)
    for (let s = from; s < to; s++) narrow[row * (to - from) + s - from] = run.data[row * wide + s - run.from]!;
  return narrow;
}

/** The positions of a piece as one block: into[row·(to − from) + s − from]. */
export function gathered(runs: readonly Run[], piece: Piece, into: Float64Array): Float64Array {
  const wide = piece.to - piece.from;
  const rows = rowsOf(piece);
  for (const run of runs) {
    const from = Math.max(run.from, piece.from);
    const to = Math.min(run.to, piece.to);
    const step = run.to - run.from;
    for (let row = 0; row < rows; row++) {
      const target = row * wide - piece.from;
      const source = row * step - run.from;
      for (let s = from; s < to; s++) into[target + s] = run.data[source + s]!;
    }
  }
  return into;
}

export interface ResultHalf {
  readonly operator: number;
  /** Which output tile: the tile's number ÷ the number of k tiles. */
  readonly block: number;
  /** The k tile that comes next, and whether the one before it is done. */
  nextK: number;
  isBusy: boolean;
  isComplete: boolean;
  /** Results that are still to be stored from here. */
  readonly unstored: Set<number>;
}

export class ResultBuffer {
  readonly #halves: [ResultHalf | null, ResultHalf | null] = [null, null];

  at(slot: number): ResultHalf | null {
    return this.#halves[slot === 0 ? 0 : 1];
  }

  put(slot: number, half: ResultHalf): void {
    this.#halves[slot === 0 ? 0 : 1] = half;
  }
}
