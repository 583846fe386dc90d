import { describe, expect, it } from 'vitest';
import { encodeColumn } from '#core/base/columns.ts';
import { fixtureRun } from '../../../tests/support/run-fixture.ts';
import { inkOf } from '../palette.ts';
import { firstEndingAfter, intervalAt, laneBusyCycles, type RunData, toRunData } from '../run-data.ts';
import { axisScale, ticks } from './axis.ts';
import { drawGraph, NODE_WIDTH } from './drawing.ts';
import { barsHeight, paintBars } from './paint-bars.ts';
import { MEMORY_GUTTER, memoryHit, paintMemoryMap, wholeMemory } from './paint-memory-map.ts';
import { paintTimeline, TIMELINE_GUTTER, timelineHit, wholeTimeline } from './paint-timeline.ts';
import { fitName, sharedStart } from './short-names.ts';
import { fitText, type RectStyle, type Surface, textWidth } from './surface.ts';
import { createSvg } from './svg.ts';

interface DrawnRect extends RectStyle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
}

function recorder() {
  const rects: DrawnRect[] = [];
  const texts: string[] = [];
  const surface: Surface = {
    rect: (x, y, width, height, fill, style = {}) => void rects.push({ x, y, width, height, fill, ...style }),
    line: () => {},
    text: (_x, _y, text) => void texts.push(text),
    path: () => {},
    clip: (_x, _y, _width, _height, draw) => draw(),
  };
  return { surface, rects, texts };
}

const ink = inkOf('light');

/** One lane of `count` intervals of `busy` cycles every `period` cycles. */
function regularLane(count: number, period: number, busy: number): RunData {
  const run = fixtureRun();
  const start = Float64Array.from({ length: count }, (_, index) => index * period);
  return toRunData({
    ...run,
    timeline: {
      lanes: [{ component: 'array', title: 'Array', kind: 'compute' }],
      makespanCycles: count * period,
      clockHertz: 1e9,
      lane: encodeColumn(new Uint16Array(count)),
      start: encodeColumn(start),
      end: encodeColumn(start.map((cycle) => cycle + busy)),
      operator: encodeColumn(new Int32Array(count)),
      kind: encodeColumn(new Uint8Array(count)),
    },
  });
}

describe('timeline', () => {
  it('places wide intervals where the closed form says', () => {
    const data = regularLane(10, 100, 60);
    const { surface, rects } = recorder();
    paintTimeline(surface, data, wholeTimeline(data.timeline), { width: TIMELINE_GUTTER + 500, ink, axis: 'cycles' });
    expect(rects).toHaveLength(10);
    rects.forEach((rect, index) => {
      expect(rect.x).toBeCloseTo(TIMELINE_GUTTER + index * 50);
      expect(rect.width).toBeCloseTo(30);
    });
  });

  it('draws a million intervals with at most two rectangles a pixel, shaded by the busy share', () => {
    const data = regularLane(1_000_000, 10, 4);
    const { surface, rects } = recorder();
    paintTimeline(surface, data, wholeTimeline(data.timeline), { width: TIMELINE_GUTTER + 500, ink, axis: 'cycles' });
    expect(rects.length).toBeLessThanOrEqual(2 * 500);
    expect(rects.length).toBeGreaterThanOrEqual(499);
    for (const rect of rects) expect(rect.opacity).toBeCloseTo(0.35 + 0.65 * 0.4, 2);
  });

  it('draws only what is in view', () => {
    const data = regularLane(1_000_000, 10, 4);
    const { surface, rects } = recorder();
    paintTimeline(
      surface,
      data,
      { from: 5_000_000, to: 5_000_100 },
      { width: TIMELINE_GUTTER + 500, ink, axis: 'cycles' },
    );
    expect(rects).toHaveLength(10);
  });

  it('finds the interval under a point, and the nearest one when it is thinner than a pixel', () => {
    const data = regularLane(10, 100, 60);
    const view = wholeTimeline(data.timeline);
    const width = TIMELINE_GUTTER + 500;
    expect(timelineHit(data.timeline, view, width, TIMELINE_GUTTER + 55, 50)).toMatchObject({ lane: 0, interval: 1 });
    expect(timelineHit(data.timeline, view, width, TIMELINE_GUTTER + 40, 50)).toMatchObject({ interval: -1 });
    expect(timelineHit(data.timeline, view, width, 10, 50)).toBeNull();
    expect(timelineHit(data.timeline, view, width, TIMELINE_GUTTER + 40, 500)).toBeNull();
  });

  it('counts overlapping intervals of a lane once', () => {
    const run = fixtureRun();
    const data = toRunData({
      ...run,
      timeline: {
        ...run.timeline,
        lanes: run.timeline.lanes.slice(0, 1),
        lane: encodeColumn(new Uint16Array(3)),
        start: encodeColumn(Float64Array.of(0, 50, 200)),
        end: encodeColumn(Float64Array.of(100, 80, 300)),
        operator: encodeColumn(new Int32Array(3)),
        kind: encodeColumn(new Uint8Array(3)),
      },
    });
    expect(laneBusyCycles(data.timeline, 0)).toBe(200);
    expect(firstEndingAfter(data.timeline, 0, 90)).toBe(0);
    expect(intervalAt(data.timeline, 0, 250)).toBe(2);
    expect(intervalAt(data.timeline, 0, 150)).toBe(-1);
  });
});

