import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { OperatorResult, RunResult } from '#core/run/result.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import {
  deltasByNode,
  differencesOf,
  isWithin,
  matchOperators,
  matchResources,
  OPERATOR_MEASURES,
  resourceDeltasByNode,
  totalsTable,
} from './compare-runs.ts';
import { toRunData } from './run-data.ts';

const run = fixtureRun({ blocks: 4 });
const [busy] = OPERATOR_MEASURES;
const withOperators = (change: (operator: OperatorResult, at: number) => OperatorResult): RunResult => ({
  ...run,
  operators: run.operators.map(change),
});

describe('operators of two runs', () => {
  it('are matched by node where the model is the same, though they are called otherwise', () => {
    const renamed = withOperators((operator) => ({ ...operator, name: `${operator.name}'` }));
    expect(matchOperators(run, renamed).every(({ a, b }) => a?.index === b?.index)).toBe(true);
  });

  it('are matched by a node they share where the fusion is another', () => {
    const other = withOperators((operator, at) => (at === 0 ? { ...operator, nodes: ['r1', 'n1'] } : operator));
    const [first] = matchOperators(run, other);
    expect([first?.a?.index, first?.b?.index]).toEqual([0, 0]);
  });

  it('are matched by name, one to one, where the model is another; the rest stand alone', () => {
    const { model, architecture, settings } = run.inputs;
    const other: RunResult = {
      ...fixtureRun({ blocks: 6 }),
      inputs: { model: { ...model, id: 'copy' }, architecture, settings },
    };
    const named = {
      ...other,
      operators: other.operators.map((one, at) => ({ ...one, name: at < 2 ? 'twin' : one.name })),
    };
    const pairs = matchOperators(run, named);
    expect(pairs).toHaveLength(8 + 2 + 4);
    expect(pairs.filter(({ a, b }) => a && b).every(({ a, b }) => a!.name === b!.name)).toBe(true);
    expect(pairs.filter(({ a }) => a === null).map(({ name }) => name)).toEqual([
      'twin',
      'twin',
      'conv5',
      'add5',
      'conv6',
      'add6',
    ]);
  });

  it('are listed by the size of their change; what is within the tolerance is counted', () => {
    const factors = [1, 1.005, 3, 0.5, 1, 1, 1, 0.1];
    const other = withOperators((one, at) => ({ ...one, busyCycles: one.busyCycles * factors[at]! }));
    const { rows, equal, sum } = differencesOf(matchOperators(run, other), busy!.of, { absolute: 0, relative: 0.01 });
    expect(equal).toBe(5);
    const deltas = factors
      .map((factor, at) => run.operators[at]!.busyCycles * (factor - 1))
      .filter((_, at) => ![0, 1, 4, 5, 6].includes(at))
      .sort((a, b) => Math.abs(b) - Math.abs(a));
    expect(rows.map(({ delta }) => Math.round(delta))).toEqual(deltas.map(Math.round));
    const whole = (of: RunResult) => of.operators.reduce((total, { busyCycles }) => total + busyCycles, 0);
    expect(sum.delta).toBeCloseTo(whole(other) - whole(run), 6);
    expect(deltasByNode(rows, 'b').get('n2')).toBeUndefined();
    expect(deltasByNode(rows, 'b').get('n3')).toBe(2 * run.operators[2]!.busyCycles);
  });

  it('add up to the change of the sums, whoever is missing', () => {
    const rng = createRng(7);
    for (let round = 0; round < 50; round++) {
      const some = (of: RunResult): RunResult => ({
        ...of,
        operators: of.operators.filter(() => rng.below(3) > 0).map((one) => ({ ...one, busyCycles: rng.below(1000) })),
      });
      const [a, b] = [some(run), some(fixtureRun({ blocks: 5 }))];
      const { rows, sum } = differencesOf(matchOperators(a, b), busy!.of);
      expect(rows.reduce((total, { delta }) => total + delta, 0)).toBe(sum.delta);
      const whole = (of: RunResult) => of.operators.reduce((total, { busyCycles }) => total + busyCycles, 0);
      expect(sum.delta).toBe(whole(b) - whole(a));
    }
  });
});

describe('tolerance', () => {
  it('is the larger of absolute and relative, and takes 0 against 0', () => {
    expect(isWithin(100, 109, { absolute: 10, relative: 0.01 })).toBe(true);
    expect(isWithin(100, 111, { absolute: 10, relative: 0.01 })).toBe(false);
    expect(isWithin(1000, 1009, { absolute: 0, relative: 0.01 })).toBe(true);
    expect(isWithin(0, 0, { absolute: 0, relative: 0 })).toBe(true);
  });
});

describe('resources of two runs', () => {
  const data = toRunData(run);
  it('are matched by node, else by name', () => {
    const { lanes } = run.timeline;
    const named = {
      ...run,
      timeline: { ...run.timeline, lanes: lanes.map((lane) => ({ ...lane, title: `my ${lane.title}` })) },
    };
    expect(matchResources(data, toRunData(named), 'time').every(({ a, b }) => a && b && a.node === b.node)).toBe(true);
    const elsewhere = {
      ...run,
      inputs: { ...run.inputs, architecture: { ...run.inputs.architecture, id: 'other' } },
      timeline: { ...run.timeline, lanes: lanes.map((lane, at) => ({ ...lane, component: `x${at}` })) },
    };
    const pairs = matchResources(data, toRunData(elsewhere), 'time');
    expect(pairs.map(({ a, b }) => [a?.node, b?.node])).toEqual(
      lanes.map(({ component }, at) => [component, `x${at}`]),
    );
  });

  it('give the drawing the change of each component', () => {
    const longer = fixtureRun({ blocks: 5 });
    const { rows } = differencesOf(matchResources(data, toRunData(longer), 'time'), ({ value }) => value);
    const changes = resourceDeltasByNode(rows, 'a');
    // One block more: its convolution on the array, its addition on the vector unit.
    expect([changes.get('array'), changes.get('vector')]).toEqual([12_544, 3_136]);
  });
});

describe('totals of several runs', () => {
  const runs = [run, fixtureRun({ blocks: 2 }), fixtureRun({ blocks: 6 })];
  it('mark the best of what has a better', () => {
    const rows = totalsTable(runs, 0);
    const cycles = rows.find(({ id }) => id === 'time.cycles');
    expect([...cycles!.best]).toEqual([1]);
    expect(cycles?.differs).toEqual([false, true, true]);
    expect(rows.find(({ id }) => id === 'offchip.compulsory')?.best.size).toBe(0);
    for (const { best } of totalsTable([run, run], 0)) expect(best.size).toBe(0);
  });

  it('have a gap where a run has no such total', () => {
    const less = { ...run, totals: run.totals.filter(({ id }) => id !== 'time.cycles') };
    const row = totalsTable([less, run], 0).find(({ id }) => id === 'time.cycles');
    expect(row?.values.map((metric) => metric?.value ?? null)).toEqual([null, run.timeline.makespanCycles]);
    expect(row?.best.size).toBe(0);
  });
});
