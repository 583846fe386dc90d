/**
 * FIFO depths and what they give: the least without deadlock, the least for the full speed, and the Pareto front of
 * total depth and makespan between. Best-first over depths with cuts (trial.ts): every simulation excludes all depths it
 * proves to be no better, so the first that is found at a total is the best there. Exact where more room never hurts
 * (subject.ts, isMonotone) and the budget suffices; else a coordinate search, and says so.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import type { Network } from '#core/simulate/network/network.ts';
import { bestFirst } from './best-first.ts';
import { climb, descend } from './coordinate.ts';
import { type FifoNeed, Grid } from './grid.ts';
import { isMonotone, type Sizing } from './subject.ts';
import { Trials } from './trial.ts';

export interface DepthRequest {
  /** Bits of a token, by FIFO; absent: 1. */
  readonly bits?: readonly number[];
  /** FIFOs that are sized; absent: those with a bound. The others keep their depths. */
  readonly sized?: readonly number[];
  /** Absent: depths are capacities and change nothing else. */
  readonly sizing?: Sizing;
  /** Simulations at most; default 2,000. Three quarters go to the exact search. */
  readonly simulations?: number;
}

export interface DepthPoint {
  /** By FIFO of the network. */
  readonly depths: readonly number[];
  /** Sums over sized FIFOs. */
  readonly tokens: number;
  readonly bits: number;
  readonly makespan: number;
}

export interface DepthAnswer {
  readonly sized: readonly number[];
  /** Of unbounded FIFOs; null where even these deadlock: no depths help. */
  readonly fullSpeed: number | null;
  readonly needs: readonly FifoNeed[];
  /** Pareto fronts, least total first: the first runs, the last is at full speed. */
  readonly byTokens: readonly DepthPoint[];
  readonly byBits: readonly DepthPoint[];
  /** Proven: no depths give a point left of or below the front. */
  readonly isExact: boolean;
  /** Why it is not exact, a sentence; null where it is. */
  readonly caveat: string | null;
  readonly simulations: number;
  readonly wasCancelled: boolean;
}

const SIMULATIONS = 2_000;

/** Throws RangeError where `network` is not a network. Deterministic; reports fractions of its budget. */
export function depthsOf(network: Network, request: DepthRequest = {}, control: Control = uncontrolled): DepthAnswer {
  const sized = request.sized ?? network.fifos.flatMap(({ capacity }, index) => (capacity === Infinity ? [] : [index]));
  const bits = network.fifos.map((_, index) => request.bits?.[index] ?? 1);
  const budget = request.simulations ?? SIMULATIONS;
  const trials = new Trials(network, control.cancelled, request.sizing);
  const grid = new Grid(trials, sized);
  const report = (message: string) =>
    control.report({ phase: 'stalls.depths', fraction: Math.min(1, trials.runs / budget), message });
  const answer = (rest: Partial<DepthAnswer>): DepthAnswer => ({
    sized,
    fullSpeed: null,
    needs: [],
    byTokens: [],
    byBits: [],
    isExact: false,
    caveat: null,
    simulations: trials.runs,
    wasCancelled: control.cancelled(),
    ...rest,
  });

  report('unbounded FIFOs');
  const full = grid.relaxed(new Map());
  if (!full) return answer({ caveat: 'It was cancelled.' });
  if (full.makespan === Number.POSITIVE_INFINITY) return answer({ isExact: true });
  report('each FIFO by itself');
  const needs = grid.needs(full, Math.ceil(budget / 4));
  if (!needs) return answer({ fullSpeed: full.makespan, caveat: 'It was cancelled.' });

  const front = (weights: readonly number[], what: string) => {
    report(`front of ${what}`);
    const floor = grid.floor(needs);
    const limit = trials.runs + Math.ceil(((budget - trials.runs) * 3) / 4);
    const search = bestFirst(trials, grid, { weights, floor, target: full.makespan, limit, report });
    if (search.isComplete) return search;
    const found = [
      ...search.points,
      ...descend(trials, grid, full, weights, budget),
      ...climb(trials, grid, floor, full, weights, budget),
    ];
    return { points: found, isComplete: false };
  };
  const unit = network.fifos.map(() => 1);
  const isUniform = new Set(sized.map((fifo) => bits[fifo])).size <= 1;
  const tokens = front(unit, 'tokens');
  const bitwise = isUniform ? tokens : front(bits, 'bits');
  const isComplete = tokens.isComplete && bitwise.isComplete;
  const isProvable = isMonotone(network);
  return answer({
    fullSpeed: full.makespan,
    needs,
    byTokens: paretoOf(
      tokens.points.map((trial) => pointOf(trial, sized, bits)),
      'tokens',
    ),
    byBits: paretoOf(
      bitwise.points.map((trial) => pointOf(trial, sized, bits)),
      'bits',
    ),
    isExact: isComplete && isProvable,
    caveat: control.cancelled()
      ? 'It was cancelled: the best found so far.'
      : !isComplete
        ? `Heuristic: ${trials.runs.toLocaleString('en-GB')} simulations did not suffice to prove it; found by coordinate search.`
        : isProvable
          ? null
          : 'Heuristic: processes share a channel or a lock, so that more room may change who comes first.',
  });
}

function pointOf(
  { depths, makespan }: { readonly depths: readonly number[]; readonly makespan: number },
  sized: readonly number[],
  bits: readonly number[],
): DepthPoint {
  return {
    depths,
    tokens: sized.reduce((sum, fifo) => sum + depths[fifo]!, 0),
    bits: sized.reduce((sum, fifo) => sum + depths[fifo]! * bits[fifo]!, 0),
    makespan,
  };
}

/** Points no other one is at least as good as in both, least total first. */
export function paretoOf(points: readonly DepthPoint[], total: 'tokens' | 'bits'): readonly DepthPoint[] {
  const sorted = [...points].sort((one, other) => one[total] - other[total] || one.makespan - other.makespan);
  const front: DepthPoint[] = [];
  for (const point of sorted) if (point.makespan < (front.at(-1)?.makespan ?? Infinity)) front.push(point);
  return front;
}
