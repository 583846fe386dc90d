/** A Surface that writes an SVG string: no script, no external reference, every text escaped. */
import { escapeMarkup } from '../escape.ts';
import { inkProperties } from '../palette.ts';
import type { Surface } from './surface.ts';

export interface SvgFigure {
  readonly surface: Surface;
  /** The finished element; `title` is its accessible name. */
  finish(): string;
}

/** Two decimals are a hundredth of a pixel: enough, and equal bytes for equal figures. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `standalone`: a file of its own, which declares the colours that `cssInk` names. */
export function createSvg(width: number, height: number, title: string, standalone = false): SvgFigure {
  const parts: string[] = [];
  let clips = 0;
  const a = (name: string, value: string) => ` ${name}="${escapeMarkup(value)}"`;
  const id = `c${hash(`${title} ${width} ${height}`)}`;
  const surface: Surface = {
    rect(x, y, w, h, fill, style = {}) {
      let attributes = `x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, w))}" height="${n(Math.max(0, h))}"${a('fill', fill)}`;
      if (style.opacity !== undefined && style.opacity < 1) attributes += ` opacity="${n(style.opacity)}"`;
      if (style.stroke) attributes += a('stroke', style.stroke);
      if (style.strokeWidth !== undefined) attributes += ` stroke-width="${n(style.strokeWidth)}"`;
      if (style.radius) attributes += ` rx="${n(style.radius)}"`;
      parts.push(
        style.title
          ? `<rect ${attributes}><title>${escapeMarkup(style.title)}</title></rect>`
          : `<rect ${attributes}/>`,
      );
    },
    line(x1, y1, x2, y2, stroke, style = {}) {
      const dash = style.dashed ? ' stroke-dasharray="4 3"' : '';
      const wide = style.width ? ` stroke-width="${n(style.width)}"` : '';
      parts.push(`<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}"${a('stroke', stroke)}${wide}${dash}/>`);
    },
    text(x, y, text, style) {
      const anchor = style.anchor && style.anchor !== 'start' ? ` text-anchor="${style.anchor}"` : '';
      const bold = style.bold ? ' font-weight="600"' : '';
      parts.push(
        `<text x="${n(x)}" y="${n(y)}" font-size="${n(style.size)}"${a('fill', style.fill)}${anchor}${bold}>${escapeMarkup(text)}</text>`,
      );
    },
    path(points, style) {
      const pairs: string[] = [];
      for (let i = 0; i + 1 < points.length; i += 2) pairs.push(`${n(points[i]!)} ${n(points[i + 1]!)}`);
      const dash = style.dashed ? ' stroke-dasharray="4 3"' : '';
      parts.push(
        `<path d="M${pairs.join('L')}" fill="none"${a('stroke', style.stroke)} stroke-width="${n(style.width ?? 1)}"${dash}/>`,
      );
      if (style.arrow) parts.push(arrowHead(points, style.stroke, a));
    },
    clip(x, y, w, h, draw) {
      const clip = `${id}-${clips++}`;
      parts.push(
        `<clipPath id="${clip}"><rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}"/></clipPath><g clip-path="url(#${clip})">`,
      );
      draw();
      parts.push('</g>');
    },
  };
  const head = standalone ? STANDALONE_HEAD : '';
  const names = standalone ? ' xmlns="http://www.w3.org/2000/svg"' : '';
  return {
    surface,
    finish: () =>
      `<svg${names} viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" role="img"${a('aria-label', title)}>${head}${parts.join('')}</svg>`,
  };
}

/** Light and dark by the reader's choice, where the viewer passes it on. */
const STANDALONE_HEAD = `<style>svg{${inkProperties('light')};font-family:system-ui,sans-serif}@media (prefers-color-scheme:dark){svg{${inkProperties('dark')}}}</style>`;

function arrowHead(points: readonly number[], fill: string, a: (name: string, value: string) => string): string {
  const x = points[points.length - 2]!;
  const y = points[points.length - 1]!;
  const dx = x - points[points.length - 4]!;
  const dy = y - points[points.length - 3]!;
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const size = 4;
  const corner = (side: 1 | -1) =>
    `${n(x - ux * size - uy * size * 0.5 * side)} ${n(y - uy * size + ux * size * 0.5 * side)}`;
  return `<path d="M${n(x)} ${n(y)}L${corner(1)}L${corner(-1)}Z"${a('fill', fill)}/>`;
}

/** Short stable name for ids inside one document (FNV-1a). */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(36);
}
