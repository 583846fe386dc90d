/**
 * Boxes of a scene on a uniform grid, for what is in view and what is under the pointer. A box is listed in every
 * cell it touches; very large ones (frames, long links) are kept apart, so that they do not fill the grid. Items stand
 * for themselves: an update touches only those that came or went.
 */
import { type Box, contains, overlaps, type Point } from './geometry.ts';

const CELL = 512;
const LARGEST_SPAN = 16;

export class BoxIndex<T extends Box> {
  readonly #cells = new Map<number, T[]>();
  readonly #large = new Set<T>();
  #touched: T[] = [];
  #items: ReadonlySet<T> = new Set();

  constructor(items: Iterable<T> = []) {
    this.update(items);
  }

  get size(): number {
    return this.#items.size;
  }

  /** Holds these items from now on. */
  update(items: Iterable<T>): void {
    const next = new Set(items);
    for (const item of this.#items)
      if (!next.has(item)) {
        this.#remove(item);
        this.#touched.push(item);
      }
    for (const item of next)
      if (!this.#items.has(item)) {
        this.#add(item);
        this.#touched.push(item);
      }
    this.#items = next;
  }

  /** Items that came or went since this was asked last. */
  takeTouched(): readonly T[] {
    const touched = this.#touched;
    this.#touched = [];
    return touched;
  }

  /** Every item that overlaps the box, once, in no particular order; stops after `limit`. */
  within(box: Box, limit = Number.POSITIVE_INFINITY): readonly T[] {
    const { left, top, right, bottom } = span(box);
    const found = new Set<T>();
    const take = (items: Iterable<T>) => {
      for (const item of items) if (overlaps(item, box)) found.add(item);
    };
    take(this.#large);
    // A view wider than the drawing has more empty cells than there are filled ones.
    if ((right - left + 1) * (bottom - top + 1) > this.#cells.size) {
      for (const cell of this.#cells.values()) {
        take(cell);
        if (found.size > limit) break;
      }
      return [...found];
    }
    for (let column = left; column <= right && found.size <= limit; column++)
      for (let row = top; row <= bottom; row++) take(this.#cells.get(keyOf(column, row)) ?? []);
    return [...found];
  }

  /** Every item under the point. */
  at(point: Point): readonly T[] {
    const cell = this.#cells.get(keyOf(Math.floor(point.x / CELL), Math.floor(point.y / CELL))) ?? [];
    return [...this.#large, ...cell].filter((item) => contains(item, point));
  }

  #add(item: T): void {
    const keys = cellsOf(item);
    if (!keys) this.#large.add(item);
    for (const key of keys ?? []) {
      const cell = this.#cells.get(key);
      if (cell) cell.push(item);
      else this.#cells.set(key, [item]);
    }
  }

  #remove(item: T): void {
    if (this.#large.delete(item)) return;
    for (const key of cellsOf(item) ?? []) {
      const cell = this.#cells.get(key);
      if (!cell) continue;
      const at = cell.indexOf(item);
      if (at >= 0) cell.splice(at, 1);
      if (cell.length === 0) this.#cells.delete(key);
    }
  }
}

/** Cells of a box; null where there are too many. */
function cellsOf(box: Box): readonly number[] | null {
  const { left, top, right, bottom } = span(box);
  if ((right - left + 1) * (bottom - top + 1) > LARGEST_SPAN) return null;
  const keys: number[] = [];
  for (let column = left; column <= right; column++)
    for (let row = top; row <= bottom; row++) keys.push(keyOf(column, row));
  return keys;
}

/** Distinct within ± 2²⁴ cells, far more than a drawing has. */
function keyOf(column: number, row: number): number {
  return column * 2 ** 25 + row;
}

function span(box: Box) {
  return {
    left: Math.floor(box.x / CELL),
    top: Math.floor(box.y / CELL),
    right: Math.floor((box.x + box.width) / CELL),
    bottom: Math.floor((box.y + box.height) / CELL),
  };
}
