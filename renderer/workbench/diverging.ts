/**
 * Colours of differences, less to more: ColorBrewer's RdBu in reverse (Brewer, Cartography and GIS 26(1), 1999; safe for
 * colour-blind readers), eleven classes joined linearly in sRGB. The middle is no change.
 */
import type { Unit } from '#core/base/quantity.ts';
import { deltaText } from './difference-text.ts';
import type { Overlay } from './overlay.ts';

const RED_BLUE: readonly (readonly [number, number, number])[] = [
  [5, 48, 97],
  [33, 102, 172],
  [67, 147, 195],
  [146, 197, 222],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [244, 165, 130],
  [214, 96, 77],
  [178, 24, 43],
  [103, 0, 31],
];

/** CSS colour at −1 (least) … 0 (no change) … 1 (most); outside is clamped. */
export function divergingColour(fraction: number): string {
  const place = ((Math.min(1, Math.max(-1, Number.isFinite(fraction) ? fraction : 0)) + 1) / 2) * (RED_BLUE.length - 1);
  const index = Math.min(RED_BLUE.length - 2, Math.floor(place));
  const [low, high] = [RED_BLUE[index]!, RED_BLUE[index + 1]!];
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + (high[channel] - low[channel]) * (place - index));
  return `rgb(${mix(0)} ${mix(1)} ${mix(2)})`;
}

/** Differences by node, on a scale as long to either side. */
export function differenceOverlay(
  document: string,
  title: string,
  unit: Unit,
  values: ReadonlyMap<string, number>,
): Overlay {
  let most = 0;
  for (const value of values.values()) most = Math.max(most, Math.abs(value));
  return {
    document,
    title,
    unit,
    minimum: -most,
    maximum: most,
    values,
    colour: (value) => divergingColour(most > 0 ? value / most : 0),
    text: (value) => deltaText(value, unit),
  };
}
