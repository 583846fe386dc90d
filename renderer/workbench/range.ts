/** A window onto an axis, zoomed and moved within limits; pure, so that wheel, keys and buttons share it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Scales by `factor` (< 1 zooms in) about `anchor`, which stays where it is; at least `smallest` wide. */
export function zoomRange(range: Range, limits: Range, anchor: number, factor: number, smallest: number): Range {
  const width = range.to - range.from;
  const next = Math.min(limits.to - limits.from, Math.max(smallest, width * factor));
  const share = width > 0 ? (anchor - range.from) / width : 0.5;
  return within({ from: anchor - share * next, to: anchor - share * next + next }, limits);
}

export function panRange(range: Range, limits: Range, by: number): Range {
  return within({ from: range.from + by, to: range.to + by }, limits);
}

/** Shifted, never scaled, to lie within the limits. */
function within(range: Range, limits: Range): Range {
  const width = Math.min(range.to - range.from, limits.to - limits.from);
  const from = Math.min(Math.max(range.from, limits.from), limits.to - width);
  return { from, to: from + width };
}

/**
 * The range moved, and narrowed where it must be, so that `focus` lies inside and takes at least `share` of it; as it was
 * where that holds already.
 */
export function rangeShowing(range: Range, limits: Range, focus: Range, share: number): Range {
  const span = range.to - range.from;
  const least = focus.to - focus.from;
  const wanted = least > 0 ? Math.max(least * 1.5, Math.min(span, least / share)) : span;
  const isInside = focus.from >= range.from && focus.to <= range.to;
  if (isInside && wanted >= span) return range;
  const width = Math.min(wanted, limits.to - limits.from);
  const from = Math.min(limits.to - width, Math.max(limits.from, (focus.from + focus.to - width) / 2));
  return { from, to: from + width };
}
