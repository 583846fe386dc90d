import { describe, expect, it } from 'vitest';
import type { CurvePoint, ScheduleCurve } from '#core/schedule/curve.ts';
import { inkOf } from '../palette.ts';
import { paintConvergence } from './paint-convergence.ts';
import { CURVE_GUTTER, curveHit, curvePlace, paintCurve, visibleBaselines } from './paint-curve.ts';
import type { RectStyle, Surface } from './surface.ts';

interface Drawn {
  readonly rects: { x: number; y: number; width: number; height: number; fill: string; style: RectStyle }[];
  readonly texts: string[];
  readonly paths: { points: readonly number[]; stroke: string }[];
}

function recorder(): { readonly surface: Surface; readonly drawn: Drawn } {
  const drawn: Drawn = { rects: [], texts: [], paths: [] };
  return {
    drawn,
    surface: {
      rect: (x, y, width, height, fill, style = {}) => void drawn.rects.push({ x, y, width, height, fill, style }),
      line: () => {},
      text: (_x, _y, text) => void drawn.texts.push(text),
      path: (points, { stroke }) => void drawn.paths.push({ points, stroke }),
      clip: (_x, _y, _width, _height, draw) => draw(),
    },
  };
}

const KiB = 1024;
const point = (S: number, objective: number | null, bound: number | null): CurvePoint => ({
  S,
  objective,
  bound,
  optimal: objective !== null && objective === bound,
  stop: objective === null ? 'infeasible' : objective === bound ? 'proven' : 'nodes',
  baselines: objective === null ? {} : { noReuse: 10_000 * KiB, 'fileOrder+lru': 120 * KiB },
});
const curve: ScheduleCurve = {
  format: 'weft-curve/1',
  name: 'test',
  mode: 'strict',
  technique: { id: 'scheduler/test', version: '1' },
  limits: { MR: 16 * KiB, MH: 32 * KiB, MP: 64 * KiB, isMPExact: true },
  points: [
    point(8 * KiB, null, null),
    point(16 * KiB, 100 * KiB, 60 * KiB),
    point(32 * KiB, 40 * KiB, 40 * KiB),
    point(64 * KiB, 0, 0),
  ],
};
const ink = inkOf('light');
const size = { width: CURVE_GUTTER + 16 + 300, height: 30 + 38 + 200 };

describe('the curve', () => {
  it('gives equal factors equal room, and names what is marked', () => {
    const { surface, drawn } = recorder();
    paintCurve(surface, curve, { ...size, ink, present: 32 * KiB });
    expect(curve.points.map((_, index) => curvePlace(curve, size.width, size.height, index).x)).toEqual(
      [0, 100, 200, 300].map((x) => expect.closeTo(CURVE_GUTTER + x, 6)),
    );
    for (const name of ['M_R', 'M_P', 'M_H = this run', 'does not run', 'Scratchpad', '16 KiB', '64 KiB', 'KiB moved'])
      expect(drawn.texts).toContain(name);
  });

  it('names limits that are one size together', () => {
    const { surface, drawn } = recorder();
    const limits = { MR: 64 * KiB, MH: 64 * KiB, MP: 64 * KiB, isMPExact: true };
    paintCurve(surface, { ...curve, limits }, { ...size, ink, present: 64 * KiB });
    expect(drawn.texts).toContain('M_R = M_H = M_P = this run');
  });

  it('is a staircase: the best found holds to the right of a point, the bound to its left', () => {
    const { surface, drawn } = recorder();
    paintCurve(surface, curve, { ...size, ink });
    const [below, above] = drawn.paths.slice(-2);
    const ys = (points: readonly number[]) => points.filter((_, index) => index % 2 === 1);
    const y = (index: number) => curvePlace(curve, size.width, size.height, index).y;
    expect(ys(above!.points)).toEqual([y(1), y(1), y(2), y(2), y(3)]);
    // 60 KiB is bounded at the first point; then at once the 40 KiB proven for the next larger scratchpad.
    const perKib = (y(3) - y(2)) / 40;
    expect(ys(below!.points)).toEqual(
      [y(3) - 60 * perKib, y(2), y(2), y(3), y(3)].map((value) => expect.closeTo(value, 6)),
    );
  });

  it('has a disc where proven and a ring where open, one for each point there is a schedule for', () => {
    const { surface, drawn } = recorder();
    paintCurve(surface, curve, { ...size, ink, titles: true });
    const titled = drawn.rects.filter(({ style }) => style.title !== undefined);
    expect(titled.map(({ style }) => style.title)).toEqual([
      '16,384 B: 102,400 B, bound 61,440 B',
      '32,768 B: 40,960 B, proven optimal',
      '65,536 B: 0 B, proven optimal',
    ]);
    const rings = drawn.rects.filter(({ fill, style }) => fill === ink.ground && style.radius !== undefined);
    expect(rings).toHaveLength(1);
  });

  it('leaves out the baselines that are far above it, and scales to those that are not', () => {
    expect(visibleBaselines(curve)).toEqual(['fileOrder+lru']);
    const still = { ...curve, points: [point(16 * KiB, 0, 0), point(64 * KiB, 0, 0)] };
    expect(visibleBaselines(still)).toEqual(['noReuse', 'fileOrder+lru']);
  });

  it('is hit at the nearest point by scratchpad, and nowhere outside', () => {
    const at = (x: number, y = 100) => curveHit(curve, size.width, size.height, CURVE_GUTTER + x, y);
    expect([at(0), at(40), at(60), at(149), at(151), at(300)]).toEqual([0, 0, 1, 1, 2, 3]);
    expect([at(-20), at(330), at(100, 400)]).toEqual([null, null, null]);
    expect(curveHit({ ...curve, points: [] }, size.width, size.height, CURVE_GUTTER, 100)).toBeNull();
  });

  it('does not stumble over a single point or none', () => {
    for (const points of [[], [point(8 * KiB, 0, 0)], [point(8 * KiB, null, null)]]) {
      const { surface, drawn } = recorder();
      paintCurve(surface, { ...curve, points }, { ...size, ink });
      for (const { x, y } of drawn.rects) expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true);
    }
  });
});

describe('the course of a search', () => {
  it('is two staircases to now, with the last figures beside them', () => {
    const { surface, drawn } = recorder();
    const samples = [
      { seconds: 1, incumbent: null, bound: 0 },
      { seconds: 2, incumbent: 80 * KiB, bound: 20 * KiB },
      { seconds: 4, incumbent: 60 * KiB, bound: 30 * KiB },
    ];
    paintConvergence(surface, samples, { width: 400, height: 160, ink, seconds: 8 });
    const [bounds, found] = drawn.paths;
    const xs = (points: readonly number[]) => points.filter((_, index) => index % 2 === 0);
    const span = 400 - 64 - 84;
    expect(xs(bounds!.points)).toEqual([1, 2, 2, 4, 4, 8].map((at) => expect.closeTo(64 + (at / 8) * span, 6)));
    expect(xs(found!.points)).toEqual([2, 4, 4, 8].map((at) => expect.closeTo(64 + (at / 8) * span, 6)));
    expect(drawn.texts).toEqual(expect.arrayContaining(['60 KiB', '≥ 30 KiB', 's']));
    paintConvergence(surface, [], { width: 400, height: 160, ink, seconds: 0 });
  });
});
