/** A study → report: what was swept, the front drawn and as a table, points that failed, how to make it again. */
import { unitOf } from '#core/base/quantity.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { frontOf, objectiveMetrics } from '#core/study/pareto.ts';
import type { StudyAxis, StudyMetric, StudyPoint, StudySpec, StudyView } from '#core/study/study.ts';
import { type Block, type Inline, type Report, section } from './blocks.ts';
import { appendixOf } from './provenance.ts';

/** Points drawn and listed; the front is always whole. */
const MOST_DRAWN = 5000;
const MOST_LISTED = 200;

export interface StudyInputs {
  readonly study: StudyView;
  readonly points: readonly StudyPoint[];
  /** Titles of the documents it is of. */
  readonly model: string;
  readonly architecture: string;
  readonly appVersion: string;
}

export function buildStudyReport({ study, points, model, architecture, appVersion }: StudyInputs): Report {
  const { spec, metrics } = study;
  const objectives = objectiveMetrics(metrics, spec.objectives);
  const front = frontOf(points, objectives);
  const onFront = points.filter(({ index }) => front.has(index));
  const failed = points.filter(({ failure }) => failure !== null);
  return {
    title: spec.title,
    front: [
      {
        kind: 'title',
        title: spec.title,
        seal: { text: spec.fidelity === 'estimate' ? 'Estimates' : 'Runs', isProven: false },
        verdict: [
          whole(onFront.length),
          ' of ',
          whole(points.length),
          ` points are on the front of ${objectives.map(({ title }) => title.toLowerCase()).join(' and ')}: no other is better in one and as good in the rest.`,
          ...(failed.length > 0 ? [' ', whole(failed.length), ' could not be evaluated.'] : []),
        ],
        fields: [
          { label: 'Model', content: [model] },
          { label: 'Architecture', content: [architecture] },
          { label: 'Explorer', content: [spec.explorer.id.replace('explorer/', '')] },
          { label: 'State', content: [study.state] },
          { label: 'Known before', content: [whole(study.reused)] },
          { label: 'Made with', content: [`Weft ${appVersion}`] },
        ],
      },
    ],
    sections: [
      section('axes', 'What was swept', [axesTable(spec.axes)]),
      section('front', 'The front', [
        ...plots(objectives, points, front, spec.axes),
        pointsTable('Points on the front.', onFront.slice(0, MOST_DRAWN), spec.axes, metrics),
      ]),
      section('points', 'Points', [
        pointsTable(
          points.length > MOST_LISTED
            ? `The first ${MOST_LISTED} of ${points.length} points; the CSV has all.`
            : 'Every point.',
          points.slice(0, MOST_LISTED),
          spec.axes,
          metrics,
        ),
        ...(failed.length > 0 ? [failures(failed)] : []),
      ]),
      appendixOf([
        {
          kind: 'text',
          content: ['The specification makes the same points again: explorers draw from their seed alone.'],
        },
        { kind: 'listing', caption: 'The specification.', text: JSON.stringify(spec, null, 1) },
      ]),
    ],
  };
}

/** Every point as a row, counted from 1, the header first, with every digit; what does not exist is left empty. */
export function studyRows(
  { axes }: StudySpec,
  metrics: readonly StudyMetric[],
  points: readonly StudyPoint[],
  front: ReadonlySet<number>,
): readonly (readonly (string | number)[])[] {
  return [
    [
      'point',
      ...axes.map(({ title, unit }) => (unit ? `${title} [${unit}]` : title)),
      ...metrics.map(({ id, unit }) => (unit && unit !== '1' ? `${id} [${unit}]` : id)),
      'front',
      'failure',
    ],
    ...points.map(({ index, choice, metrics: figures, failure }) => [
      index + 1,
      ...axes.map(({ values }, axis) => {
        const value = values[choice[axis] ?? 0] ?? '';
        return Array.isArray(value) ? value.join('x') : String(value);
      }),
      ...metrics.map(({ id }) => figures[id] ?? ''),
      front.has(index) ? 'yes' : '',
      failure ?? '',
    ]),
  ];
}

