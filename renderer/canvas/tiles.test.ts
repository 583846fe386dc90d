import { describe, expect, it } from 'vitest';
import { TILE, Tiles, type TileView } from './tiles.ts';

/** Canvases that remember what was drawn on them, and a clock that painting a tile puts forward. */
function bench(msATile = 1) {
  let now = 0;
  const calls: string[] = [];
  const contextOf = (name: string) =>
    new Proxy(
      {},
      {
        get: (_, key) =>
          key === 'canvas' ? name : (...given: unknown[]) => calls.push(`${String(key)} ${given.slice(1)}`),
        set: () => true,
      },
    ) as CanvasRenderingContext2D;
  const canvas = (width: number, height: number) =>
    ({ width, height, getContext: () => contextOf('tile') }) as unknown as HTMLCanvasElement;
  const painted: TileView[] = [];
  const tiles = new Tiles({
    makeCanvas: canvas,
    now: () => now,
    background: () => '#fff',
    paint: (_, view) => {
      now += msATile;
      painted.push(view);
    },
  });
  const draw = (view: Partial<TileView>, isMoving = false) => {
    calls.length = 0;
    const before = painted.length;
    const isMore = tiles.draw(
      contextOf('screen'),
      { scale: 1, origin: { x: 0, y: 0 }, width: 2 * TILE, height: TILE, ...view },
      isMoving,
    );
    // Of what was painted a single pixel is copied first, which has it rasterised.
    const copied = calls.filter((call) => call.startsWith('drawImage') && !call.endsWith(' 0,0,1,1,0,0,1,1'));
    return { isMore, painted: painted.slice(before), copied };
  };
  return { tiles, draw };
}

describe('tiles (P-25)', () => {
  it('moving the view paints what came into it and copies the rest', () => {
    const { draw } = bench();
    expect(draw({}).painted).toHaveLength(2);
    expect(draw({}).painted).toHaveLength(0);
    const moved = draw({ origin: { x: -10, y: 0 } }, true);
    expect(moved.painted).toMatchObject([{ scale: 1, origin: { x: -2 * TILE, y: 0 } }]);
    expect(moved.copied).toHaveLength(3);
    expect(draw({ origin: { x: 0, y: 0 } }, true).painted).toHaveLength(0);
  });

  it('paints for a few milliseconds a frame, from the middle outwards, until all is there', () => {
    const { draw } = bench(4);
    const wide = { width: 7 * TILE };
    const first = draw(wide);
    expect(first.isMore).toBe(true);
    expect(first.painted.map(({ origin }) => origin.x / -TILE)).toEqual([3, 2]);
    let frames = 1;
    while (draw(wide).isMore) frames++;
    expect(frames).toBe(3);
  });

  it('an edit paints the tiles it touches, which are shown as they were until then', () => {
    const { tiles, draw } = bench(10);
    while (draw({}).isMore);
    tiles.invalidate([{ x: TILE + 5, y: 5, width: 10, height: 10 }]);
    expect(draw({}).painted).toMatchObject([{ origin: { x: -TILE } }]);
    tiles.invalidate(null);
    const stale = draw({});
    expect(stale.painted).toHaveLength(1);
    expect(stale.copied).toHaveLength(2);
  });

  it('zooming shows the tiles there are; at rest the scale gets its own', () => {
    const { draw } = bench();
    draw({});
    expect(draw({ scale: 1.5 }, true).painted).toHaveLength(0);
    const rest = draw({ scale: 1.5 });
    expect(rest.painted.map(({ scale }) => scale)).toEqual([1.5, 1.5]);
    // Far from its scale, tiles say little: others are painted on the way.
    expect(draw({ scale: 4 }, true).painted.map(({ scale }) => scale)).toEqual([4, 4]);
  });

  it('fills holes, and nothing else, with the overview and the tiles of the scale before', () => {
    const { tiles, draw } = bench(10);
    tiles.refreshOverview({ x: 0, y: 0, width: 4000, height: 2000 });
    draw({ width: TILE });
    const half = { scale: 0.5, origin: { x: TILE, y: 0 }, width: 2 * TILE };
    // The left one of two is painted; in the hole are the overview and, on it, the tile of the scale before.
    const hole = draw(half);
    expect(hole.isMore).toBe(true);
    expect(hole.copied).toHaveLength(3);
    expect(draw(half).copied).toHaveLength(2);
  });

  it('shows no tile of the scale before where there is one of this', () => {
    const { tiles, draw } = bench(10);
    tiles.refreshOverview({ x: 0, y: 0, width: 4000, height: 2000 });
    draw({ width: TILE });
    // The middle one of three is painted, which covers what there was before; the overview is in the holes beside it.
    const { copied } = draw({ scale: 0.5, origin: { x: 0.9 * TILE, y: 0 }, width: 2 * TILE });
    expect(copied).toHaveLength(3);
  });
});
