/** Where the card of the tour stands: beside what it is about, never over it if there is room, always in the window. */

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
export interface Extent {
  readonly width: number;
  readonly height: number;
}

const GAP = 12;

/** Below, above, right or left of the anchor, whichever first has room; else in the anchor's lower corner. */
export function placeCard(
  anchor: Rect | null,
  card: Extent,
  window: Extent,
): { readonly left: number; readonly top: number } {
  const clamp = (at: number, most: number) => Math.max(GAP, Math.min(at, most - GAP));
  const left = (at: number) => clamp(at, window.width - card.width);
  const top = (at: number) => clamp(at, window.height - card.height);
  if (!anchor) return { left: left((window.width - card.width) / 2), top: top(window.height - card.height - 36) };
  const right = anchor.left + anchor.width;
  const bottom = anchor.top + anchor.height;
  if (bottom + 2 * GAP + card.height <= window.height) return { left: left(anchor.left), top: bottom + GAP };
  if (anchor.top - 2 * GAP - card.height >= 0) return { left: left(anchor.left), top: anchor.top - GAP - card.height };
  if (right + 2 * GAP + card.width <= window.width) return { left: right + GAP, top: top(anchor.top) };
  if (anchor.left - 2 * GAP - card.width >= 0) return { left: anchor.left - GAP - card.width, top: top(anchor.top) };
  return { left: left(right - card.width - GAP), top: top(bottom - card.height - GAP) };
}
