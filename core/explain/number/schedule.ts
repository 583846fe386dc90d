/** Figures of a schedule taken apart: what it moves tensor by tensor, its bound, other policies, and capacities that matter. */
import type { Badge } from '#core/base/metric.ts';
import { type TensorFate, tensorFates } from '#core/report/compare.ts';
import type { RunResult } from '#core/run/result.ts';
import { amount, type ExplainedFigure, explainDeviation, explained, explainedSum, largest } from './explained.ts';

export type ScheduleFigure = 'objective' | 'bound' | 'compulsory' | 'S' | 'MR' | 'MH' | 'MP';

const FIGURES: Readonly<Record<ScheduleFigure, { readonly title: string; readonly formula: string }>> = {
  objective: { title: 'Spilled and refilled', formula: 'Σ over tensors of bytes moved beyond the compulsory' },
  bound: { title: 'Lower bound', formula: 'no schedule at this capacity moves less' },
  compulsory: { title: 'Compulsory activations', formula: 'first load of graph inputs + one write of graph outputs' },
  S: { title: 'Scratchpad', formula: 'as drawn or set' },
  MR: { title: 'M_R', formula: 'least scratchpad in which the model runs' },
  MH: { title: 'M_H', formula: '⌊(M_R + M_P) ÷ 2⌋' },
  MP: { title: 'M_P', formula: 'least scratchpad from which on nothing need be spilled' },
};

/** Of an M_P no order is proven to need. */
const ENOUGH = 'least peak of the orders tried: nothing need be spilled from it on; a smaller scratchpad may do';

/** @param run what it is of, where several are told apart. */
export function explainSchedule(result: RunResult, figure: ScheduleFigure, run = ''): ExplainedFigure {
  const { problem, answer, limits } = result.schedule;
  const { title, formula } = FIGURES[figure];
  const value = figure === 'MR' || figure === 'MH' || figure === 'MP' ? (limits?.[figure] ?? 0) : answer[figure];
  const isProven = figure === 'bound' || (figure === 'objective' && answer.optimal);
  const isEnough = (figure === 'MP' || figure === 'MH') && limits?.isMPExact === false;
  const badge: Badge = isProven ? 'proven' : isEnough ? 'estimate' : 'counted';
  const head = { title: run === '' ? title : `${title}, ${run}`, value, unit: 'B', badge } as const;
  const isFound = figure === 'objective' || figure === 'bound';
  const how = {
    formula: isEnough && figure === 'MP' ? ENOUGH : formula,
    source: isFound ? answer.proof : 'definition',
    technique: answer.solver,
  };
  switch (figure) {
    case 'objective':
      return explainedSum(
        head,
        how,
        largest(tensorFates(result.schedule), 'B', {
          value: ({ moved }) => moved,
          name: ({ id }) => problem.tensors[id]?.name ?? '',
          explain: (fate) => explainMoved(result, fate),
        }),
        [amount('scratchpad', answer.S, 'B'), amount('lower bound', answer.bound, 'B')],
      );
    case 'compulsory':
      return explainedSum(
        head,
        how,
        largest(
          problem.tensors.filter(({ kind }) => kind !== 'act'),
          'B',
          { value: ({ bytes }) => bytes, name: ({ name }) => name },
        ),
      );
    case 'MH':
      return explained(head, how, [
        amount('M_R', limits?.MR ?? 0, 'B', () => explainSchedule(result, 'MR')),
        amount('M_P', limits?.MP ?? 0, 'B', () => explainSchedule(result, 'MP')),
      ]);
    default:
      return explained(head, how, isFound ? [amount('scratchpad', answer.S, 'B')] : []);
  }
}

/** Bytes a tensor is moved beyond the compulsory. */
export function explainMoved({ schedule }: RunResult, { id, bytes, moved }: TensorFate, run = ''): ExplainedFigure {
  const name = schedule.problem.tensors[id]?.name ?? '';
  const times = 'times it is written and read beyond the compulsory';
  return explained(
    { title: `Bytes moved for ${name}${run === '' ? '' : `, ${run}`}`, value: moved, unit: 'B', badge: 'counted' },
    { formula: `bytes × ${times}`, source: 'recounted from the schedule', technique: schedule.answer.solver },
    [amount('bytes', bytes, 'B'), amount(times, bytes > 0 ? moved / bytes : 0, '')],
  );
}

/** What another policy moves on the same problem, or how far this schedule lies from it. */
export function explainPolicy(
  result: RunResult,
  policy: { readonly title: string; readonly bytes: number },
  figure: 'bytes' | 'saved',
): ExplainedFigure {
  const bytes = () =>
    explained(
      { title: `Spilled and refilled: ${policy.title}`, value: policy.bytes, unit: 'B', badge: 'counted' },
      {
        formula: 'bytes moved beyond the compulsory by this policy',
        source: 'played on the same problem',
        technique: result.schedule.answer.solver,
      },
      [],
    );
  if (figure === 'bytes') return bytes();
  return explainDeviation(
    `This schedule against ${policy.title}`,
    { symbol: 'this schedule', figure: () => explainSchedule(result, 'objective') },
    { symbol: 'that policy', figure: bytes },
  );
}
