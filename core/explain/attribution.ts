/**
 * Every cycle of a run given to what it waits for, and to an operator: from the timeline alone. A cycle belongs to a unit that
 * works, unless a channel works too and the operator is limited by it; else to a channel that works; else it is latency: data
 * on their way, or nothing ready. Cycles of a channel are split as the operator's bytes are: compulsory, spilled, fetched again.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { RunData } from '#core/report/run-data.ts';
import type { OperatorResult } from '#core/run/result.ts';

/** What a cycle can wait for, in the order they are told. */
export const CAUSES = ['array', 'vector', 'bandwidth', 'capacity', 'buffers', 'latency'] as const;
export type Cause = (typeof CAUSES)[number];

export type ByCause = Readonly<Record<Cause, number>>;

/** A stretch of the run with one cause ahead of the others. */
export interface Phase {
  readonly from: number;
  readonly to: number;
  readonly cause: Cause;
  /** Cycles of each cause in it. */
  readonly cycles: ByCause;
  /** Operator with the most of its cycles; −1 for none. */
  readonly operator: number;
}

export interface Attribution {
  /** They add up to the makespan. */
  readonly cycles: ByCause;
  /** By operator; latency that is nobody's is in none. */
  readonly operators: readonly ByCause[];
  /** One after the other, from 0 to the makespan. */
  readonly phases: readonly Phase[];
}

/** Pieces the run is cut into to find its phases. */
const PIECES = 48;

type Counts = Record<Cause, number>;
const none = (): Counts => ({ array: 0, vector: 0, bandwidth: 0, capacity: 0, buffers: 0, latency: 0 });

/** How cycles of a channel split, by operator: compulsory, spilled, fetched again. */
function sharesOf({ compulsoryBytes, spillBytes, refetchBytes }: OperatorResult): readonly [number, number, number] {
  const all = compulsoryBytes + spillBytes + refetchBytes;
  return all > 0 ? [compulsoryBytes / all, spillBytes / all, refetchBytes / all] : [1, 0, 0];
}

export function attributionOf({ result, timeline }: RunData, machine: Pick<Machine, 'units'>): Attribution {
  const arrays = new Set(machine.units.filter(({ kind }) => kind === 'systolic-array').map(({ node }) => node));
  const kinds = timeline.lanes.map(({ kind, component }) =>
    kind === 'compute' ? (arrays.has(component) ? 'array' : 'vector') : kind === 'channel' ? 'channel' : 'way',
  );
  const lanes = timeline.lanes.length;
  const next = Array.from({ length: lanes }, (_, lane) => timeline.laneFirst[lane]!);
  const shares = result.operators.map(sharesOf);
  const operators = result.operators.map(none);
  const pieceCycles = Math.max(1, timeline.makespanCycles / PIECES);
  const pieces = Array.from({ length: PIECES }, () => ({ cycles: none(), byOperator: new Map<number, number>() }));

  const give = (cause: 'array' | 'vector' | 'channel' | 'latency', operator: number, from: number, to: number) => {
    const [kept, spilled, again] = shares[operator] ?? [1, 0, 0];
    const add = (counts: Counts, cycles: number) => {
      if (cause !== 'channel') counts[cause] += cycles;
      else {
        counts.bandwidth += cycles * kept;
        counts.capacity += cycles * spilled;
        counts.buffers += cycles * again;
      }
    };
    const mine = operators[operator];
    if (mine) add(mine, to - from);
    for (let at = Math.floor(from / pieceCycles); at < PIECES && at * pieceCycles < to; at++) {
      const piece = pieces[at]!;
      const cycles = Math.min(to, (at + 1) * pieceCycles) - Math.max(from, at * pieceCycles);
      add(piece.cycles, cycles);
      piece.byOperator.set(operator, (piece.byOperator.get(operator) ?? 0) + cycles);
    }
  };

  for (let now = 0; now < timeline.makespanCycles; ) {
    let until = timeline.makespanCycles;
    const at = { array: -1, vector: -1, channel: -1, way: -1 };
    const isAt = { array: false, vector: false, channel: false, way: false };
    for (let lane = 0; lane < lanes; lane++) {
      const last = timeline.laneFirst[lane + 1]!;
      while (next[lane]! < last && timeline.end[next[lane]!]! <= now) next[lane]!++;
      const interval = next[lane]!;
      if (interval >= last) continue;
      if (timeline.start[interval]! > now) until = Math.min(until, timeline.start[interval]!);
      else {
        until = Math.min(until, timeline.end[interval]!);
        const kind = kinds[lane]!;
        if (!isAt[kind]) at[kind] = timeline.operator[interval]!;
        isAt[kind] = true;
      }
    }
    const unit = isAt.array ? 'array' : isAt.vector ? 'vector' : null;
    const isHeldUp = unit !== null && isAt.channel && result.operators[at[unit]]?.limit === 'off-chip';
    if (unit !== null && !isHeldUp) give(unit, at[unit], now, until);
    else if (isAt.channel) give('channel', unit === null ? at.channel : at[unit], now, until);
    else give('latency', isAt.way ? at.way : -1, now, until);
    now = until;
  }
  return {
    cycles: total(pieces.map(({ cycles }) => cycles)),
    operators,
    phases: phasesOf(pieces, pieceCycles, timeline.makespanCycles),
  };
}

function total(all: readonly ByCause[]): ByCause {
  const sum = none();
  for (const one of all) for (const cause of CAUSES) sum[cause] += one[cause];
  return sum;
}

function mostOf(cycles: ByCause): Cause {
  return CAUSES.reduce((most, cause) => (cycles[cause] > cycles[most] ? cause : most));
}

interface Piece {
  readonly cycles: ByCause;
  readonly byOperator: ReadonlyMap<number, number>;
}

/** Neighbours with the same cause ahead belong together; a single piece between two of another cause belongs to them. */
function phasesOf(pieces: readonly Piece[], pieceCycles: number, makespan: number): readonly Phase[] {
  const leads = pieces.map(({ cycles }) => mostOf(cycles));
  const smooth = leads.map((cause, at) => {
    const [before, after] = [leads[at - 1], leads[at + 1]];
    return before !== undefined && before === after ? before : cause;
  });
  const phases: Phase[] = [];
  for (let from = 0; from < pieces.length && from * pieceCycles < makespan; ) {
    let to = from + 1;
    while (to < pieces.length && smooth[to] === smooth[from]) to++;
    const mine = pieces.slice(from, to);
    const byOperator = new Map<number, number>();
    for (const piece of mine)
      for (const [operator, cycles] of piece.byOperator)
        if (operator >= 0) byOperator.set(operator, (byOperator.get(operator) ?? 0) + cycles);
    const [operator = -1] = [...byOperator].reduce<readonly number[]>((a, b) => (b[1] > (a[1] ?? 0) ? b : a), []);
    const cycles = total(mine.map((piece) => piece.cycles));
    phases.push({
      from: from * pieceCycles,
      to: Math.min(makespan, to * pieceCycles),
      cause: smooth[from]!,
      cycles,
      operator,
    });
    from = to;
  }
  return phases;
}
