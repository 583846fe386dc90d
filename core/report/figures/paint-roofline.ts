/**
 * The roofline of a machine and what lies under it: MACs per off-chip byte to the right, MACs a cycle upwards, both by
 * factors of ten. Roofs: off-chip bandwidth × intensity, and the peak of each group of equal units that multiplies.
 * Source: Williams, Waterman & Patterson, CACM 52(4), 2009.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { Hue, Ink } from '../palette.ts';
import { type Surface, textWidth } from './surface.ts';

export interface Roof {
  readonly title: string;
  /** MACs a cycle of the machine's clock. */
  readonly peak: number;
}

export interface RooflinePoint {
  /** First document node it stands for. */
  readonly key: string;
  readonly name: string;
  readonly hue: Hue;
  /** MACs an off-chip byte. */
  readonly intensity: number;
  /** MACs a cycle. */
  readonly rate: number;
  /** Of all MACs of the model, 0…1. */
  readonly share: number;
}

export interface Roofline<Point extends RooflinePoint = RooflinePoint, Diamond extends RooflinePoint = RooflinePoint> {
  /** Highest first. */
  readonly roofs: readonly Roof[];
  /** Off-chip bytes a cycle. */
  readonly bandwidth: number;
  /** Largest first, so that small ones are drawn on top. */
  readonly points: readonly Point[];
  /** The same things as a run simulated them, drawn as diamonds in outline. */
  readonly simulated: readonly Diamond[];
  /** Of the points without multiply-accumulates: they have no place here. */
  readonly unplaced: number;
}

/** @param of how many there are, placed or not. */
export function rooflineUnder<Point extends RooflinePoint, Diamond extends RooflinePoint = RooflinePoint>(
  machine: Machine,
  points: readonly Point[],
  of: number,
  simulated: readonly Diamond[] = [],
): Roofline<Point, Diamond> {
  return {
    roofs: roofsOf(machine),
    bandwidth: machine.channels.reduce((sum, { bytesPerTick }) => sum + bytesPerTick, 0),
    points: points.toSorted((a, b) => b.share - a.share),
    simulated,
    unplaced: of - points.length,
  };
}

/** Equal units share a kernel's tiles; unlike ones do not. Special-function units do not multiply-accumulate. */
function roofsOf(machine: Machine): readonly Roof[] {
  const groups = new Map<string, { names: string[]; peak: number }>();
  for (const unit of machine.units) {
    if (unit.kind === 'special-function-unit') continue;
    const cells = unit.kind === 'systolic-array' ? unit.rows * unit.columns : unit.lanes;
    const key = JSON.stringify({ ...unit, node: '', name: '' });
    const group = groups.get(key) ?? { names: [], peak: 0 };
    group.names.push(unit.name);
    group.peak += cells / unit.ticksPerCycle;
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ names, peak }) => ({
      title: names.length > 1 ? `${names[0]} and ${names.length - 1} alike` : names[0]!,
      peak,
    }))
    .sort((a, b) => b.peak - a.peak);
}

/** Intensity from which the highest roof, not the channel, is the limit. */
export function ridgeOf({ roofs, bandwidth }: Roofline): number | null {
  const peak = roofs[0]?.peak ?? 0;
  return peak > 0 && bandwidth > 0 ? peak / bandwidth : null;
}

export interface RooflineStyle {
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
  /** Points that stand out, by key. */
  readonly selected: ReadonlySet<string>;
}

const LEFT = 60;
const RIGHT = 20;
const TOP = 26;
const BOTTOM = 38;
const SMALLEST = 5;
const LARGEST = 26;
/** Half of a diamond. */
const DIAMOND = 5;

interface Frame {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly x: (intensity: number) => number;
  readonly y: (rate: number) => number;
}

