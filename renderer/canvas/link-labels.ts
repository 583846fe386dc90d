/** Which labels of links have room at a zoom: they keep the size of text while what they lie on shrinks. */
import { type Box, overlaps } from './geometry.ts';

/** Its lower middle, scene pixels. */
export interface LinkLabel {
  readonly id: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

// Screen pixels, as `.label` in GraphCanvas.vue is written; a letter's width is a little generous.
const LETTER = 6.4;
const PADDING = 14;
const HEIGHT = 20;
/** A label that lies on another is tried so many rows higher. */
const ROWS = 2;

/** None of them lies on another; where that does not go, earlier ones stay. */
export function placedLabels(labels: readonly LinkLabel[], zoom: number): readonly LinkLabel[] {
  const taken: Box[] = [];
  return labels.flatMap((label) => {
    const width = label.text.length * LETTER + PADDING;
    for (let row = 0; row < ROWS; row++) {
      const bottom = label.y * zoom - row * HEIGHT;
      const box = { x: label.x * zoom - width / 2, y: bottom - HEIGHT, width, height: HEIGHT };
      if (taken.some((other) => overlaps(box, other))) continue;
      taken.push(box);
      return [{ ...label, y: bottom / zoom }];
    }
    return [];
  });
}
