import { describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import type { CandidateReport } from '#core/candidate/report.ts';
import type { CrossoverStudy } from '#core/run/fabric/crossover.ts';
import type { FoundDepths } from '#core/run/fabric/fifo-depths.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { marginalSaving, type ScheduleCurve } from '#core/schedule/curve.ts';
import { evaluated, expectSound, isClose } from '../../../tests/support/explained.ts';
import { fixtureRun } from '../../../tests/support/run-fixture.ts';
import { fixtureSimulation } from '../../../tests/support/simulation-fixture.ts';
import { explainCandidate, explainCandidateDifference, explainCandidateError } from './candidate.ts';
import { explainCrossoverMode, explainMargin, explainVariedFabric } from './crossover.ts';
import { explainCurvePoint } from './curve.ts';
import type { ExplainedFigure } from './explained.ts';
import { explainChosenDepth, explainDepth, explainDepths } from './fifo-depths.ts';

/** The figure is this, and so is its formula with its terms. */
function expectValue(figure: ExplainedFigure | null, value: number): ExplainedFigure {
  expect(figure).not.toBeNull();
  expect(isClose(figure!.value, value), `${figure!.title} is ${figure!.value}, not ${value}`).toBe(true);
  expect(isClose(evaluated(figure!) ?? Number.NaN, value), `${figure!.formula} of ${figure!.title}`).toBe(true);
  expectSound(figure!);
  return figure!;
}

describe('a point of the scratchpad curve', () => {
  const point = { stop: 'nodes', optimal: false, baselines: { lru: 6000 } } as const;
  const curve: ScheduleCurve = {
    format: 'weft-curve/1',
    name: 'by hand',
    mode: 'strict',
    technique: { id: 'scheduler/by-hand', version: '1' },
    limits: { MR: 1024, MH: 2048, MP: 4096, isMPExact: true },
    points: [
      { ...point, S: 1024, objective: 3000, bound: 2000 },
      { ...point, S: 3072, objective: 1000, bound: 1000, optimal: true, stop: 'proven' },
    ],
  };
  const site = { curve, result: null };
  const [first, last] = [curve.points[0]!, curve.points[1]!];

  it('has its gap, what a KiB more saves and how far it lies from a simpler policy', () => {
    expectValue(explainCurvePoint(site, first, 'gap'), 1 / 3);
    expectValue(explainCurvePoint(site, first, 'saving'), 1000);
    expect(marginalSaving(curve, first.S)?.perKibibyte).toBe(1000);
    const lru = { baseline: 'lru', title: 'LRU' };
    expect(expectValue(explainCurvePoint(site, first, lru), -0.5).substituted).toBe('(2.93 KiB − 5.86 KiB) ÷ 5.86 KiB');
  });

  it('is proven where it is optimal, and counted where it is not', () => {
    const badges = [first, last].map((one) => explainCurvePoint(site, one, 'objective').badge);
    expect(badges).toEqual(['counted', 'proven']);
    for (const figure of ['objective', 'bound'] as const) expectSound(explainCurvePoint(site, last, figure));
  });

  it('of the run’s own size is told tensor by tensor, of others with the drawn scratchpad', () => {
    const result = fixtureRun();
    const { S, objective, bound } = result.schedule.answer;
    const own = { ...first, S, objective, bound };
    const told = explainCurvePoint({ curve, result }, own, 'objective');
    expect(expectSound(told).formulas).toBeGreaterThan(0);
    expect(told.value).toBe(objective);
    const { terms } = explainCurvePoint({ curve, result }, first, 'objective');
    expect(terms.find(({ symbol }) => symbol === 'scratchpad')).toMatchObject({
      value: 1024,
      where: { kind: 'setting', id: 'scratchpadBytes' },
    });
  });
});

describe('a point of the crossover map', () => {
  const study: CrossoverStudy = {
    format: 'weft-crossover/1',
    tasks: 'Tasks',
    fabric: 'Fabric',
    variant: 'as-built',
    grid: 'coarse',
    memoryBytes: [1024, 4096],
    efficiencies: [0.25, 1],
    drawn: { memoryBytes: 4096, bytesPerTick: 64 },
    points: [],
    corrected: 0,
    stoppedEarly: false,
  };
  const place = { study, memoryBytes: 1024, efficiency: 0.25, fabric: null };
  const mode = (cycles: number, simulated: number | null) =>
    ({ mode: 'dataflow', title: 'One stage', predicted: cycles, simulated, offChipBytes: 512 }) as const;

  it('has the bandwidth and the memory of the varied fabric', () => {
    expectValue(explainVariedFabric(place, 'bandwidth'), 16);
    expectValue(explainVariedFabric(place, 'memory'), 1024);
    const fabric = presetById('systolic-32x32')!.build('f');
    expect(explainVariedFabric({ ...place, fabric }, 'memory').terms).toHaveLength(2);
  });

  it('has the margin of the best mode, by simulation where there is one', () => {
    const [best, second] = [mode(90, 100), { ...mode(120, null), mode: 'sequential' } as const];
    const decided = { memoryBytes: 1024, efficiency: 0.25, modes: [best, second], margin: 0.2, isSimulated: true };
    expect(expectValue(explainMargin(place, decided), 0.2).badge).toBe('estimate');
    expect(explainMargin(place, { ...decided, modes: [best], margin: null })).toBeNull();
    expect(explainCrossoverMode(place, best, 'cycles')).toMatchObject({ value: 100, badge: 'simulated' });
    expect(explainCrossoverMode(place, second, 'cycles')).toMatchObject({ value: 120, badge: 'estimate' });
    expectValue(explainCrossoverMode(place, best, 'gap'), -0.1);
    expectSound(explainCrossoverMode(place, best, 'offChipBytes'));
  });
});

describe('FIFO depths', () => {
  const result = fixtureSimulation();
  const [stream] = result.streams;
  const row = (name: string, bits: number) => ({
    node: `n-${name}`,
    name,
    bits,
    drawn: 2,
    withoutDeadlock: 1,
    fullSpeed: 4,
  });
  const found: FoundDepths = {
    rows: [{ ...row(stream!.name, 8), node: stream!.node, drawn: stream!.depth ?? 0 }, row('second', 32)],
    fronts: { tokens: [], bits: [] },
    fullSpeed: 90,
    isExact: true,
    caveat: null,
    simulations: 12,
  };
  const point = { depths: [4, 2], tokens: 6, bits: 4 * 8 + 2 * 32, cycles: 100 };
  const site = { found, result };

  it('add up, in tokens and in bits', () => {
    expect(explainDepths(site, point, 'tokens').substituted).toBe('4 + 2');
    for (const figure of ['tokens', 'bits'] as const) {
      const made = explainDepths(site, point, figure);
      expect(made.value).toBe(point[figure]);
      expect(expectSound(made).formulas).toBeGreaterThan(0);
    }
    const now = result.timeline.makespanCycles;
    expectValue(explainDepths(site, point, 'against'), (100 - now) / now);
  });

  it('of a FIFO are proven only where the search was exact, and lead to the stream', () => {
    for (const need of ['drawn', 'withoutDeadlock', 'fullSpeed'] as const) {
      const made = explainDepth(site, found.rows[1]!, need)!;
      expectSound(made);
      expect(made.terms.some(({ where }) => where?.kind === 'node' && where.node === 'n-second')).toBe(true);
    }
    const heuristic = { found: { ...found, isExact: false }, result };
    expect(explainDepth(site, found.rows[1]!, 'fullSpeed')?.badge).toBe('proven');
    expect(explainDepth(heuristic, found.rows[1]!, 'fullSpeed')?.badge).toBe('simulated');
    expect(explainDepth(site, { ...found.rows[1]!, fullSpeed: null }, 'fullSpeed')).toBeNull();
    expect(explainChosenDepth(site, point, 1)).toMatchObject({ value: 2, badge: 'proven' });
  });
});

describe('a candidate kernel', () => {
  const costs = (cycles: number, offChipBytes: number) => ({ cycles, offChipBytes, commands: 7 });
  const report: CandidateReport = {
    format: 'weft-candidate-report/1',
    node: 'n1',
    operator: 'conv',
    isAccepted: true,
    failedAt: null,
    problems: [],
    commands: 7,
    mapping: 'weight-stationary',
    values: null,
    alone: { candidate: costs(800, 300), compiler: costs(1000, 400), speedup: 1.25 },
    run: null,
  };
  const site = { report, model: { document: 'model' }, settings: DEFAULT_SETTINGS };

  it('stands beside the compiler’s own, with the operator and the settings', () => {
    expect(expectValue(explainCandidateDifference(site, 'alone', 'cycles'), -0.2).badge).toBe('simulated');
    expect(expectValue(explainCandidateDifference(site, 'alone', 'offChipBytes'), -0.25).badge).toBe('counted');
    const made = explainCandidate(site, 'alone', 'compiler', 'cycles')!;
    expectSound(made);
    expect(made.value).toBe(1000);
    expect(made.technique?.version).toBeTruthy();
    expect(made.terms.flatMap(({ where }) => where?.kind ?? [])).toEqual(['figure', 'figure', 'node', 'setting']);
  });

  it('has no figure where the check did not come so far', () => {
    expect(explainCandidate(site, 'run', 'candidate', 'cycles')).toBeNull();
    expect(explainCandidateDifference(site, 'run', 'cycles')).toBeNull();
    const played = { name: 'zeros', seed: 1, elements: 64, relativeError: null, isRight: false };
    expect(explainCandidateError(site, played)).toBeNull();
    expect(explainCandidateError(site, { ...played, relativeError: 1e-6 })?.value).toBe(1e-6);
  });
});
