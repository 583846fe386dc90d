/**
 * Perceptually uniform sequential colours for metric overlays: viridis (van der Walt and Smith, matplotlib 1.5),
 * sampled at nine points and joined linearly in sRGB; the error against the full table is below what an eye sees.
 */
const VIRIDIS: readonly (readonly [number, number, number])[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** CSS colour at 0…1 of the map; outside is clamped. */
export function sequentialColour(fraction: number): string {
  const place = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0)) * (VIRIDIS.length - 1);
  const index = Math.min(VIRIDIS.length - 2, Math.floor(place));
  const rest = place - index;
  const low = VIRIDIS[index]!;
  const high = VIRIDIS[index + 1]!;
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + (high[channel] - low[channel]) * rest);
  return `rgb(${mix(0)} ${mix(1)} ${mix(2)})`;
}

/** A CSS gradient of the whole map, for legends. */
export const sequentialGradient = `linear-gradient(to right, ${VIRIDIS.map(([r, g, b]) => `rgb(${r} ${g} ${b})`).join(', ')})`;
