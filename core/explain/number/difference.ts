/** Differences of two runs taken apart: `b − a`, both sides with what they are made of. */
import type { Unit } from '#core/base/quantity.ts';
import { channelUses } from '#core/report/channels.ts';
import type { TensorDifference } from '#core/report/compare.ts';
import {
  type Difference,
  laneName,
  OPERATOR_MEASURES,
  type OperatorMeasure,
  type ResourceUse,
  resourceUses,
} from '#core/report/compare-runs.ts';
import type { RunData } from '#core/report/run-data.ts';
import type { SimulationResult, StreamFigures, TaskFigures } from '#core/run/fabric/result.ts';
import type { OperatorResult } from '#core/run/result.ts';
import {
  type ExplainedFigure,
  explainDeviation,
  explainDifference,
  explained,
  explainedSum,
  largest,
  type Named,
} from './explained.ts';
import { explainChannelUse, explainElapsed, explainOffChip } from './pictures.ts';
import { explainEnergyOfRun, explainOperator, explainOperatorEnergy } from './run.ts';
import { explainMoved, explainSchedule, type ScheduleFigure } from './schedule.ts';
import { explainSimulationTotal, explainTask, explainWaits } from './simulation.ts';

/** Two runs, with what they are called in formulas: `Run 5`. */
export interface Two<Run> {
  readonly titles: readonly [a: string, b: string];
  readonly a: Run;
  readonly b: Run;
}
export type TwoRuns = Two<RunData>;
export type TwoSimulations = Two<SimulationResult>;

/** Which of a row: the value of a side, the difference, or its share of a. */
export type RowFigure = 'a' | 'b' | 'delta' | 'relative';

/** @param of the figure of a side; null where it has none: it counts as 0. */
export function explainRow(
  title: string,
  unit: Unit,
  { titles }: Pick<Two<unknown>, 'titles'>,
  figure: RowFigure,
  of: (side: 'a' | 'b') => (() => ExplainedFigure) | null,
): ExplainedFigure {
  const named = (side: 'a' | 'b'): Named => {
    const symbol = titles[side === 'a' ? 0 : 1];
    return { symbol, figure: of(side) ?? (() => absent(`${title}, ${symbol}`, unit)) };
  };
  if (figure === 'delta') return explainDifference(`Difference of ${title}`, named('a'), named('b'));
  if (figure === 'relative') return explainDeviation(`Change of ${title}`, named('b'), named('a'));
  return named(figure).figure();
}

function absent(title: string, unit: Unit): ExplainedFigure {
  const how = { formula: 'not there in this run: counts as 0', source: 'definition', technique: null };
  return explained({ title, value: 0, unit, badge: 'counted' }, how, []);
}

/** The figure of an operator that a measure compares. */
function explainMeasure(data: RunData, operator: OperatorResult, id: OperatorMeasure['id']): ExplainedFigure {
  const column = data.result.columns.find((one) => one.id === 'busyCycles');
  if (id === 'elapsed' || (id === 'busy' && !column)) return explainElapsed(data, operator);
  if (id === 'bytes') return explainOffChip(data, operator);
  return id === 'busy' && column
    ? explainOperator(operator, column, data.result)
    : explainOperatorEnergy(operator, data.result);
}

export function explainOperatorDifference(
  { pair }: Difference<OperatorResult>,
  measure: OperatorMeasure['id'],
  figure: RowFigure,
  runs: TwoRuns,
): ExplainedFigure {
  const { title, unit } = OPERATOR_MEASURES.find(({ id }) => id === measure)!;
  return explainRow(`${title.toLowerCase()} of ${pair.name}`, unit, runs, figure, (side) => {
    const operator = pair[side];
    return operator && (() => explainMeasure(runs[side], operator, measure));
  });
}

/** Of all operators of each run. */
export function explainOperatorSum(measure: OperatorMeasure['id'], figure: RowFigure, runs: TwoRuns): ExplainedFigure {
  const { title, unit, of } = OPERATOR_MEASURES.find(({ id }) => id === measure)!;
  return explainRow(`${title.toLowerCase()} of all operators`, unit, runs, figure, (side) => () => {
    const data = runs[side];
    return allOf(title, unit, runs.titles[side === 'a' ? 0 : 1], data.result.operators, {
      value: of,
      name: ({ name }) => name,
      explain: (operator) => explainMeasure(data, operator, measure),
    });
  });
}

interface Parts<T> {
  readonly value: (of: T) => number;
  readonly name: (of: T) => string;
  readonly explain: (of: T) => ExplainedFigure;
}

/** Of figures of one kind: they are known as well as each other. */
function allOf<T>(title: string, unit: Unit, run: string, all: readonly T[], parts: Parts<T>): ExplainedFigure {
  const value = all.reduce((sum, one) => sum + parts.value(one), 0);
  const [first] = all;
  return explainedSum(
    { title: `${title}, ${run}`, value, unit, badge: first === undefined ? 'counted' : parts.explain(first).badge },
    { formula: 'Σ over all of the run', source: 'definition', technique: null },
    largest(all, unit, parts),
  );
}