/** Whole decades that hold every point, the ridge and the roofs. */
function frameOf(roofline: Roofline, width: number, height: number): Frame {
  const ridge = ridgeOf(roofline) ?? 1;
  const all = [...roofline.points, ...roofline.simulated];
  const intensities = [ridge / 10, ridge * 10, ...all.map(({ intensity }) => intensity)];
  const rates = [
    ...roofline.roofs.map(({ peak }) => peak),
    (roofline.roofs[0]?.peak ?? 1) / 100,
    ...all.map(({ rate }) => rate),
  ];
  // Points may be more than a call has arguments.
  const low = (values: readonly number[]) => Math.floor(Math.log10(values.reduce((a, b) => Math.min(a, b))) - 0.02);
  const high = (values: readonly number[]) => Math.ceil(Math.log10(values.reduce((a, b) => Math.max(a, b))) + 0.02);
  const from = [low(intensities), low(rates)] as const;
  const to = [high(intensities), high(rates)] as const;
  return {
    from,
    to,
    x: (value) => LEFT + ((Math.log10(value) - from[0]) / (to[0] - from[0])) * (width - LEFT - RIGHT),
    y: (value) => height - BOTTOM - ((Math.log10(value) - from[1]) / (to[1] - from[1])) * (height - TOP - BOTTOM),
  };
}

/** Area, not radius, follows the MACs. */
function sizeOf({ share }: RooflinePoint): number {
  return SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(share);
}

export function paintRoofline(surface: Surface, roofline: Roofline, style: RooflineStyle): void {
  const { width, height, ink, selected } = style;
  if (width < LEFT + RIGHT + 60 || height < TOP + BOTTOM + 40) return;
  const frame = frameOf(roofline, width, height);
  paintAxes(surface, frame, style);
  surface.clip(LEFT, TOP - 8, width - LEFT - RIGHT, height - TOP - BOTTOM + 8, () =>
    paintRoofs(surface, roofline, frame, style),
  );
  const some = selected.size > 0;
  for (const point of roofline.points)
    if (!selected.has(point.key)) paintPoint(surface, point, frame, ink, some ? 0.3 : 0.8);
  for (const point of roofline.points) {
    if (!selected.has(point.key)) continue;
    paintPoint(surface, point, frame, ink, 1, true);
  }
  for (const point of roofline.simulated) paintDiamond(surface, point, frame, ink, selected.has(point.key));
}

function paintDiamond(surface: Surface, point: RooflinePoint, frame: Frame, ink: Ink, isSelected: boolean): void {
  const [x, y] = [frame.x(point.intensity), frame.y(point.rate)];
  const size = isSelected ? DIAMOND + 3 : DIAMOND;
  const outline = [x - size, y, x, y - size, x + size, y, x, y + size, x - size, y];
  surface.path(outline, { stroke: ink.ground, width: 3.5 });
  surface.path(outline, { stroke: ink.hue(point.hue), width: 1.5 });
}

function paintPoint(
  surface: Surface,
  point: RooflinePoint,
  frame: Frame,
  ink: Ink,
  opacity: number,
  isSelected = false,
): void {
  const [x, y, size] = [frame.x(point.intensity), frame.y(point.rate), sizeOf(point)];
  const disc = (across: number, fill: string, alpha: number, title = '') =>
    surface.rect(x - across / 2, y - across / 2, across, across, fill, { radius: across / 2, opacity: alpha, title });
  if (isSelected) disc(size + 8, ink.accent, 1);
  disc(size + (isSelected ? 4 : 2), ink.ground, isSelected ? 1 : opacity);
  const { name, rate, intensity } = point;
  const title = `${name}: ${formatExact(rate, 'MAC/cycle')} at ${formatExact(intensity, '')} MACs a byte`;
  disc(size, ink.hue(point.hue), opacity, title);
}

const SUPERSCRIPT: Readonly<Record<string, string>> = {
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹',
};

/** `0.1`, `1`, `1,000`, then powers of ten. */
function decadeText(exponent: number): string {
  if (exponent >= -2 && exponent <= 3) return (10 ** exponent).toLocaleString('en-GB');
  return `10${[...String(exponent)].map((digit) => SUPERSCRIPT[digit] ?? '').join('')}`;
}

