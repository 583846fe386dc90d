import type { Legend } from './blocks.ts';
import { HUES, type Hue } from './palette.ts';

/** Each colour once, by its own name. */
export function legendOf(hues: readonly Hue[]): Legend {
  return { entries: [...new Set(hues)].map((hue) => ({ hue, title: HUES[hue].title })) };
}
