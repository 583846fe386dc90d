/**
 * Boxes of a scene on a uniform grid, for what is in view and what is under the pointer. A box is listed in every
 * cell it touches; very large ones (frames) are kept apart, so that they do not fill the grid.
 */
import { type Box, contains, overlaps, type Point } from './geometry.ts';

const CELL = 512;
const LARGEST_SPAN = 16;

export class BoxIndex<T extends Box> {
  readonly #cells = new Map<string, T[]>();
  readonly #large: T[] = [];

  constructor(items: Iterable<T>) {
    for (const item of items) {
      const { left, top, right, bottom } = span(item);
      if ((right - left + 1) * (bottom - top + 1) > LARGEST_SPAN) {
        this.#large.push(item);
        continue;
      }
      for (let column = left; column <= right; column++)
        for (let row = top; row <= bottom; row++) {
          const key = `${column}:${row}`;
          const cell = this.#cells.get(key);
          if (cell) cell.push(item);
          else this.#cells.set(key, [item]);
        }
    }
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
      for (let row = top; row <= bottom; row++) take(this.#cells.get(`${column}:${row}`) ?? []);
    return [...found];
  }

  /** Every item under the point. */
  at(point: Point): readonly T[] {
    const cell = this.#cells.get(`${Math.floor(point.x / CELL)}:${Math.floor(point.y / CELL)}`) ?? [];
    return [...this.#large, ...cell].filter((item) => contains(item, point));
  }
}

function span(box: Box) {
  return {
    left: Math.floor(box.x / CELL),
    top: Math.floor(box.y / CELL),
    right: Math.floor((box.x + box.width) / CELL),
    bottom: Math.floor((box.y + box.height) / CELL),
  };
}
