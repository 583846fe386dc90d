/** What a schedule's answer claims, in words: proven optimal, within so much of the bound, or bounded only by zero. */
import type { ScheduleAnswer } from '#core/schedule/problem.ts';
import type { Inline } from './blocks.ts';

export interface Verdict {
  /** `proven optimal`, `within 3.1 % of optimal`, `heuristic`. */
  readonly badge: string;
  readonly sentence: readonly Inline[];
  /** (objective − bound) ÷ objective, 0…1: how far a better schedule could at most be; 0 when optimal. */
  readonly gap: number;
}

/** What is claimed of a schedule's bytes. */
export type Claim = Pick<ScheduleAnswer, 'objective' | 'bound' | 'optimal'>;

export function verdictOf(answer: Claim): Verdict {
  const moved: Inline[] =
    answer.objective === 0
      ? ['The schedule spills nothing: it moves no byte off chip that it does not have to']
      : ['The schedule spills and refills ', { value: answer.objective, unit: 'B' }, ' beyond the compulsory traffic'];
  if (answer.objective === 0 && answer.optimal) return { badge: 'proven optimal', gap: 0, sentence: [...moved, '.'] };
  if (answer.optimal)
    return { badge: 'proven optimal', gap: 0, sentence: [...moved, '; it is proven that none moves less.'] };
  const gap = answer.objective > 0 ? (answer.objective - answer.bound) / answer.objective : 0;
  if (answer.bound <= 0)
    return { badge: 'heuristic', gap, sentence: [...moved, '; no better lower bound than zero is proven.'] };
  return {
    badge: `within ${percent(gap)} of optimal`,
    gap,
    sentence: [...moved, '; it is proven that none moves less than ', { value: answer.bound, unit: 'B' }, '.'],
  };
}

/** Mode and what else the schedule was asked to do: `strict, 3 operators split, 2 tensors pinned`. */
export function rulesText({ mode, flags, split = 0 }: Pick<ScheduleAnswer, 'mode' | 'flags' | 'split'>): string {
  const pinned = flags?.pinned.length ?? 0;
  const parts = [
    mode,
    split > 0 && `${split} ${split === 1 ? 'operator' : 'operators'} split`,
    flags?.inPlace && 'element-wise in place',
    flags?.aliasConcat && 'concatenations aliased',
    flags?.doubleBuffer && 'operands double-buffered',
    pinned > 0 && `${pinned} ${pinned === 1 ? 'tensor' : 'tensors'} pinned`,
  ];
  return parts.filter((part) => part).join(', ');
}

/** What ended the search, as a sentence. */
export function stopText(stop: ScheduleAnswer['stop'] | 'infeasible'): string {
  switch (stop) {
    case 'proven':
      return 'The search ended with the proof.';
    case 'nodes':
      return 'The search ended with its node budget; a larger one may close the gap.';
    case 'cancelled':
      return 'The search was stopped; this is the best found until then.';
    case 'infeasible':
      return 'No schedule fits in this scratchpad.';
    case undefined:
      return 'What ended the search is not known.';
  }
}

/** (objective − bound) ÷ objective in per cent, rounded up, so that the claim is never stronger than the proof. */
export function gapText(objective: number, bound: number): string {
  return percent(objective > 0 ? (objective - bound) / objective : 0);
}

function percent(fraction: number): string {
  const tenths = Math.ceil(fraction * 1000 - 1e-9) / 10;
  return `${tenths.toFixed(1)} %`;
}

export interface Reduction {
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
  /** 1 − objective ÷ bytes; null where the baseline moves nothing. */
  readonly saved: number | null;
}

/** Baselines, worst first, with what the schedule saves against each. Ties by id: members of a stored run have no order. */
export function reductions(answer: ScheduleAnswer): readonly Reduction[] {
  return Object.entries(answer.baselines)
    .map(([id, bytes]) => ({
      id,
      title: baselineTitle(id),
      bytes,
      saved: bytes > 0 ? 1 - answer.objective / bytes : null,
    }))
    .sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1));
}

const NAMES: Readonly<Record<string, string>> = { lru: 'LRU', belady: 'Belady' };

/** `fileOrder+optimalResidency` → `File order, optimal residency`. */
export function baselineTitle(id: string): string {
  const words = id
    .split('+')
    .map((part) => NAMES[part.toLowerCase()] ?? part.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase())
    .join(', ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
