/** Points of the scratchpad curve taken apart: bytes moved and bound at a size, the gap, what room saves, other policies. */
import { byteSizeText } from '#core/base/byte-size.ts';
import type { RunResult } from '#core/run/result.ts';
import { type CurvePoint, marginalSaving, type ScheduleCurve } from '#core/schedule/curve.ts';
import { amount, drawn, type ExplainedFigure, explainDeviation, explained, type Term, word } from './explained.ts';
import { explainSchedule } from './schedule.ts';

/** Bytes a simpler policy moves there, or how far the schedule lies from that. */
interface PolicyFigure {
  /** Key of the point's `baselines`. */
  readonly baseline: string;
  readonly title: string;
}
export type CurveFigure = 'objective' | 'bound' | 'gap' | 'saving' | PolicyFigure;

export interface CurveSite {
  readonly curve: ScheduleCurve;
  /** A run the curve is of; null while it is not loaded. */
  readonly result: RunResult | null;
}

const SOLVED = 'solved at each size; bounds hold for less room, schedules for more';

/**
 * A figure of a point that has a schedule. Of the run's own size the bytes are told tensor by tensor. `saving`: bytes a KiB
 * more saves on the way to the next point.
 */
export function explainCurvePoint(site: CurveSite, point: CurvePoint, figure: CurveFigure): ExplainedFigure {
  const { curve, result } = site;
  const { technique } = curve;
  const size = byteSizeText(point.S);
  const objective = () => explainCurvePoint(site, point, 'objective');
  const bound = () => explainCurvePoint(site, point, 'bound');
  switch (figure) {
    case 'objective':
    case 'bound': {
      const own = result?.schedule.answer;
      if (result && own?.S === point.S && own[figure] === point[figure]) return explainSchedule(result, figure);
      const isObjective = figure === 'objective';
      return explained(
        {
          title: `${isObjective ? 'Spilled and refilled' : 'Lower bound'} at ${size}`,
          value: point[figure] ?? 0,
          unit: 'B',
          badge: isObjective && !point.optimal ? 'counted' : 'proven',
        },
        {
          formula: isObjective
            ? 'Σ over tensors of bytes moved beyond the compulsory, by the best schedule found'
            : 'no schedule at this size moves less',
          source: SOLVED,
          technique,
        },
        [
          ...(isObjective ? [amount('lower bound', point.bound ?? 0, 'B', bound)] : []),
          ...sizeTerms(site, point),
          ...(isObjective ? [word('search ended', ENDS[point.stop])] : []),
        ],
      );
    }
    case 'gap':
      return explained(
        {
          title: `Gap at ${size}`,
          value: point.objective ? (point.objective - (point.bound ?? 0)) / point.objective : 0,
          unit: '1',
          badge: 'proven',
        },
        { formula: '(moved − lower bound) ÷ moved', source: 'definition', technique },
        [amount('moved', point.objective ?? 0, 'B', objective), amount('lower bound', point.bound ?? 0, 'B', bound)],
      );
    case 'saving':
      return explainSaving(site, point);
    default: {
      const { baseline, title } = figure;
      const bytes = point.baselines[baseline] ?? 0;
      return explainDeviation(
        `At ${size} against ${title}`,
        { symbol: 'this schedule', figure: objective },
        {
          symbol: 'that policy',
          figure: () =>
            explained(
              { title: `Spilled and refilled at ${size}: ${title}`, value: bytes, unit: 'B', badge: 'counted' },
              {
                formula: 'bytes moved beyond the compulsory by this policy',
                source: 'played on the same problem',
                technique,
              },
              sizeTerms(site, point),
            ),
        },
      );
    }
  }
}

const ENDS: Readonly<Record<CurvePoint['stop'], string>> = {
  proven: 'with the proof',
  nodes: 'with its node budget',
  cancelled: 'when it was stopped',
  infeasible: 'without a schedule',
};

function explainSaving(site: CurveSite, point: CurvePoint): ExplainedFigure {
  const { curve } = site;
  const saving = marginalSaving(curve, point.S);
  const next = curve.points.find(({ S }) => S === saving?.to);
  const moved = (symbol: string, at: CurvePoint): Term =>
    amount(symbol, at.objective ?? 0, 'B', () => explainCurvePoint(site, at, 'objective'));
  return explained(
    {
      title: `Saved by one KiB more than ${byteSizeText(point.S)}`,
      value: saving?.perKibibyte ?? 0,
      unit: 'B',
      badge: 'counted',
    },
    {
      formula: '(moved here − moved at the next size) ÷ (next size − this size) × KiB',
      source: 'mean slope of the curve up to its next point',
      technique: curve.technique,
    },
    next
      ? [
          moved('moved here', point),
          moved('moved at the next size', next),
          amount('next size', next.S, 'B'),
          amount('this size', point.S, 'B'),
          amount('KiB', 1024, 'B'),
        ]
      : [],
  );
}

/** The size, which is the run's setting when the point is opened; the drawn scratchpad; how schedules were looked for. */
function sizeTerms({ curve, result }: CurveSite, { S }: CurvePoint): readonly Term[] {
  const { architecture } = result?.inputs ?? {};
  const scratchpad = architecture?.nodes.find(({ type }) => type === 'scratchpad');
  return [
    { ...amount('scratchpad', S, 'B'), where: { kind: 'setting', id: 'scratchpadBytes' } },
    ...(architecture && scratchpad ? [drawn('drawn', architecture.id, scratchpad)] : []),
    word('mode', curve.mode),
  ];
}