const RESOURCE_UNITS = { time: 'cycles', bytes: 'B', energy: 'J' } as const;

function explainResource(data: RunData, use: ResourceUse): ExplainedFigure {
  const { timeline, result } = data;
  if (use.of === 'energy') {
    const level = result.energy?.levels.findIndex(({ title }) => title === use.name) ?? -1;
    return explainEnergyOfRun(level < 0 ? null : level, result);
  }
  const channel = channelUses(data).find(({ node, name }) => node === use.node && name === use.name);
  if (channel) return explainChannelUse(data, channel, use.of === 'bytes' ? 'bytes' : 'busy');
  const lane = timeline.lanes.findIndex((one) => one.component === use.node && laneName(one) === use.name);
  return explained(
    { title: `Busy cycles of ${use.name}`, value: use.value, unit: 'cycles', badge: 'simulated' },
    {
      formula: 'Σ cycles its lane of the timeline is covered, overlaps once',
      source: 'event simulation of the command stream',
      technique: result.totals.find(({ id }) => id === 'time.cycles')?.provenance.technique ?? null,
    },
    lane < 0
      ? []
      : [
          {
            symbol: 'intervals',
            value: timeline.laneFirst[lane + 1]! - timeline.laneFirst[lane]!,
            unit: '',
            where: { kind: 'node', document: result.inputs.architecture.id, node: timeline.lanes[lane]!.component },
          },
        ],
  );
}

export function explainResourceDifference(
  { pair }: Difference<ResourceUse>,
  of: ResourceUse['of'],
  figure: RowFigure,
  runs: TwoRuns,
): ExplainedFigure {
  return explainRow(`use of ${pair.name}`, RESOURCE_UNITS[of], runs, figure, (side) => {
    const use = pair[side];
    return use && (() => explainResource(runs[side], use));
  });
}

/** Of all resources of each run. */
export function explainResourceSum(of: ResourceUse['of'], figure: RowFigure, runs: TwoRuns): ExplainedFigure {
  const unit = RESOURCE_UNITS[of];
  return explainRow('use of all resources', unit, runs, figure, (side) => () => {
    const data = runs[side];
    return allOf(
      'Use',
      unit,
      runs.titles[side === 'a' ? 0 : 1],
      resourceUses(data).filter((use) => use.of === of),
      {
        value: ({ value }) => value,
        name: ({ name }) => name,
        explain: (use) => explainResource(data, use),
      },
    );
  });
}

/** A total both simulations have. */
export function explainSimulationTotals(id: string, figure: RowFigure, runs: TwoSimulations): ExplainedFigure {
  const found = (side: 'a' | 'b') => runs[side].totals.find((total) => total.id === id);
  const first = found('a') ?? found('b');
  return explainRow((first?.title ?? id).toLowerCase(), first?.unit ?? '', runs, figure, (side) => {
    const total = found(side);
    return total ? () => explainSimulationTotal(total, runs[side]) : null;
  });
}

interface Sides<T> {
  readonly name: string;
  readonly a: T | null;
  readonly b: T | null;
}

/** Cycles a task is stalled in each. */
export function explainStalledRow(pair: Sides<TaskFigures>, figure: RowFigure, runs: TwoSimulations): ExplainedFigure {
  return explainRow(`stalls of ${pair.name}`, 'cycles', runs, figure, (side) => {
    const task = pair[side];
    return task && (() => explainTask(runs[side], task, 'stalled'));
  });
}

/** Cycles a stream is waited for in each. */
export function explainWaitsRow(pair: Sides<StreamFigures>, figure: RowFigure, runs: TwoSimulations): ExplainedFigure {
  return explainRow(`waits for ${pair.name}`, 'cycles', runs, figure, (side) => {
    const stream = pair[side];
    return stream && (() => explainWaits(runs[side], stream));
  });
}

/** A figure of both schedules. */
export function explainScheduleDifference(figure: ScheduleFigure, of: RowFigure, runs: TwoRuns): ExplainedFigure {
  const { title } = explainSchedule(runs.a.result, figure);
  return explainRow(title.toLowerCase(), 'B', runs, of, (side) => () => {
    return explainSchedule(runs[side].result, figure, runs.titles[side === 'a' ? 0 : 1]);
  });
}

/** Bytes a tensor is moved beyond the compulsory, in both schedules. */
export function explainTensorDifference(
  { name, a, b }: TensorDifference,
  of: RowFigure,
  runs: TwoRuns,
): ExplainedFigure {
  return explainRow(`bytes moved for ${name}`, 'B', runs, of, (side) => {
    const fate = side === 'a' ? a : b;
    return fate && (() => explainMoved(runs[side].result, fate, runs.titles[side === 'a' ? 0 : 1]));
  });
}
