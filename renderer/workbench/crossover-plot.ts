/**
 * The best mode over memory (across) and efficiency of the channels (up): a cell a point, in its mode's colour, the fainter
 * the closer the next best mode is; heavy lines where the mode changes. A dot marks what was simulated, a diamond the drawn fabric.
 */
import { byteSizeText } from '#core/base/byte-size.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { fitText, type Surface, textWidth } from '#core/report/figures/surface.ts';
import { HUES, type Hue, type Ink, readableOn } from '#core/report/palette.ts';
import { MODE_TITLES } from '#core/report/simulation/words.ts';
import type { CrossoverStudy } from '#core/run/fabric/crossover.ts';
import { MODES, type Mode } from '#core/stages/design.ts';
import type { CrossoverMode, CrossoverPoint } from '#core/stages/search/crossover.ts';
import type { Theme } from '../widgets/palette.ts';

export const MODE_HUES: Readonly<Record<Mode, Hue>> = {
  sequential: 'linear',
  dataflow: 'quantisation',
  reconfigurable: 'elementwise',
};
export const SIMULATED_MARK = '●';
export const DRAWN_MARK = '◆';

/** Margin from which a colour is at its full strength. */
export const FULL_MARGIN = 0.5;
const LEAST_STRENGTH = 0.3;

/** Column: into the memory sizes; row: into the efficiencies, both ascending. */
export interface CrossoverCell {
  readonly column: number;
  readonly row: number;
}

export interface CrossoverFrame {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  readonly ink: Ink;
  readonly title: string;
  readonly focused: CrossoverCell | null;
}

export const CROSSOVER_HEIGHT = 190;
const LEFT = 58;
const RIGHT = 12;
const TOP = 42;
const BOTTOM = 36;
/** Pixels of a cell that its marks take, left and right. */
const MARKS = 24;

/** The point of a cell; null where the map was stopped before it was decided. */
export function pointAt(
  { points, memoryBytes, efficiencies }: CrossoverStudy,
  cell: CrossoverCell,
): CrossoverPoint | null {
  const [bytes, part] = [memoryBytes[cell.column], efficiencies[cell.row]];
  return points.find((point) => point.memoryBytes === bytes && point.efficiency === part) ?? null;
}

export function drawnCell({ memoryBytes, efficiencies, drawn }: CrossoverStudy): CrossoverCell | null {
  const [column, row] = [memoryBytes.indexOf(drawn.memoryBytes), efficiencies.indexOf(1)];
  return column < 0 || row < 0 ? null : { column, row };
}

export const cyclesOf = ({ simulated, predicted }: CrossoverMode): number => Math.round(simulated ?? predicted);

/** What a mode is called where its title has no room; the legend says so. */
export const modeLetter = (mode: Mode): string => MODE_TITLES[mode].slice(0, 1);

/** Share of the mode's colour in a cell's, 0…1; a mode without a rival has all of it. */
export function strengthOf(margin: number | null): number {
  if (margin === null) return 1;
  return LEAST_STRENGTH + (1 - LEAST_STRENGTH) * Math.sqrt(Math.min(1, Math.max(0, margin) / FULL_MARGIN));
}

