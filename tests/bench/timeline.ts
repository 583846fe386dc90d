/**
 * The timeline of a long run: decoding it, the first paint, panning and zooming, searching and measuring a span, on a surface
 * that takes every stroke and draws none (what is left is the painter's own work; a browser adds its rectangles).
 */
import { paintTimeline, TIMELINE_GUTTER, wholeTimeline } from '#core/report/figures/paint-timeline.ts';
import type { Surface } from '#core/report/figures/surface.ts';
import { inkOf } from '#core/report/palette.ts';
import { type RunData, toRunData } from '#core/report/run-data.ts';
import { findInTimeline, measureSpan } from '#core/report/timeline-query.ts';
import { panRange, zoomRange } from '../../renderer/workbench/range.ts';
import { count, table } from '../support/bench-report.ts';
import { longTimeline } from '../support/long-timeline.ts';
import { machineLine } from '../support/measure.ts';
import { fixtureRun } from '../support/run-fixture.ts';

const WIDTH = TIMELINE_GUTTER + 1600;
const FRAMES = 400;

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
  const text = JSON.stringify({ ...run, timeline: longTimeline(intervals, run.operators.length) });
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