const whole = (value: number): Inline => ({ value, unit: '', exact: true });

function axesTable(axes: readonly StudyAxis[]): Block {
  return {
    kind: 'table',
    caption: 'Parameters and the values they take.',
    columns: [
      { title: 'Parameter' },
      { title: 'Of' },
      { title: 'Nodes', align: 'end' },
      { title: 'Values', wide: true },
    ],
    rows: axes.map(({ title, of, nodes, values, unit }) => [
      title,
      of,
      nodes.length === 0 ? '–' : whole(nodes.length),
      values.map(valueText).join(', ') + (unit === '' ? '' : ` ${unit}`),
    ]),
  };
}

function valueText(value: ParameterValue): string {
  return typeof value === 'object' ? value.join('×') : String(value);
}

/** Each objective against the first. */
function plots(
  [x, ...others]: readonly StudyMetric[],
  points: readonly StudyPoint[],
  front: ReadonlySet<number>,
  axes: readonly StudyAxis[],
): readonly Block[] {
  if (!x) return [];
  const drawn = points.filter(({ index }) => front.has(index));
  for (const point of points) if (drawn.length < MOST_DRAWN && !front.has(point.index)) drawn.push(point);
  return others.map(
    (y): Block => ({
      kind: 'front',
      caption: `${y.title} over ${x.title.toLowerCase()}${drawn.length < points.length ? `, ${drawn.length} of ${points.length} points` : ''}; points on the front stand out.`,
      plot: {
        x: { title: x.title, unit: unitOf(x.unit), better: x.better },
        y: { title: y.title, unit: unitOf(y.unit), better: y.better },
        points: drawn.flatMap((point) => {
          const [across, up] = [point.metrics[x.id], point.metrics[y.id]];
          if (across === undefined || up === undefined || !Number.isFinite(across + up)) return [];
          const title = `${point.index + 1}: ${choiceText(point, axes)}`;
          return [{ x: across, y: up, title, isOnFront: front.has(point.index) }];
        }),
      },
    }),
  );
}

function choiceText({ choice }: StudyPoint, axes: readonly StudyAxis[]): string {
  return axes.map(({ title, values }, at) => `${title} ${valueText(values[choice[at]!] ?? '–')}`).join(', ');
}

function pointsTable(
  caption: string,
  points: readonly StudyPoint[],
  axes: readonly StudyAxis[],
  metrics: readonly StudyMetric[],
): Block {
  return {
    kind: 'table',
    caption,
    landscape: true,
    columns: [
      { title: '#', align: 'end' },
      ...axes.map(({ title }) => ({ title })),
      ...metrics.map(({ title }) => ({ title, align: 'end' as const })),
    ],
    rows: points.map((point): readonly Inline[] => [
      whole(point.index + 1),
      ...axes.map(({ values, unit }, at) => `${valueText(values[point.choice[at]!] ?? '–')} ${unit}`.trimEnd()),
      ...metrics.map((metric): Inline => {
        const value = point.metrics[metric.id];
        return value === undefined ? '–' : { value, unit: unitOf(metric.unit) };
      }),
    ]),
  };
}

function failures(failed: readonly StudyPoint[]): Block {
  const reasons = new Map<string, number[]>();
  for (const { failure, index } of failed) {
    const of = reasons.get(failure ?? '') ?? [];
    of.push(index + 1);
    reasons.set(failure ?? '', of);
  }
  return {
    kind: 'table',
    caption: 'Why points could not be evaluated.',
    columns: [{ title: 'Points', align: 'end' }, { title: 'Reason', wide: true }, { title: 'First of them' }],
    rows: [...reasons]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([reason, points]) => [whole(points.length), reason, points.slice(0, 5).join(', ')]),
  };
}