/** `#rrggbb` of a mode that is ahead by `margin`. */
export function modeColour(mode: Mode, margin: number | null, theme: Theme, ground: string): string {
  const strength = strengthOf(margin);
  const hue = HUES[MODE_HUES[mode]][theme];
  const mixed = [1, 3, 5].map((at) => {
    const [full, none] = [hue, ground].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16));
    return Math.round(none! + (full! - none!) * strength)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${mixed.join('')}`;
}

export function efficiencyText(efficiency: number): string {
  return formatQuantity(efficiency, '1');
}

interface Grid {
  readonly x: (column: number) => number;
  readonly y: (row: number) => number;
  readonly wide: number;
  readonly high: number;
}

/** Cells begin on whole pixels; row 0 is the lowest. */
function gridOf({ memoryBytes, efficiencies }: CrossoverStudy, width: number, height: number): Grid {
  const wide = Math.max(1, (width - LEFT - RIGHT) / memoryBytes.length);
  const high = Math.max(1, (height - TOP - BOTTOM) / efficiencies.length);
  return {
    wide,
    high,
    x: (column) => Math.round(LEFT + column * wide),
    y: (row) => Math.round(TOP + (efficiencies.length - row) * high),
  };
}

export function crossoverHit(
  study: CrossoverStudy,
  width: number,
  height: number,
  x: number,
  y: number,
): CrossoverCell | null {
  const { wide, high } = gridOf(study, width, height);
  const column = Math.floor((x - LEFT) / wide);
  const row = study.efficiencies.length - 1 - Math.floor((y - TOP) / high);
  const isInside = column >= 0 && column < study.memoryBytes.length && row >= 0 && row < study.efficiencies.length;
  return isInside ? { column, row } : null;
}

export function paintCrossover(surface: Surface, study: CrossoverStudy, frame: CrossoverFrame): void {
  const { width, height, ink, title, focused } = frame;
  if (width < LEFT + RIGHT + 60 || height < TOP + BOTTOM + 40) return;
  const grid = gridOf(study, width, height);
  const { memoryBytes, efficiencies } = study;
  surface.text(8, 14, fitText(title, width - 16, 12), { fill: ink.text, size: 11, bold: true });
  surface.text(8, 31, 'Off-chip efficiency, share of peak bandwidth · in cells: cycles', { fill: ink.muted, size: 10 });
  surface.text(width - RIGHT, height - 6, 'On-chip memory, bytes of all banks', {
    fill: ink.muted,
    size: 10,
    anchor: 'end',
  });
  for (let row = 0; row < efficiencies.length; row++) {
    const middle = grid.y(row) - grid.high / 2;
    const text = efficiencyText(efficiencies[row]!);
    surface.text(LEFT - 7, middle + 3.5, text, { fill: ink.muted, size: 10, anchor: 'end' });
  }
  const sizes = memoryBytes.map(byteSizeText);
  const every = Math.ceil((Math.max(...sizes.map((text) => textWidth(text, 10))) + 4) / grid.wide);
  for (let column = 0; column < memoryBytes.length; column += every)
    surface.text(grid.x(column) + grid.wide / 2, grid.y(0) + 14, sizes[column]!, {
      fill: ink.muted,
      size: 10,
      anchor: 'middle',
    });
  const drawn = drawnCell(study);
  // One way to name modes on the whole map: by their letters where a title does not fit.
  const titles = modesOf(study).map((mode) => textWidth(MODE_TITLES[mode], 10));
  const isLettered = Math.max(0, ...titles) > grid.wide - MARKS;
  for (let column = 0; column < memoryBytes.length; column++)
    for (let row = 0; row < efficiencies.length; row++) {
      const isDrawn = drawn?.column === column && drawn.row === row;
      paintCell(surface, pointAt(study, { column, row }), boxOf(grid, { column, row }), { isDrawn, isLettered }, frame);
    }
  paintBorders(surface, study, grid, ink);
  if (focused) {
    const { x, y, width: wide, height: high } = boxOf(grid, focused);
    surface.rect(x + 1, y + 1, wide - 2, high - 2, 'transparent', { stroke: ink.ground, strokeWidth: 4 });
    surface.rect(x, y, wide, high, 'transparent', { stroke: ink.text, strokeWidth: 2 });
  }
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function boxOf(grid: Grid, { column, row }: CrossoverCell): Box {
  const [x, y] = [grid.x(column), grid.y(row + 1)];
  return { x, y, width: grid.x(column + 1) - x, height: grid.y(row) - y };
}

function paintCell(
  surface: Surface,
  point: CrossoverPoint | null,
  { x, y, width, height }: Box,
  { isDrawn, isLettered }: { readonly isDrawn: boolean; readonly isLettered: boolean },
  { ink, theme }: CrossoverFrame,
): void {
  const best = point?.modes[0];
  const fill = best ? modeColour(best.mode, point?.margin ?? null, theme, ink.ground) : ink.grid;
  surface.rect(x, y, width, height, fill);
  surface.rect(x + 0.5, y + 0.5, width, height, 'transparent', { stroke: ink.ground });
  const text = best ? readableOn(fill) : ink.muted;
  const middle = x + width / 2;
  if (!best) {
    if (point) surface.text(middle, y + height / 2 + 3.5, '–', { fill: text, size: 10, anchor: 'middle' });
    return;
  }
  const room = width - MARKS;
  const whole = MODE_TITLES[best.mode];
  const mode = isLettered ? modeLetter(best.mode) : whole;
  const cycles = formatQuantity(cyclesOf(best), 'cycles')
    .replace(/cycles$/u, '')
    .trim();
  const isTall = height >= 30 && textWidth(cycles, 10) <= room;
  const line = isTall || textWidth(`${mode} ${cycles}`, 10) > room ? mode : `${mode} ${cycles}`;
  const base = y + height / 2 + (isTall ? -2 : 3.5);
  surface.text(middle, base, line, { fill: text, size: 10, anchor: 'middle', bold: isTall });
  if (isTall) surface.text(middle, base + 13, cycles, { fill: text, size: 10, anchor: 'middle' });
  if (height < 12 || width < 30) return;
  if (point?.isSimulated) surface.text(x + width - 4, y + 10, SIMULATED_MARK, { fill: text, size: 7, anchor: 'end' });
  if (isDrawn) surface.text(x + 4, y + 12, DRAWN_MARK, { fill: text, size: 12 });
}

/** Between neighbours of another best mode. */
function paintBorders(surface: Surface, study: CrossoverStudy, grid: Grid, ink: Ink): void {
  const modeAt = (column: number, row: number) => pointAt(study, { column, row })?.modes[0]?.mode;
  const differ = (a: Mode | undefined, b: Mode | undefined) => a !== undefined && b !== undefined && a !== b;
  for (let column = 0; column < study.memoryBytes.length; column++)
    for (let row = 0; row < study.efficiencies.length; row++) {
      const here = modeAt(column, row);
      const [left, right, top, bottom] = [grid.x(column), grid.x(column + 1), grid.y(row + 1), grid.y(row)];
      if (differ(here, modeAt(column + 1, row))) surface.line(right, top, right, bottom, ink.text, { width: 2 });
      if (differ(here, modeAt(column, row + 1))) surface.line(left, top, right, top, ink.text, { width: 2 });
    }
}

/** Modes that are best somewhere, in their order: what the legend names. */
export function modesOf({ points }: CrossoverStudy): readonly Mode[] {
  const found = new Set(points.map(({ modes: [best] }) => best?.mode));
  return MODES.filter((mode) => found.has(mode));
}

/** `Dataflow, 775,263 cycles, simulated, 1.70 % ahead of reconfigurable`. */
export function pointText(point: CrossoverPoint | null, exact: (cycles: number) => string): string {
  const lead = leadOf(point);
  const ahead = lead && `, ${lead.share === null ? 'level with' : `${lead.share} ahead of`} ${lead.of}`;
  return `${bestText(point, exact)}${ahead ?? ''}`;
}

/** `Dataflow, 775,263 cycles, simulated`. */
export function bestText(point: CrossoverPoint | null, exact: (cycles: number) => string): string {
  if (!point) return 'not decided';
  const [best] = point.modes;
  if (!best) return 'no design fits';
  const basis = best.simulated === null ? 'by the time model' : 'simulated';
  return `${MODE_TITLES[best.mode]}, ${exact(cyclesOf(best))}, ${basis}`;
}

/** How far the best mode is ahead, of which; the share is null where they are level. */
export function leadOf(point: CrossoverPoint | null): { readonly share: string | null; readonly of: string } | null {
  const second = point?.modes[1];
  if (!point || !second || point.margin === null) return null;
  return {
    share: point.margin === 0 ? null : formatQuantity(point.margin, '1'),
    of: MODE_TITLES[second.mode].toLowerCase(),
  };
}