describe('memory map', () => {
  const data = toRunData(fixtureRun());

  it('draws one rectangle a residency interval, at the place of its steps and addresses', () => {
    const { surface, rects } = recorder();
    const view = { from: 0, to: 12, low: 0, high: 524_288 };
    paintMemoryMap(surface, data, view, { width: 64 + 12 + 600, height: 14 + 38 + 400, ink });
    expect(rects).toHaveLength(data.memory.residences.length);
    const image = rects.find((_, at) => data.memory.residences[at]?.tensor.name === 'image');
    expect(image?.x).toBeCloseTo(MEMORY_GUTTER);
    expect(image?.width).toBeCloseTo(100);
    expect(image?.height).toBeCloseTo((100_352 / 524_288) * 400);
    expect((image?.y ?? 0) + (image?.height ?? 0)).toBeCloseTo(14 + 400);
  });

  it('hits the tensor whose rectangle holds the point', () => {
    const { residences } = data.memory;
    const [view, width, height] = [wholeMemory(data.memory), 700, 320];
    for (const residence of residences) {
      const x =
        MEMORY_GUTTER + (((residence.from + residence.to) / 2 - view.from) / (view.to - view.from)) * (width - 76);
      const y = 14 + 268 - ((residence.address + residence.tensor.bytes / 2) / view.high) * 268;
      expect(memoryHit(data.memory, view, width, height, x, y)?.residence).toBe(residence);
    }
    expect(memoryHit(data.memory, view, width, height, 2, 2)).toBeNull();
  });

  it('sums the resident bytes of each step', () => {
    expect([...data.memory.liveBytes].every((bytes) => bytes <= data.memory.capacityBytes)).toBe(true);
    expect(data.memory.liveBytes[1]).toBe(3 * 100_352);
    expect(data.memory.peakAddress).toBe(3 * 100_352);
  });
});

describe('bars', () => {
  it('makes lengths proportional to values and stacks segments', () => {
    const { surface, rects, texts } = recorder();
    const segment = (value: number) => ({ title: 'x', value, hue: 'load' as const });
    paintBars(
      surface,
      [
        { label: 'a', segments: [segment(30), segment(10)] },
        { label: 'b', segments: [segment(20)] },
      ],
      { width: 150 + 76 + 400, ink, unit: 'B', labelWidth: 150 },
    );
    expect(rects.map(({ x, width }) => [x, width])).toEqual([
      [150, 300],
      [450, 100],
      [150, 200],
    ]);
    expect(texts).toContain('40 B');
    expect(barsHeight(2)).toBeGreaterThan(44);
  });
});

describe('axis', () => {
  it('steps bytes in powers of two and everything else in 1, 2, 5', () => {
    expect(ticks(0, 1024, 4, 'B')).toEqual([0, 256, 512, 768, 1024]);
    expect(ticks(0, 100, 5, 'cycles')).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticks(0, 2, 10, 'cycles')).toEqual([0, 1, 2]);
    expect(ticks(3, 3, 5, 'cycles')).toEqual([3]);
  });

  it('divides what is measured below one, and tells a ratio in per cent', () => {
    expect(ticks(0, 0.004, 4, 'J').map((value) => axisScale([0, 0.001, 0.004], 'J').label(value))).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
    ]);
    expect(axisScale([0, 0.001, 0.004], 'J').unit).toBe('mJ');
    const shares = ticks(0, 1, 5, '1');
    expect(shares.map(axisScale(shares, '1').label)).toEqual(['0', '20', '40', '60', '80', '100']);
    expect(axisScale(shares, '1').unit).toBe('%');
    expect(axisScale([0, 2000], 'mm²').unit).toBe('mm²');
  });

  it('tells neighbouring ticks apart however far one zooms in', () => {
    const values = ticks(12_345_000, 12_345_010, 5, 'cycles');
    const { unit, label } = axisScale(values, 'cycles');
    expect(unit).toBe('Mcycles');
    expect(new Set(values.map(label)).size).toBe(values.length);
    expect(label(12_345_002)).toBe('12.345002');
  });
});

