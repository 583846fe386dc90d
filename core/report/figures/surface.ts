/**
 * The few strokes a figure is made of. A canvas (renderer) and an SVG string (report) both serve it, so a
 * figure is painted by one piece of code. Coordinates are pixels, y down, text anchored at its baseline.
 */
export interface RectStyle {
  readonly opacity?: number;
  readonly stroke?: string;
  readonly strokeWidth?: number;
  readonly radius?: number;
  /** Shown on hover where the surface can. */
  readonly title?: string;
}

export interface LineStyle {
  readonly width?: number;
  readonly dashed?: boolean;
}

export interface TextStyle {
  readonly fill: string;
  /** Pixels. */
  readonly size: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
}

export interface PathStyle extends LineStyle {
  readonly stroke: string;
  /** A small arrow head at the last point. */
  readonly arrow?: boolean;
}

export interface Surface {
  rect(x: number, y: number, width: number, height: number, fill: string, style?: RectStyle): void;
  line(x1: number, y1: number, x2: number, y2: number, stroke: string, style?: LineStyle): void;
  text(x: number, y: number, text: string, style: TextStyle): void;
  /** Through x0, y0, x1, y1, … */
  path(points: readonly number[], style: PathStyle): void;
  /** What `draw` paints is cut at the rectangle. */
  clip(x: number, y: number, width: number, height: number, draw: () => void): void;
}

/** Mean advance of a character of the system font ÷ its size; a little generous, so that text never overlaps. */
const ADVANCE = 0.56;

export function textWidth(text: string, size: number): number {
  return text.length * size * ADVANCE;
}

/** `text` shortened with an ellipsis to `width` pixels; empty when not even two characters fit. */
export function fitText(text: string, width: number, size: number): string {
  const room = Math.floor(width / (size * ADVANCE));
  if (text.length <= room) return text;
  return room < 3 ? '' : `${text.slice(0, room - 1)}…`;
}