function paintAxes(surface: Surface, { from, to, x, y }: Frame, { width, height, ink }: RooflineStyle): void {
  const [bottom, right] = [height - BOTTOM, width - RIGHT];
  for (let decade = from[0]; decade <= to[0]; decade++) {
    const at = x(10 ** decade);
    surface.line(at, TOP, at, bottom, ink.grid);
    surface.text(at, bottom + 14, decadeText(decade), { fill: ink.muted, size: 10, anchor: 'middle' });
  }
  const step = to[1] - from[1] > (bottom - TOP) / 16 ? 2 : 1;
  for (let decade = from[1]; decade <= to[1]; decade += step) {
    const at = y(10 ** decade);
    surface.line(LEFT, at, right, at, ink.grid);
    surface.text(LEFT - 8, at + 3.5, decadeText(decade), { fill: ink.muted, size: 10, anchor: 'end' });
  }
  surface.text(right, bottom + 30, 'MACs per off-chip byte', { fill: ink.muted, size: 10, anchor: 'end' });
  surface.text(8, 14, 'MACs a cycle', { fill: ink.muted, size: 10 });
}

function paintRoofs(surface: Surface, roofline: Roofline, frame: Frame, { width, ink }: RooflineStyle): void {
  const { roofs, bandwidth } = roofline;
  const [first] = roofs;
  if (!first || bandwidth <= 0) return;
  const [least, most] = [10 ** frame.from[0], 10 ** frame.to[0]];
  const knee = first.peak / bandwidth;
  surface.path(
    [
      frame.x(least),
      frame.y(least * bandwidth),
      frame.x(knee),
      frame.y(first.peak),
      frame.x(most),
      frame.y(first.peak),
    ],
    {
      stroke: ink.text,
      width: 1.5,
    },
  );
  surface.line(frame.x(knee), frame.y(first.peak), frame.x(knee), frame.y(10 ** frame.from[1]), ink.muted, {
    dashed: true,
  });
  for (const roof of roofs.slice(1)) {
    const y = frame.y(roof.peak);
    surface.line(frame.x(roof.peak / bandwidth), y, frame.x(most), y, ink.muted, { dashed: true });
  }
  const right = width - RIGHT - 6;
  let above = Number.NEGATIVE_INFINITY;
  for (const { title, peak } of roofs) {
    const y = frame.y(peak) - 5;
    // Labels of roofs that all but touch would lie on each other.
    if (y - above < 12) continue;
    above = y;
    surface.text(right, y, `${title}, ${formatQuantity(peak, 'MAC/cycle')}`, {
      fill: ink.text,
      size: 10,
      anchor: 'end',
    });
  }
  const ridge = `ridge at ${formatQuantity(knee, '')}`;
  const at = frame.x(knee) + 5;
  const isBeside = at + textWidth(ridge, 10) < right;
  surface.text(isBeside ? at : at - 10, frame.y(10 ** frame.from[1]) - 6, ridge, {
    fill: ink.muted,
    size: 10,
    anchor: isBeside ? 'start' : 'end',
  });
}

/** The point under a place of the figure, the smallest where several are; null when none is near. */
export function rooflineHit<Point extends RooflinePoint>(
  roofline: Roofline<Point>,
  width: number,
  height: number,
  x: number,
  y: number,
): Point | null {
  const frame = frameOf(roofline, width, height);
  return (
    roofline.points.findLast((point) => {
      const reach = Math.max(sizeOf(point) / 2, 4) + 2;
      return Math.hypot(frame.x(point.intensity) - x, frame.y(point.rate) - y) <= reach;
    }) ?? null
  );
}

/** The diamond under a place of the figure, the nearest where several are. */
export function diamondHit<Diamond extends RooflinePoint>(
  roofline: Roofline<RooflinePoint, Diamond>,
  width: number,
  height: number,
  x: number,
  y: number,
): Diamond | null {
  const frame = frameOf(roofline, width, height);
  let [found, nearest]: [Diamond | null, number] = [null, DIAMOND + 2];
  for (const point of roofline.simulated) {
    const distance = Math.hypot(frame.x(point.intensity) - x, frame.y(point.rate) - y);
    if (distance <= nearest) [found, nearest] = [point, distance];
  }
  return found;
}

/** Where a point lies in the figure, pixels. */
export function rooflinePlace(roofline: Roofline, width: number, height: number, point: RooflinePoint) {
  const frame = frameOf(roofline, width, height);
  return { x: frame.x(point.intensity), y: frame.y(point.rate) };
}
