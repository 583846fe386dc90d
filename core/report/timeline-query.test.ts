import { describe, expect, it } from 'vitest';
import { encodeColumn } from '#core/base/columns.ts';
import { createRng } from '#core/base/rng.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import { decodeTimeline, toRunData } from './run-data.ts';
import { componentsOf, coveredBefore, findInTimeline, measureSpan, operatorsOn } from './timeline-query.ts';

describe('a text in a timeline', () => {
  const data = toRunData(fixtureRun({ blocks: 3 }));
  it('finds operators in the order they begin, and lanes', () => {
    expect(findInTimeline(data, 'conv').operators.map((index) => data.result.operators[index]!.name)).toEqual([
      'conv1',
      'conv2',
      'conv3',
    ]);
    expect(findInTimeline(data, 'dram').lanes).toEqual([2]);
    expect(findInTimeline(data, 'ADD 2').operators).toHaveLength(1);
    expect(findInTimeline(data, '  ')).toEqual({ operators: [], lanes: [] });
  });
});

describe('a span of a timeline', () => {
  it('holds what counting every cycle says', () => {
    const rng = createRng(3);
    const cycles = 200;
    const rows = Array.from({ length: 120 }, () => {
      const start = rng.below(cycles);
      return { lane: rng.below(3), start, end: Math.min(cycles, start + rng.below(12)) };
    }).sort((a, b) => a.lane - b.lane || a.start - b.start);
    const column = (of: (row: (typeof rows)[number]) => number) => encodeColumn(Float64Array.from(rows, of));
    const timeline = decodeTimeline({
      lanes: [0, 1, 2].map((lane) => ({ component: `c${lane}`, title: `${lane}`, kind: 'compute' })),
      makespanCycles: cycles,
      clockHertz: 1,
      lane: encodeColumn(Uint16Array.from(rows, ({ lane }) => lane)),
      start: column(({ start }) => start),
      end: column(({ end }) => end),
      operator: encodeColumn(Int32Array.from(rows, () => 0)),
      kind: encodeColumn(Uint8Array.from(rows, () => 0)),
    });
    for (let round = 0; round < 200; round++) {
      const [lane, until] = [rng.below(3), rng.below(cycles + 1)];
      let busy = 0;
      for (let cycle = 0; cycle < until; cycle++)
        if (rows.some((row) => row.lane === lane && row.start <= cycle && cycle < row.end)) busy++;
      expect(coveredBefore(timeline, lane, until)).toBe(busy);
    }
  });

  it('says cycles, seconds and the busy share of every lane', () => {
    const run = fixtureRun({ blocks: 3 });
    const first = run.operators[0]!;
    const span = measureSpan(toRunData(run), first.startCycle, first.endCycle);
    expect([span.cycles, span.seconds]).toEqual([12_544, 12_544 / 5e8]);
    expect(span.busy.slice(0, 2)).toEqual([1, 0]);
    expect(measureSpan(toRunData(run), 5, 5).busy).toEqual([0, 0, 0]);
  });
});

describe('operators and components', () => {
  const data = toRunData(fixtureRun({ blocks: 2 }));
  it('are linked by the lanes that work for an operator, and the scratchpad between', () => {
    expect([...componentsOf(data, 0)]).toEqual(['array', 'dram', 'spm']);
    expect(operatorsOn(data, new Set(['vector']))).toEqual([1, 3]);
    expect(operatorsOn(data, new Set(['dram']))).toEqual([0, 1, 2, 3]);
    expect(operatorsOn(data, new Set(['elsewhere']))).toBeNull();
  });
});
