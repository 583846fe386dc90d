/**
 * A crowded drawing as tiles of pixels: moving the view copies them, painting is left to a few milliseconds a frame
 * and to what an edit touched. Tiles belong to one scale; while the view zooms they are shown larger or smaller, and
 * where there are none yet, the overview is.
 */
import { type Box, overlaps, type Point } from './geometry.ts';

export const TILE = 256;
/** Milliseconds of painting a frame; one tile is always painted. */
const BUDGET_MS = 4;
/** How much larger or smaller tiles are shown before others are painted although the view still moves. */
const STRETCH = 2;
const OVERVIEW = 1024;

/** What the canvas shows: device pixels a scene pixel, where the scene's origin lies, the canvas' size; device pixels. */
export interface TileView {
  readonly scale: number;
  readonly origin: Point;
  readonly width: number;
  readonly height: number;
}

export interface TileHost {
  readonly makeCanvas: (width: number, height: number) => HTMLCanvasElement;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** Paints the ground. */
  readonly paint: (context: CanvasRenderingContext2D, view: TileView) => void;
  /** Behind everything, and where nothing is known yet. */
  readonly background: () => string;
}

interface Tile {
  readonly canvas: HTMLCanvasElement;
  readonly column: number;
  readonly row: number;
  isStale: boolean;
  lastShown: number;
}

interface Layer {
  readonly scale: number;
  readonly tiles: Map<string, Tile>;
}

export class Tiles {
  readonly #host: TileHost;
  #layer: Layer | null = null;
  /** Of the scale before, until the present one covers the view. */
  #before: Layer | null = null;
  #overview: { readonly canvas: HTMLCanvasElement; readonly box: Box } | null = null;
  #isOverviewStale = true;
  #frame = 0;
  #painted = 0;

  constructor(host: TileHost) {
    this.#host = host;
  }

  /** Tiles painted since the beginning. */
  get painted(): number {
    return this.#painted;
  }

