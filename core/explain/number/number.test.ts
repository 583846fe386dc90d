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
import { expectSound, isClose } from '../../../tests/support/explained.ts';
import { largeModel } from '../../../tests/support/large-model.ts';
import { fixtureRun } from '../../../tests/support/run-fixture.ts';
import { fixtureSimulation } from '../../../tests/support/simulation-fixture.ts';
import { programLevers } from '../levers.ts';
import { limitsOfRun } from '../limits.ts';
import { explainOperatorDifference, explainOperatorSum, explainResourceDifference } from './difference.ts';
import { type Estimated, explainKernel, explainKernels, explainModelCycles } from './estimate.ts';
import { substituted, type Term } from './explained.ts';
import { explainLever, explainLimit } from './limits.ts';
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

/** Totals whose formula can be worked out from its terms. */
const ARITHMETIC: ReadonlySet<string> = new Set([
  'time.seconds',
  'time.light',
  'compute.macs',
  'compute.utilisation',
  'offchip.bytes',
  'offchip.compulsory',
  'offchip.noncompulsory',
  'offchip.bandwidth',
  'energy.total',
  'energy.compute',
  'energy.cells',
  'energy.scratchpad',
]);

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
      const { formulas } = expectSound(figure);
      if (ARITHMETIC.has(total.id)) expect(formulas, total.id).toBeGreaterThan(0);
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
    const limits = { MR: 100, MH: 150, MP: 201, isMPExact: false };
    const limited = { ...run, schedule: { ...run.schedule, limits } };
    expect(expectSound(explainSchedule(limited, 'MH')).formulas).toBeGreaterThan(0);
    // No order is known to need that much: it is enough, not counted to be the least.
    expect((['MR', 'MH', 'MP'] as const).map((figure) => explainSchedule(limited, figure).badge)).toEqual([
      'counted',
      'estimate',
      'estimate',
    ]);
    const parts = (figure: 'objective' | 'compulsory') =>
      explainSchedule(result, figure)
        .terms.filter(({ symbol }) => symbol !== 'scratchpad' && symbol !== 'lower bound')
        .reduce((sum, { value }) => sum + Number(value), 0);
    expect(parts('objective')).toBe(result.schedule.answer.objective);
    expect(parts('compulsory')).toBe(result.schedule.answer.compulsory);
    const policy = { title: 'No reuse', bytes: 8 * run.schedule.answer.objective };
    expectSound(explainPolicy(run, policy, 'saved'));
    // The schedule is proven, what it is compared with is not.
    expect(explainSchedule(run, 'objective').badge).toBe('proven');
    expect(explainPolicy(run, policy, 'saved').badge).toBe('counted');
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
    const [idle] = timeline.start;
    const early = explainSpan(data, { from: 0, to: Math.min(1, idle ?? 1) }, 'bandwidth');
    expect(early.terms.find(({ symbol }) => symbol === 'peak')?.value).toBeGreaterThan(0);
    for (const residence of memory.residences) expectSound(explainResidence(data, residence));
    for (let step = 0; step < memory.steps; step++) expectSound(explainOccupancy(data, step));
    for (const operator of result.operators.filter(({ macs }) => macs > 0)) {
      for (const figure of ['intensity', 'rate'] as const)
        expect(expectSound(explainSimulatedPoint(data, operator, figure)).formulas).toBeGreaterThan(0);
      expectSound(explainElapsed(data, operator));
      expectSound(explainOffChip(data, operator));
    }
  });

  it('of what limits it: cycles by operator, shares, what was asked of what there is', () => {
    const { limits, machine } = limitsOfRun(data)!;
    expect(limits.length).toBeGreaterThan(1);
    // Two cores, each with an array: an array does no more than one array can.
    const arrays = machine.units.filter((unit) => unit.kind === 'systolic-array');
    expect(arrays.length).toBe(2);
    const array = limits.find(({ cause }) => cause === 'array')!;
    expect(array.bound).toBe(arrays[0]!.rows * arrays[0]!.columns);
    expect(array.demand).toBeLessThanOrEqual(array.bound);
    for (const limit of limits) {
      for (const figure of ['cycles', 'share'] as const)
        expect(expectSound(explainLimit(data, limit, figure)).formulas, limit.cause).toBeGreaterThan(0);
      for (const figure of ['demand', 'bound'] as const) {
        const made = explainLimit(data, limit, figure);
        expectSound(made);
        expect(made.value).toBe(limit[figure]);
        // A sentence: no word of it stands for a value.
        expect(made.substituted).toBeNull();
      }
    }
    for (const lever of programLevers(data))
      for (const figure of ['predicted', 'change'] as const) {
        const made = explainLever(data, lever, figure);
        expectSound(made);
        expect(made.badge).toBe('estimate');
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
      const sums = explainOperatorSum(id, 'delta', runs);
      expectSound(sums);
      expect(sums.badge, id).toBe(id === 'energy' ? 'estimate' : id === 'bytes' ? 'counted' : 'simulated');
    }
    const others = { ...runs, b: toRunData(fixtureRun()) };
    for (const of of ['time', 'bytes', 'energy'] as const)
      for (const pair of matchResources(data, others.b, of)) {
        const [a, b] = [pair.a?.value ?? null, pair.b?.value ?? null];
        const row = { pair, a, b, delta: (b ?? 0) - (a ?? 0), relative: null };
        const made = explainResourceDifference(row, of, 'delta', others);
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
