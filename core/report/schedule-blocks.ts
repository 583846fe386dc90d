/** The part of a report about the schedule: what it moves, how that is proven, what simpler policies move, the curve, the map. */
import type { CurvePoint, LimitFigures, ScheduleCurve } from '#core/schedule/curve.ts';
import type { ScheduleAnswer } from '#core/schedule/problem.ts';
import { type Block, type Inline, type Legend, type Section, section } from './blocks.ts';
import { tensorFates } from './compare.ts';
import { BOUND_HUE, baselineHue, OBJECTIVE_HUE, visibleBaselines } from './figures/paint-curve.ts';
import { residenceHue } from './figures/paint-memory-map.ts';
import { legendOf } from './legend.ts';
import type { RunData } from './run-data.ts';
import { baselineTitle, gapText, reductions, rulesText, stopText, verdictOf } from './verdict.ts';

export function scheduleSections(data: RunData, curve: ScheduleCurve | null): readonly Section[] {
  return [
    section('schedule', 'The schedule and its proof', scheduleBlocks(data)),
    ...(curve ? [section('curve', 'Scratchpad curve', curveBlocks(curve, data.result.schedule.answer.S))] : []),
    section('memory', 'Scratchpad', [
      {
        kind: 'memory-map',
        caption: 'Where each tensor lies in the scratchpad, step by step; coloured by the operator that makes it.',
        data,
        legend: legendOf(data.memory.residences.map((residence) => residenceHue(data, residence))),
      },
    ]),
  ];
}

function scheduleBlocks(data: RunData): readonly Block[] {
  const { answer, limits } = data.result.schedule;
  return [
    { kind: 'text', content: verdictOf(answer).sentence },
    { kind: 'text', content: [answer.proof] },
    { kind: 'text', content: [stopText(answer.stop)] },
    ...(limits ? [limitsText(limits, answer.S)] : []),
    ...comparison(answer),
    ...causes(data),
  ];
}

/** M_R, M_H and M_P, and where the run's scratchpad stands among them. */
function limitsText({ MR, MH, MP, isMPExact }: LimitFigures, S: number): Block {
  const content: Inline[] = [
    ...(MR > 0
      ? ['The model runs from ', { value: MR, unit: 'B', exact: true } as const, ' of scratchpad on (M_R). ']
      : ['In this mode the model runs in any scratchpad. ']),
    'From ',
    { value: MP, unit: 'B', exact: true },
    ` on nothing need be spilled (M_P${isMPExact ? ', the least peak of any order' : ', of the best order found'}); halfway lies `,
    { value: MH, unit: 'B', exact: true },
    ' (M_H). This run has ',
    { value: S, unit: 'B', exact: true },
    '.',
  ];
  return { kind: 'text', content };
}

function comparison(answer: ScheduleAnswer): readonly Block[] {
  const baselines = reductions(answer);
  const table: Block = {
    kind: 'table',
    caption: `Mode ${rulesText(answer)}. Baselines are simpler policies on the same model and scratchpad.`,
    columns: [
      { title: 'Spilled and refilled' },
      { title: 'Bytes', align: 'end' },
      { title: 'Exact', align: 'end' },
      { title: 'Saved against it', align: 'end' },
    ],
    rows: [
      [
        'This schedule',
        { value: answer.objective, unit: 'B' },
        { value: answer.objective, unit: 'B', exact: true },
        '',
      ],
      ['Lower bound, proven', { value: answer.bound, unit: 'B' }, { value: answer.bound, unit: 'B', exact: true }, ''],
      ...baselines.map(({ title, bytes, saved }): readonly Inline[] => [
        title,
        { value: bytes, unit: 'B' },
        { value: bytes, unit: 'B', exact: true },
        saved === null ? '' : { value: saved, unit: '1' },
      ]),
    ],
  };
  if (baselines.length === 0) return [table];
  return [
    table,
    {
      kind: 'bars',
      caption: 'Bytes spilled and refilled by this schedule and by simpler policies.',
      unit: 'B',
      rows: [
        {
          label: 'This schedule',
          emphasis: true,
          segments: [{ title: 'moved', value: answer.objective, hue: 'linear' }],
        },
        ...baselines.map(({ title, bytes }) => ({
          label: title,
          segments: [{ title: 'moved', value: bytes, hue: 'interface' as const }],
        })),
      ],
    },
  ];
}

/** Rows before the rest is summed up. */
const TOP = 20;

/** The tensors that are moved beyond the compulsory, most bytes first; their bytes add up to the objective. */
function causes({ result }: RunData): readonly Block[] {
  const { problem, answer } = result.schedule;
  const moved = tensorFates(result.schedule)
    .filter((fate) => fate.moved > 0)
    .sort((a, b) => b.moved - a.moved);
  if (moved.length === 0) return [];
  const at = (step: number): string => `${step} ${problem.ops[answer.order[step] ?? -1]?.name ?? ''}`;
  const rest = moved.slice(TOP).reduce((sum, fate) => sum + fate.moved, 0);
  return [
    {
      kind: 'table',
      caption: `What causes the traffic: ${moved.length} of ${problem.tensors.length} tensors are moved beyond the compulsory.`,
      columns: [
        { title: 'Tensor' },
        { title: 'Moved', align: 'end' },
        { title: 'Written after step' },
        { title: 'Read again at step', wide: true },
      ],
      rows: [
        ...moved
          .slice(0, TOP)
          .map((fate): readonly Inline[] => [
            problem.tensors[fate.id]!.name,
            { value: fate.moved, unit: 'B', exact: true },
            fate.madeAt < 0 ? 'graph input' : at(fate.madeAt),
            fate.readAt.map(at).join(', '),
          ]),
        ...(rest > 0 ? [[`${moved.length - TOP} more`, { value: rest, unit: 'B', exact: true }, '', ''] as const] : []),
      ],
    },
  ];
}

/** Colours of a curve and what they stand for, in the order they are drawn. */
export function curveLegend(curve: ScheduleCurve): Legend {
  return {
    entries: [
      { hue: OBJECTIVE_HUE, title: 'Best schedule found' },
      { hue: BOUND_HUE, title: 'Lower bound' },
      ...visibleBaselines(curve).map((id) => ({ hue: baselineHue(id), title: baselineTitle(id) })),
    ],
  };
}

function curveBlocks(curve: ScheduleCurve, present: number): readonly Block[] {
  return [
    {
      kind: 'curve',
      caption:
        'Bytes moved beyond the compulsory over scratchpad sizes. A disc is proven optimal, a ring has an open gap; ' +
        'between points the optimum lies in the shaded band.',
      curve,
      present,
      legend: curveLegend(curve),
    },
    {
      kind: 'table',
      caption: `The points of the curve, by ${curve.technique.id} ${curve.technique.version} in ${curve.mode} mode.`,
      columns: [
        { title: 'Scratchpad', align: 'end' },
        { title: 'Spilled and refilled', align: 'end' },
        { title: 'Lower bound', align: 'end' },
        { title: 'Gap', align: 'end' },
        { title: 'Ended by' },
      ],
      rows: curve.points.map(pointRow),
    },
  ];
}

function pointRow({ S, objective, bound, stop }: CurvePoint): readonly Inline[] {
  const bytes = (value: number | null): Inline => (value === null ? '–' : { value, unit: 'B', exact: true });
  const gap = objective === null || bound === null ? '–' : gapText(objective, bound);
  return [bytes(S), bytes(objective), bytes(bound), gap, stop];
}