describe('drawing of a graph', () => {
  const options = { aspect: 1.7, hueOf: () => 'linear' as const, detailOf: () => '' };

  it('folds a long chain into strips near the shape of the page, without overlaps', () => {
    const drawing = drawGraph(fixtureRun({ blocks: 40 }).inputs.model, options);
    expect(drawing.width / drawing.height).toBeGreaterThan(0.8);
    expect(drawing.width / drawing.height).toBeLessThan(3.5);
    const places = drawing.nodes.map(({ x, y }) => ({ x, y }));
    for (const [at, a] of places.entries())
      for (const b of places.slice(at + 1))
        expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= 56).toBe(true);
  });

  it('draws a collapsed group as one node', () => {
    const model = fixtureRun().inputs.model;
    const group = {
      id: 'g',
      type: 'group',
      name: 'block',
      x: 0,
      y: 300,
      parent: null,
      parameters: { collapsed: true },
    };
    const inside = new Set(['n1', 'r1', 'n2']);
    const nodes = model.nodes.map((node) => (inside.has(node.id) ? { ...node, parent: 'g' } : node));
    const drawing = drawGraph({ ...model, nodes: [...nodes, group] }, options);
    expect(drawing.nodes).toHaveLength(model.nodes.length - 3 + 1);
    expect(drawing.nodes.some((node) => node.id === 'g')).toBe(true);
  });

  it('layers a document whose nodes lie on top of each other', () => {
    const model = fixtureRun().inputs.model;
    const drawing = drawGraph({ ...model, nodes: model.nodes.map((node) => ({ ...node, x: 0, y: 0 })) }, options);
    expect(new Set(drawing.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(drawing.nodes.length);
  });

  it('takes an empty document', () => {
    const drawing = drawGraph({ ...fixtureRun().inputs.model, nodes: [], links: [] }, options);
    expect(drawing.nodes).toEqual([]);
    expect(drawing.height).toBeGreaterThan(0);
  });
});

describe('names in narrow boxes', () => {
  const layers = Array.from({ length: 12 }, (_, at) => `encoder layer ${at + 1} · query`);

  it('leave out what most of them begin with, never a part of a number or of a word', () => {
    expect(sharedStart([...layers, 'input', 'output'])).toBe('encoder layer ');
    expect(sharedStart(Array.from({ length: 10 }, (_, at) => `block 1${at}`))).toBe('block ');
    expect(sharedStart(['/layer1/conv', '/layer2/conv', '/layer3/conv'])).toBe('/layer');
    expect(sharedStart(['conv', 'pool', 'dense'])).toBe('');
    expect(sharedStart(['relu', 'relu'])).toBe('');
    expect(sharedStart([])).toBe('');
  });

  it('are whole where they fit, and fit where they are not', () => {
    const start = sharedStart(layers);
    expect(fitName(layers[9]!, start, 400, 9)).toBe('encoder layer 10 · query');
    expect(fitName(layers[9]!, start, 56, 9)).toBe('…10 · query');
    expect(fitName(layers[9]!, start, 40, 9)).toBe('…10…');
    expect(fitName('classifier', start, 40, 9)).toBe('classi…');
    expect(fitName('classifier', start, 9, 9)).toBe('');
  });
});

describe('surface', () => {
  it('never makes a label wider than its room', () => {
    for (let width = 0; width < 200; width += 7) {
      const text = fitText('a rather long operator name', width, 11);
      expect(text === '' || textWidth(text, 11) <= width + 1e-9).toBe(true);
    }
  });

  it('escapes every text of an SVG', () => {
    const svg = createSvg(10, 10, '"><script>');
    svg.surface.text(0, 0, '<b>', { fill: '"x', size: 9 });
    svg.surface.rect(0, 0, 1, 1, 'red', { title: '</title><script>' });
    const made = svg.finish();
    expect(made).not.toContain('<script');
    expect(made).not.toContain('<b>');
    expect(made).toContain('fill="&quot;x"');
  });
});