  /** Scene boxes whose picture changed; null: all of it. */
  invalidate(boxes: readonly Box[] | null): void {
    if (boxes?.length === 0) return;
    this.#isOverviewStale = true;
    for (const layer of [this.#layer, this.#before])
      for (const tile of layer?.tiles.values() ?? []) {
        if (tile.isStale) continue;
        const covers = boxOf(tile, layer?.scale ?? 1);
        tile.isStale = boxes === null || boxes.some((box) => overlaps(box, covers));
      }
  }

  /** Another scene or size altogether. */
  clear(): void {
    this.#layer = null;
    this.#before = null;
    this.#overview = null;
    this.#isOverviewStale = true;
  }

  /** Paints all of the drawing small, for where there is no tile yet; nothing to do while it is as it was. */
  refreshOverview(bounds: Box): void {
    if (!this.#isOverviewStale) return;
    const scale = Math.min(OVERVIEW / bounds.width, OVERVIEW / bounds.height);
    const [width, height] = [Math.ceil(bounds.width * scale), Math.ceil(bounds.height * scale)];
    const old = this.#overview?.canvas;
    const canvas = old?.width === width && old.height === height ? old : this.#host.makeCanvas(width, height);
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) return;
    this.#host.paint(context, { scale, origin: { x: -bounds.x * scale, y: -bounds.y * scale }, width, height });
    this.#overview = { canvas, box: bounds };
    this.#isOverviewStale = false;
  }

  /**
   * @param isWhole without holes, however long that takes: there is little to paint.
   * @returns whether there is more to paint: ask for another frame.
   */
  draw(context: CanvasRenderingContext2D, view: TileView, isMoving: boolean, isWhole = false): boolean {
    this.#frame++;
    const start = this.#host.now();
    const stretch = this.#layer ? view.scale / this.#layer.scale : 1;
    const isFar = stretch > STRETCH || stretch < 1 / STRETCH;
    if (!this.#layer || (stretch !== 1 && (!isMoving || isFar))) {
      // What was covered last is the better stand-in.
      if (this.#layer && this.#layer.tiles.size > 0) this.#before = this.#layer;
      this.#layer = { scale: view.scale, tiles: new Map() };
    }
    const layer = this.#layer;
    const wanted = tilesOf(view, layer.scale);
    let left = 0;
    const holes: Box[] = [];
    // A hole is worse than a stale tile, and the middle is looked at first.
    const todo = wanted
      .map((at) => ({ ...at, tile: layer.tiles.get(at.key) }))
      .filter(({ tile }) => !tile || tile.isStale)
      .sort((a, b) => Number(a.tile !== undefined) - Number(b.tile !== undefined) || a.distance - b.distance);
    context.setTransform(1, 0, 0, 1, 0, 0);
    for (const [index, { key, column, row, tile }] of todo.entries()) {
      if (!isWhole && index > 0 && this.#host.now() - start > BUDGET_MS) {
        left++;
        if (!tile) holes.push(shownBox(view, layer.scale, column, row));
        continue;
      }
      const painted = this.#paintTile(layer, column, row, tile);
      layer.tiles.set(key, painted);
      // What was painted is rasterised when it is first looked at: now, so that it is counted.
      context.drawImage(painted.canvas, 0, 0, 1, 1, 0, 0, 1, 1);
    }

    // Scaling pictures takes long where there is no GPU: only holes are filled.
    for (const hole of holes) this.#drawOverview(context, view, hole);
    if (holes.length === 0) this.#before = null;
    else if (this.#before) this.#drawLayer(context, view, this.#before, holes);
    this.#drawLayer(context, view, layer);
    this.#evict(layer, wanted.length);
    return left > 0;
  }

  #paintTile(layer: Layer, column: number, row: number, old: Tile | undefined): Tile {
    const tile = old ?? { canvas: this.#host.makeCanvas(TILE, TILE), column, row, isStale: true, lastShown: 0 };
    const context = tile.canvas.getContext('2d', { alpha: false });
    if (context) {
      const origin = { x: -column * TILE, y: -row * TILE };
      this.#host.paint(context, { scale: layer.scale, origin, width: TILE, height: TILE });
    }
    tile.isStale = false;
    this.#painted++;
    return tile;
  }

  /** @param holes where there is nothing else: tiles that touch none are left out. */
  #drawLayer(
    context: CanvasRenderingContext2D,
    view: TileView,
    layer: Layer,
    holes: readonly Box[] | null = null,
  ): void {
    // At its own scale a tile is copied pixel by pixel.
    context.imageSmoothingEnabled = view.scale !== layer.scale;
    for (const { key } of tilesOf(view, layer.scale)) {
      const tile = layer.tiles.get(key);
      if (!tile) continue;
      tile.lastShown = this.#frame;
      const box = shownBox(view, layer.scale, tile.column, tile.row);
      if (holes?.some((hole) => overlaps(hole, box)) === false) continue;
      context.drawImage(tile.canvas, box.x, box.y, box.width, box.height);
    }
  }

  /** That part of the overview, on the background. */
  #drawOverview(context: CanvasRenderingContext2D, { scale, origin }: TileView, part: Box): void {
    context.fillStyle = this.#host.background();
    context.fillRect(part.x, part.y, part.width, part.height);
    if (!this.#overview) return;
    const { canvas, box } = this.#overview;
    // Pixels of the overview one of the screen.
    const shrink = canvas.width / (box.width * scale);
    context.imageSmoothingEnabled = true;
    context.drawImage(
      canvas,
      (part.x - box.x * scale - origin.x) * shrink,
      (part.y - box.y * scale - origin.y) * shrink,
      part.width * shrink,
      part.height * shrink,
      part.x,
      part.y,
      part.width,
      part.height,
    );
  }

  /** Keeps what was in view lately, twice as much as is in view now. */
  #evict(layer: Layer, inView: number): void {
    const room = 2 * inView + 16;
    if (layer.tiles.size <= room) return;
    const oldest = [...layer.tiles].sort(([, a], [, b]) => a.lastShown - b.lastShown);
    for (const [key] of oldest.slice(0, layer.tiles.size - room)) layer.tiles.delete(key);
  }
}

function boxOf({ column, row }: { readonly column: number; readonly row: number }, scale: number): Box {
  const size = TILE / scale;
  return { x: column * size, y: row * size, width: size, height: size };
}

/** Where a tile is on the screen, device pixels: edges are rounded, so that no seam shows. */
function shownBox(view: TileView, scale: number, column: number, row: number): Box {
  const stretch = view.scale / scale;
  const at = (index: number, origin: number) => Math.round(index * TILE * stretch + Math.round(origin));
  const [x, y] = [at(column, view.origin.x), at(row, view.origin.y)];
  return { x, y, width: at(column + 1, view.origin.x) - x, height: at(row + 1, view.origin.y) - y };
}

/** The tiles of a layer that the view touches. */
function tilesOf(view: TileView, scale: number) {
  const size = (TILE * view.scale) / scale;
  const [left, top] = [-view.origin.x / size, -view.origin.y / size];
  const [right, bottom] = [left + view.width / size, top + view.height / size];
  const found: { key: string; column: number; row: number; distance: number }[] = [];
  for (let column = Math.floor(left); column < right; column++)
    for (let row = Math.floor(top); row < bottom; row++) {
      const distance = Math.hypot(column + 0.5 - (left + right) / 2, row + 0.5 - (top + bottom) / 2);
      found.push({ key: `${column}:${row}`, column, row, distance });
    }
  return found;
}
