import { beforeAll, describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import { buildModel } from '#core/model/build.ts';
import { channelUses } from '#core/report/channels.ts';
import { differencesOf, matchOperators, matchResources, OPERATOR_MEASURES } from '#core/report/compare-runs.ts';
import { type RunData, toRunData } from '#core/report/run-data.ts';
import { arrayModelsOf } from '#core/run/array-models.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { examples } from '#projects/examples/make.ts';
import { largeModel } from '../../../tests/support/large-model.ts';
import { fixtureRun } from '../../../tests/support/run-fixture.ts';
import { fixtureSimulation } from '../../../tests/support/simulation-fixture.ts';
import { explainOperatorDifference, explainOperatorSum, explainResourceDifference } from './difference.ts';
import { type Estimated, explainKernel, explainKernels, explainModelCycles } from './estimate.ts';
import { type ExplainedFigure, substituted, type Term } from './explained.ts';
import {
  explainChannelUse,
  explainElapsed,
  explainInterval,
  explainOccupancy,
  explainOffChip,
  explainResidence,
  explainSimulatedPoint,
  explainSpan,
} from './pictures.ts';
import {
  explainArea,
  explainArrayModel,
  explainEnergy,
  explainEnergyOfRun,
  explainOperator,
  explainTotal,
} from './run.ts';
import { explainPolicy, explainSchedule } from './schedule.ts';
import {
  explainChannel,
  explainMakespan,
  explainSimulationTotal,
  explainSpans,
  explainStream,
  explainTask,
  explainTaskShare,
} from './simulation.ts';

const term = (symbol: string, value: number): Term => ({ symbol, value, unit: '', where: null });

/** What a formula comes to with its terms; null where it is not arithmetic of them. */
function evaluated({ formula, terms }: ExplainedFigure): number | null {
  const symbols = terms.toSorted((a, b) => b.symbol.length - a.symbol.length);
  let text = formula;
  const values: number[] = [];
  for (const { symbol, value } of symbols) {
    if (typeof value !== 'number') continue;
    const wanted = new RegExp(
      `(?<![\\p{L}\\p{N}])${symbol.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`,
      'giu',
    );
    text = text.replace(wanted, () => `#${values.push(value) - 1};`);
  }
  const tokens = text.match(/#\d+;|\d+|max|[+−×÷(),⌈⌉]|[^\s]+/g) ?? [];
  let at = 0;
  const NOTHING = Number.NaN;
  const close = (token: string, value: number) => (tokens[at++] === token ? value : NOTHING);
  const factor = (): number => {
    const token = tokens[at++] ?? '';
    if (token.startsWith('#')) return values[Number(token.slice(1, -1))]!;
    if (token === '(') return close(')', sum());
    if (token === '⌈') return close('⌉', Math.ceil(sum()));
    if (token === 'max' && tokens[at++] === '(') {
      const first = sum();
      return tokens[at++] === ',' ? close(')', Math.max(first, sum())) : NOTHING;
    }
    return /^\d+$/.test(token) ? Number(token) : NOTHING;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[at] === '×' || tokens[at] === '÷') value = tokens[at++] === '×' ? value * factor() : value / factor();
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '−')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  const value = sum();
  return at === tokens.length && !Number.isNaN(value) ? value : null;
}

const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1e-12, Math.abs(a), Math.abs(b));

/** Every formula holds, every figure a term leads to has the term's value, as far as terms lead. */
function expectSound(figure: ExplainedFigure, seen = new Set<string>()): { formulas: number; followed: number } {
  const found = { formulas: 0, followed: 0 };
  if (seen.has(figure.title)) return found;
  seen.add(figure.title);
  expect(figure.formula, figure.title).not.toBe('');
  expect(figure.source, figure.title).not.toBe('');
  expect(Number.isFinite(figure.value), figure.title).toBe(true);
  const value = evaluated(figure);
  if (value !== null) {
    found.formulas++;
    expect(isClose(value, figure.value), `${figure.title}: ${figure.formula} is ${value}, not ${figure.value}`).toBe(
      true,
    );
  }
  for (const { symbol, value: worth, where } of figure.terms) {
    if (where?.kind !== 'figure') continue;
    const next = where.explain();
    found.followed++;
    expect(isClose(next.value, Number(worth)), `${symbol} of ${figure.title}: ${next.value}, not ${worth}`).toBe(true);
    const inner = expectSound(next, seen);
    found.formulas += inner.formulas;
    found.followed += inner.followed;
  }
  return found;
}

describe('a formula with its values', () => {
  it('has each symbol replaced where it stands as a word, the longest first', () => {
    expect(
      substituted('MACs on arrays ÷ (peak × cycles)', [term('cycles', 7), term('MACs on arrays', 42), term('peak', 3)]),
    ).toBe('42 ÷ (3 × 7)');
    expect(substituted('compulsory + noncompulsory', [term('compulsory', 2)])).toBe('2 + noncompulsory');
    expect(substituted('a + b', [term('c', 1)])).toBeNull();
    expect(substituted('E(MAC) × n', [term('E(MAC)', 5)])).toBe('5 × n');
    expect(substituted('Σ over tasks', [term('tasks', 5)])).toBeNull();
  });
});

