/**
 * Designs to begin from: every task a stage of its own, then the two stages merged that save most, until none does. Each
 * merge that was tried is a design of known cost, so that the searches start with as many as they have to return.
 */
import type { Control } from '#core/base/control.ts';
import { type Best, type Cost, compareCosts, costOf, inOrder, type StageProblem } from './stage-problem.ts';

/** Above this many tasks only stages with a stream between them are merged. */
const EVERY_PAIR = 24;

interface Candidate {
  readonly merged: readonly number[];
  /** What it saves, both parts. */
  readonly gain: Cost;
}

/** Offers designs to `best`; nothing where even single tasks do not fit. */
export function mergeStages(problem: StageProblem, best: Best, control: Control): void {
  let stages: readonly (readonly number[])[] = Array.from({ length: problem.tasks }, (_, task) => [task]);
  if (stages.some((stage) => problem.price(stage) === null)) return;
  const offer = (some: readonly (readonly number[])[]): Cost | null => {
    const order = inOrder(problem, some);
    const cost = order === null ? null : costOf(problem, order);
    if (order !== null && cost !== null) best.offer(order, cost);
    return cost;
  };
  let reached = offer(stages);
  while (stages.length > 1 && !control.cancelled()) {
    const candidates: Candidate[] = [];
    for (let a = 0; a < stages.length; a++)
      for (let b = a + 1; b < stages.length; b++) {
        const gain = mergeGain(problem, stages, a, b);
        if (gain !== null) candidates.push(gain);
      }
    candidates.sort((one, other) => compareCosts(other.gain, one.gain));
    let next: readonly (readonly number[])[] | null = null;
    for (const { merged } of candidates) {
      const kept = new Set(merged);
      const trial = [...stages.filter((stage) => !kept.has(stage[0]!)), merged];
      const cost = offer(trial);
      if (cost === null || (reached !== null && compareCosts(cost, reached) >= 0)) continue;
      next = trial;
      reached = cost;
      break;
    }
    if (next === null) return;
    stages = next;
  }
}

/** Null where the two may not be one stage. */
function mergeGain(
  problem: StageProblem,
  stages: readonly (readonly number[])[],
  a: number,
  b: number,
): Candidate | null {
  const inA = new Set(stages[a]);
  const inB = new Set(stages[b]);
  let isJoined = problem.tasks <= EVERY_PAIR;
  for (const { from, to, isBarrier } of problem.precedences) {
    if (!((inA.has(from) && inB.has(to)) || (inB.has(from) && inA.has(to)))) continue;
    if (isBarrier) return null;
    isJoined = true;
  }
  if (!isJoined) return null;
  const merged = [...inA, ...inB].sort((one, other) => one - other);
  if (inOrder(problem, [...stages.filter((_, index) => index !== a && index !== b), merged]) === null) return null;
  const price = problem.price(merged);
  const first = problem.price(stages[a]!);
  const second = problem.price(stages[b]!);
  if (price === null || first === null || second === null) return null;
  return {
    merged,
    gain: {
      primary: first.primary + second.primary - price.primary,
      cycles: first.cycles + second.cycles - price.cycles,
    },
  };
}
