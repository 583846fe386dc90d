/**
 * The timeline of a long run: decoding it, the first paint, panning and zooming, searching and measuring a span, on a surface
 * that takes every stroke and draws none (what is left is the painter's own work; a browser adds its rectangles).
 */
import { encodeColumn } from '#core/base/columns.ts';
import { createRng } from '#core/base/rng.ts';
import { paintTimeline, TIMELINE_GUTTER, wholeTimeline } from '#core/report/figures/paint-timeline.ts';
import type { Surface } from '#core/report/figures/surface.ts';
import { inkOf } from '#core/report/palette.ts';
import { type RunData, toRunData } from '#core/report/run-data.ts';
import { findInTimeline, measureSpan } from '#core/report/timeline-query.ts';
import type { Timeline } from '#core/run/result.ts';
import { panRange, zoomRange } from '../../renderer/workbench/range.ts';
import { count, table } from '../support/bench-report.ts';
import { machineLine } from '../support/measure.ts';
import { fixtureRun } from '../support/run-fixture.ts';

const LANES = 8;
const WIDTH = TIMELINE_GUTTER + 1600;
const FRAMES = 400;

/** Intervals of 1 … 40 cycles, gaps of 0 … 20, over the lanes and the operators of the run. */
function timelineOf(intervals: number, operators: number): Timeline {
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

let strokes = 0;
const surface: Surface = {
  rect: () => void strokes++,
  line: () => void strokes++,
  text: () => void strokes++,
  path: () => void strokes++,
  clip: (_x, _y, _width, _height, draw) => draw(),
};
const ink = inkOf('light');
/** Processor time in ms: other work on the machine does not count. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;
}
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;

function paint(data: RunData, view: { from: number; to: number }): void {
  paintTimeline(surface, data, view, { width: WIDTH, ink, axis: 'cycles' });
}

const rows = [100_000, 1_000_000].map((intervals) => {
  const run = fixtureRun({ blocks: 50 });
  const text = JSON.stringify({ ...run, timeline: timelineOf(intervals, run.operators.length) });
  let data: RunData = toRunData(run);
  const decoding = cost(() => {
    data = toRunData(JSON.parse(text));
  });
  const limits = wholeTimeline(data.timeline);
  strokes = 0;
  const first = cost(() => paint(data, limits));
  const drawn = strokes;
  const panning: number[] = [];
  for (const zoom of [1, 1 / 10, 1 / 1000]) {
    let view = zoomRange(limits, limits, 0, zoom, 1);
    for (let frame = 0; frame < FRAMES; frame++) {
      view = panRange(view, limits, (limits.to - limits.from) / FRAMES / 2);
      panning.push(cost(() => paint(data, view)));
    }
  }
  const zooming: number[] = [];
  let view = limits;
  for (let frame = 0; frame < FRAMES; frame++) {
    view = zoomRange(view, limits, limits.to / 3, frame < FRAMES / 2 ? 0.95 : 1 / 0.95, 20);
    zooming.push(cost(() => paint(data, view)));
  }
  const searching = cost(() => findInTimeline(data, 'conv 1'));
  const spans: number[] = [];
  for (let at = 0; at < FRAMES; at++)
    spans.push(cost(() => measureSpan(data, (at / FRAMES) * limits.to * 0.5, limits.to * 0.75)));
  return [
    count(intervals),
    ms(decoding),
    ms(first),
    count(drawn),
    ms(percentile(panning, 0.95)),
    ms(percentile(zooming, 0.95)),
    ms(searching),
    ms(percentile(spans, 0.95)),
  ];
});
console.log(machineLine());
console.log(
  table(['Intervals', 'Decode', 'First paint', 'Strokes', 'Pan p95', 'Zoom p95', 'Search', 'Span p95'], rows, 0),
);
