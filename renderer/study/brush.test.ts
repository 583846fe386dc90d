import { describe, expect, it } from 'vitest';
import { brushed, NO_BRUSHES, stepBrush, withBrush } from './brush.ts';
import { columnsOf, numbersOf } from './columns.ts';
import { StudyPoints } from './points.ts';
import { asksForLog, extentOf, placeOn, scaleOf, ticksOf, valueAt } from './scale.ts';
import { FRONT_FIRST, sortedPoints } from './table.ts';
import { drawnPoints, studyView } from './test-support.ts';

const study = studyView();
const columns = columnsOf(study);
const objectives = study.metrics.filter(({ id }) => study.spec.objectives.includes(id));
const points = new StudyPoints(objectives);
points.add(drawnPoints(400));
const view = points.view();
const data = columns.map((column) => {
  const numbers = numbersOf(column, view);
  return { column, numbers, scale: scaleOf(extentOf(numbers), false, 0) };
});
const [rows, , cycles] = columns;

describe('brushes', () => {
  it('keep the levels and figures inside, and nothing that lacks the figure', () => {
    // Levels 1 and 2 of 0 … 3.
    const two = withBrush(NO_BRUSHES, rows!.id, { low: 0.3, high: 0.7 });
    const kept = brushed(data, two, view.count)!;
    for (const { index, choice } of view.points) expect(kept[index]).toBe(choice[0] === 1 || choice[0] === 2 ? 1 : 0);
    const both = withBrush(two, cycles!.id, { low: 0, high: 0.5 });
    const { scale } = data[2]!;
    const half = valueAt(scale, 0.5);
    const less = brushed(data, both, view.count)!;
    for (const { index, metrics } of view.points)
      expect(less[index]).toBe(kept[index] === 1 && (metrics['time.cycles'] ?? Infinity) <= half ? 1 : 0);
  });

  it('are none where they keep everything', () => {
    expect(brushed(data, NO_BRUSHES, view.count)).toBeNull();
    expect(withBrush(new Map([['x', { low: 0.2, high: 0.4 }]]), 'x', { low: 0, high: 1 }).size).toBe(0);
  });

  it('step by levels and by twentieths, there and back, and never turn over', () => {
    const down = stepBrush(rows!, undefined, 'high', -1);
    expect(down.high).toBeCloseTo(2 / 3);
    expect(stepBrush(rows!, down, 'high', 1)).toEqual({ low: 0, high: 1 });
    let brush = stepBrush(cycles!, undefined, 'low', 1);
    expect(brush.low).toBeCloseTo(0.05);
    for (let press = 0; press < 40; press++) brush = stepBrush(cycles!, brush, 'low', 1);
    expect(brush).toEqual({ low: 1, high: 1 });
  });
});

describe('scales', () => {
  it('are logarithmic where the range asks for it, and lead back', () => {
    expect(asksForLog([1, 19])).toBe(false);
    expect(asksForLog([1, 20])).toBe(true);
    expect(asksForLog([0, 20])).toBe(false);
    for (const isLog of [false, true]) {
      const scale = scaleOf([3, 7000], isLog);
      for (const value of [3, 80, 7000]) expect(valueAt(scale, placeOn(scale, value))).toBeCloseTo(value, 6);
    }
    expect(scaleOf([0, 10], true).isLog).toBe(false);
  });

  it('have round ticks that say what they are', () => {
    const log = ticksOf(scaleOf([1e3, 1e7], true, 0), 8, 'cycles');
    expect(log.ticks.map(({ label }) => label)).toEqual(['1 k', '10 k', '100 k', '1 M', '10 M']);
    const share = ticksOf({ from: 0, to: 1, isLog: false }, 4, '1');
    expect(share).toMatchObject({ unit: '%', ticks: [{ label: '0' }, { label: '50' }, { label: '100' }] });
    const energy = ticksOf({ from: 0.1, to: 0.13, isLog: false }, 3, 'J');
    expect(energy).toMatchObject({
      unit: 'mJ',
      ticks: [{ label: '100' }, { label: '110' }, { label: '120' }, { label: '130' }],
    });
    const memory = ticksOf(scaleOf([2 ** 16, 2 ** 20], true, 0), 8, 'B');
    expect(memory.ticks.map(({ label }) => label)).toEqual(['64 Ki', '128 Ki', '256 Ki', '512 Ki', '1 Mi']);
  });
});

describe('the table', () => {
  it('has the front first, then the rest by the first objective, failures last', () => {
    const order = sortedPoints(view, columns, null, FRONT_FIRST);
    const count = view.front.size;
    expect(new Set(order.slice(0, count))).toEqual(view.front);
    const rest = order.slice(count).map((at) => view.points[at]?.metrics['time.cycles'] ?? Infinity);
    expect(rest).toEqual(rest.toSorted((a, b) => a - b));
    expect(order).toHaveLength(view.count);
    expect(sortedPoints(view, columns, null, { key: 'index', descending: true })[0]).toBe(view.count - 1);
  });
});
