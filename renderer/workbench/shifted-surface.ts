/** A surface whose origin lies elsewhere, so that a painter can paint below another. */
import type { Surface } from '#core/report/figures/surface.ts';

export function shifted(surface: Surface, down: number): Surface {
  return {
    rect: (x, y, width, height, fill, style) => surface.rect(x, y + down, width, height, fill, style),
    line: (x1, y1, x2, y2, stroke, style) => surface.line(x1, y1 + down, x2, y2 + down, stroke, style),
    text: (x, y, text, style) => surface.text(x, y + down, text, style),
    path: (points, style) =>
      surface.path(
        points.map((value, at) => (at % 2 === 1 ? value + down : value)),
        style,
      ),
    clip: (x, y, width, height, draw) => surface.clip(x, y + down, width, height, draw),
  };
}