describe('a figure explained', () => {
  const run = fixtureRun();
  it('leads from a total to the total it is made of, and to the drawing', () => {
    const seconds = run.totals.find(({ id }) => id === 'time.seconds')!;
    const { terms, substituted: said } = explainTotal(seconds, run);
    expect(terms.map(({ symbol, where }) => [symbol, where?.kind])).toEqual([
      ['cycles', 'figure'],
      ['clock', 'node'],
    ]);
    expect(terms[1]?.where).toMatchObject({ node: 'array', document: 'architecture' });
    expect(said).toBe('102 kcycles ÷ 500 MHz');
  });

  it('leads from an operator’s figure to the operator and its unit', () => {
    const column = run.columns.find(({ id }) => id === 'busyCycles')!;
    const { title, terms } = explainOperator(run.operators[0]!, column, run);
    expect(title).toBe('Busy of conv1');
    expect(terms.flatMap(({ where }) => (where?.kind === 'node' ? [where.node] : []))).toEqual(['n1', 'array']);
  });
});

describe('formulas hold, and terms lead to figures of their value', () => {
  const documents = examples().find(({ slug }) => slug === 'mlp-two-cores')!.project.documents;
  let data: RunData;
  beforeAll(() => {
    const [model, architecture] = documents;
    const ran = runPipeline(
      { model: model!, architecture: architecture!, settings: { ...DEFAULT_SETTINGS, values: 'never' } },
      { mip: withoutMip, control: uncontrolled, appVersion: 'test' },
    );
    if (!ran.ok) throw new Error(ran.error.message);
    data = toRunData(ran.value);
  });

  it('of a run: totals, operators, energy, area, cycle models', () => {
    const { result } = data;
    for (const total of result.totals) {
      const figure = explainTotal(total, result);
      expectSound(figure);
      expect(figure.technique?.version, total.id).toBeTruthy();
    }
    for (const operator of result.operators) {
      for (const column of result.columns) {
        const figure = explainOperator(operator, column, result);
        expectSound(figure);
        expect(figure.technique?.version, column.id).toBeTruthy();
      }
      for (const level of result.energy!.levels.keys()) expectSound(explainEnergy(operator, level, result));
    }
    expectSound(explainEnergyOfRun(null, result));
    expectSound(explainArea(null, result));
    const words = { summary: 'it counts', source: 'a paper' };
    for (const model of result.arrayModels!) {
      expectSound(explainArrayModel(model, null, words, result));
      for (const { operator } of model.operators)
        expect(
          expectSound(explainArrayModel(model, result.operators[operator]!, words, result)).formulas,
        ).toBeGreaterThan(0);
    }
  });

  it('of its schedule: what is moved is the sum over tensors, what is compulsory over graph inputs and outputs', () => {
    const { result } = data;
    const run = fixtureRun();
    for (const of of [result, run]) {
      for (const figure of ['objective', 'bound', 'compulsory', 'S'] as const) {
        const made = explainSchedule(of, figure);
        expectSound(made);
        expect(made.value).toBe(of.schedule.answer[figure]);
      }
      if (of.schedule.limits)
        for (const figure of ['MR', 'MH', 'MP'] as const) expectSound(explainSchedule(of, figure));
    }
    const parts = (figure: 'objective' | 'compulsory') =>
      explainSchedule(result, figure)
        .terms.filter(({ symbol }) => symbol !== 'scratchpad' && symbol !== 'lower bound')
        .reduce((sum, { value }) => sum + Number(value), 0);
    expect(parts('objective')).toBe(result.schedule.answer.objective);
    expect(parts('compulsory')).toBe(result.schedule.answer.compulsory);
    expectSound(explainPolicy(run, { title: 'No reuse', bytes: 8 * run.schedule.answer.objective }, 'saved'));
  });

  it('of its pictures: channels, intervals, spans, tensors, points of the roofline', () => {
    const { result, timeline, memory } = data;
    for (const use of channelUses(data))
      for (const figure of ['bytes', 'loaded', 'stored', 'busy', 'share'] as const)
        expectSound(explainChannelUse(data, use, figure));
    timeline.lanes.forEach((_, lane) => {
      const at = timeline.laneFirst[lane]!;
      if (at === timeline.laneFirst[lane + 1]) return;
      for (const figure of ['cycles', 'bytes', 'rate'] as const) expectSound(explainInterval(data, lane, at, figure));
    });
    const span = { from: timeline.makespanCycles / 3, to: timeline.makespanCycles / 2 };
    for (const figure of ['cycles', 'seconds', 'bytes', 'bandwidth', { lane: 0 }] as const)
      expectSound(explainSpan(data, span, figure));
    for (const residence of memory.residences) expectSound(explainResidence(data, residence));
    for (let step = 0; step < memory.steps; step++) expectSound(explainOccupancy(data, step));
    for (const operator of result.operators.filter(({ macs }) => macs > 0)) {
      for (const figure of ['intensity', 'rate'] as const)
        expect(expectSound(explainSimulatedPoint(data, operator, figure)).formulas).toBeGreaterThan(0);
      expectSound(explainElapsed(data, operator));
      expectSound(explainOffChip(data, operator));
    }
  });

  it('of two runs compared: b − a and its share, with what both sides are made of', () => {
    const { result } = data;
    const longer = {
      ...result,
      operators: result.operators
        .slice(1)
        .map((one) => ({ ...one, busyCycles: one.busyCycles * 2, compulsoryBytes: 7 })),
    };
    const runs = { titles: ['Run 1', 'Run 12'], a: data, b: toRunData(longer) } as const;
    for (const { id, of } of OPERATOR_MEASURES) {
      for (const row of differencesOf(matchOperators(result, longer), of).rows)
        for (const figure of ['a', 'b', 'delta', 'relative'] as const) {
          const made = explainOperatorDifference(row, id, figure, runs);
          expectSound(made);
          const wanted = row[figure];
          if (wanted !== null) expect(isClose(made.value, wanted), `${id} ${figure} of ${row.pair.name}`).toBe(true);
        }
      expectSound(explainOperatorSum(id, 'delta', runs));
    }
    for (const of of ['time', 'bytes', 'energy'] as const)
      for (const pair of matchResources(data, runs.b, of)) {
        const [a, b] = [pair.a?.value ?? null, pair.b?.value ?? null];
        const row = { pair, a, b, delta: (b ?? 0) - (a ?? 0), relative: null };
        const made = explainResourceDifference(row, of, 'delta', runs);
        expectSound(made);
        expect(isClose(made.value, row.delta), `${of} of ${pair.name}`).toBe(true);
        expect(made.formula).toBe('Run 12 − Run 1');
      }
  });

  it('of the live estimate: kernels, sums of them, named models', () => {
    const machine = resolveMachine(presetById('systolic-32x32')!.build('a')).machine!;
    const model = largeModel(30);
    const settings = { format: 'int8', objective: 'cycles' } as const;
    const compiler = { passes: techniques.pass, units: techniques.unit };
    const made = estimateModel(buildModel(model).graph!, machine, compiler, settings);
    if (!made.ok) throw new Error(made.error.message);
    const of: Estimated = { estimate: made.value, machine, model, architecture: 'a', settings };
    const { kernels } = made.value;
    for (const kernel of kernels)
      for (const figure of ['cycles', 'bytes', 'macs', 'intensity', 'rate', 'utilisation'] as const) {
        if (kernel.macs === 0 && figure !== 'cycles' && figure !== 'bytes') continue;
        const explainedKernel = explainKernel(kernel, figure, of);
        expect(expectSound(explainedKernel).formulas, explainedKernel.title).toBeGreaterThan(0);
        expect(explainedKernel.technique?.version).toBeTruthy();
      }
    for (const figure of ['cycles', 'bytes', 'macs', 'intensity'] as const)
      expectSound(explainKernels(kernels, figure, of));
    expect(explainKernels(kernels, 'cycles', of).value).toBe(made.value.cycles);
    const words = { summary: 'it counts', source: 'a paper' };
    for (const one of arrayModelsOf(made.value, machine, settings))
      expectSound(explainModelCycles(one, one.operators, words, of));
  });

  it('of a simulation: totals, tasks, streams, channels, the critical path', () => {
    const result = fixtureSimulation();
    for (const total of result.totals) expectSound(explainSimulationTotal(total, result));
    for (const task of result.tasks)
      for (const figure of [
        'busy',
        'stallIn',
        'stallOut',
        'reconfigure',
        'stalled',
        'utilisation',
        'energy',
      ] as const) {
        expectSound(explainTask(result, task, figure));
        expectSound(explainTaskShare(result, task, figure));
      }
    for (const stream of result.streams)
      for (const figure of ['depth', 'maximum', 'mean', 'firstFull', 'readerWaits', 'writerWaits'] as const) {
        const made = explainStream(result, stream, figure);
        expectSound(made);
        const waits = figure === 'readerWaits' || figure === 'writerWaits';
        if (waits)
          expect(
            made.terms.filter(({ unit }) => unit === 'cycles').reduce((sum, { value }) => sum + Number(value), 0),
          ).toBe(made.value);
      }
    for (const channel of result.channels)
      for (const figure of ['loadedBytes', 'storedBytes', 'bytes', 'busy', 'utilisation'] as const)
        expectSound(explainChannel(result, channel, figure));
    const path = explainSpans('Path', result.criticalPath, result);
    expectSound(path);
    expect(path.value).toBe(explainMakespan(result).value);
  });
});
