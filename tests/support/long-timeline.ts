/** A timeline of as many intervals as wanted, the same every time: half of the lanes compute, half of them move data. */
import { encodeColumn } from '#core/base/columns.ts';
import { createRng } from '#core/base/rng.ts';
import type { Timeline } from '#core/run/result.ts';

const LANES = 8;

/** Intervals of 1 … 40 cycles, gaps of 0 … 20, over the lanes and the operators of the run. */
export function longTimeline(intervals: number, operators: number): Timeline {
  const rng = createRng(intervals);
  const each = Math.floor(intervals / LANES);
  const [lane, start, end] = [
    new Uint16Array(each * LANES),
    new Float64Array(each * LANES),
    new Float64Array(each * LANES),
  ];
  const [operator, kind] = [new Int32Array(each * LANES), new Uint8Array(each * LANES)];
  let makespan = 0;
  for (let row = 0, index = 0; row < LANES; row++) {
    for (let i = 0, at = 0; i < each; i++, index++) {
      at += rng.below(20);
      lane[index] = row;
      start[index] = at;
      at += 1 + rng.below(40);
      end[index] = at;
      operator[index] = Math.floor((i / each) * operators);
      kind[index] = row < 4 ? 0 : 1 + (i % 2);
      makespan = Math.max(makespan, at);
    }
  }
  return {
    lanes: Array.from({ length: LANES }, (_, row) => ({
      component: `c${row}`,
      title: `Lane ${row}`,
      kind: row < 4 ? 'compute' : 'dma',
    })),
    makespanCycles: makespan,
    clockHertz: 1e9,
    lane: encodeColumn(lane),
    start: encodeColumn(start),
    end: encodeColumn(end),
    operator: encodeColumn(operator),
    kind: encodeColumn(kind),
  };
}
