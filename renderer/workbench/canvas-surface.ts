/** The painters' Surface on a 2D canvas; the context is already scaled to CSS pixels. */
import type { Surface } from '#core/report/figures/surface.ts';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export function canvasSurface(context: CanvasRenderingContext2D): Surface {
  let font = '';
  return {
    rect(x, y, width, height, fill, style = {}) {
      context.globalAlpha = style.opacity ?? 1;
      context.fillStyle = fill;
      if (style.radius) {
        context.beginPath();
        context.roundRect(x, y, width, height, style.radius);
        context.fill();
      } else context.fillRect(x, y, width, height);
      if (style.stroke) {
        context.strokeStyle = style.stroke;
        context.lineWidth = style.strokeWidth ?? 1;
        context.strokeRect(x, y, width, height);
      }
      context.globalAlpha = 1;
    },
    line(x1, y1, x2, y2, stroke, style = {}) {
      context.strokeStyle = stroke;
      context.lineWidth = style.width ?? 1;
      context.setLineDash(style.dashed ? [4, 3] : []);
      context.beginPath();
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
      context.stroke();
      context.setLineDash([]);
    },
    text(x, y, text, style) {
      const wanted = `${style.bold ? '600 ' : ''}${style.size}px ${FONT}`;
      // Setting a font parses it: only when it changes.
      if (wanted !== font) {
        context.font = wanted;
        font = wanted;
      }
      context.textAlign = style.anchor === 'middle' ? 'center' : (style.anchor ?? 'start');
      context.fillStyle = style.fill;
      context.fillText(text, x, y);
    },
    path(points, style) {
      context.strokeStyle = style.stroke;
      context.lineWidth = style.width ?? 1;
      context.setLineDash(style.dashed ? [4, 3] : []);
      context.beginPath();
      for (let at = 0; at + 1 < points.length; at += 2) context.lineTo(points[at]!, points[at + 1]!);
      context.stroke();
      context.setLineDash([]);
    },
    clip(x, y, width, height, draw) {
      context.save();
      context.beginPath();
      context.rect(x, y, width, height);
      context.clip();
      // save and restore bring the font back; what it is set to in between must not be remembered.
      font = '';
      draw();
      context.restore();
      font = '';
    },
  };
}
