/**
 * Twelve significant digits: figures that change their unit between a drawing and a fabric (GB/s and bytes a tick, pJ
 * and J) come out as meant, 48 and not 47.999…, and drawing a fabric and reading it again gives the same figures.
 */
export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** Fifteen digits: a drawn figure from which `rounded` gives back what it was made from. */
export function drawn(value: number): number {
  return Number(value.toPrecision(15));
}
