/**
 * Memory map: scratchpad addresses upwards, steps of the schedule to the right; one rectangle a residency
 * interval, coloured by the operator that makes the tensor. Rectangles below a pixel are drawn once a pixel.
 */
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { Hue, Ink } from '../palette.ts';
import type { MemoryData, Residence, RunData } from '../run-data.ts';
import { axisScale, ticks } from './axis.ts';
import { fitName, sharedStartOf } from './short-names.ts';
import { type Surface, textWidth } from './surface.ts';

/** Steps and addresses in view. */
export interface MemoryView {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

export interface MemoryMapStyle {
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
  /** Tensors that stand out while the others fade; empty or absent for none. */
  readonly selected?: ReadonlySet<number>;
  readonly titles?: boolean;
}

export const MEMORY_GUTTER = 64;
const TOP = 14;
const BOTTOM = 38;
const RIGHT = 12;
const FADED = 0.25;
const STEP_TITLES = ['Step of the schedule (one operator each)', 'Step of the schedule', 'Step'];

export function wholeMemory(memory: MemoryData): MemoryView {
  return {
    from: 0,
    to: Math.max(1, memory.steps),
    low: 0,
    high: Math.max(1, memory.capacityBytes, memory.peakAddress) * 1.04,
  };
}

interface Frame {
  readonly plotWidth: number;
  readonly plotHeight: number;
  readonly x: (step: number) => number;
  readonly y: (address: number) => number;
}

function frameOf(view: MemoryView, width: number, height: number): Frame {
  const plotWidth = width - MEMORY_GUTTER - RIGHT;
  const plotHeight = height - TOP - BOTTOM;
  return {
    plotWidth,
    plotHeight,
    x: (step) => MEMORY_GUTTER + ((step - view.from) / (view.to - view.from)) * plotWidth,
    y: (address) => TOP + plotHeight - ((address - view.low) / (view.high - view.low)) * plotHeight,
  };
}

export function paintMemoryMap(surface: Surface, data: RunData, view: MemoryView, style: MemoryMapStyle): void {
  const { memory } = data;
  const frame = frameOf(view, style.width, style.height);
  paintAxes(surface, view, style, frame);
  const start = sharedStartOf(memory, () => memory.residences.map(({ tensor }) => tensor.name));
  surface.clip(MEMORY_GUTTER, TOP, frame.plotWidth, frame.plotHeight, () => {
    const seen = new Set<string>();
    for (const residence of memory.residences) {
      if (residence.from >= view.to) break;
      if (residence.to > view.from) paintResidence(surface, data, residence, style, frame, seen, start);
    }
  });
  paintLevel(surface, frame, style, memory.capacityBytes, 'Capacity', style.ink.danger, view);
  if (memory.peakAddress > 0 && memory.peakAddress < memory.capacityBytes) {
    // Close to the capacity line its name goes under its own line.
    const isClose = frame.y(memory.peakAddress) - frame.y(memory.capacityBytes) < 16;
    paintLevel(surface, frame, style, memory.peakAddress, 'Peak', style.ink.muted, view, isClose ? 12 : -4);
  }
}

function paintResidence(
  surface: Surface,
  data: RunData,
  residence: Residence,
  style: MemoryMapStyle,
  frame: Frame,
  seen: Set<string>,
  start: string,
): void {
  const { tensor, from, to, address } = residence;
  const x = frame.x(from);
  const y = frame.y(address + tensor.bytes);
  const width = frame.x(to) - x;
  const height = frame.y(address) - y;
  const selected = style.selected?.has(tensor.id) ?? false;
  if ((width < 1 || height < 1) && !selected) {
    const cell = `${Math.round(x)},${Math.round(y)},${Math.round(Math.max(1, width))},${Math.round(Math.max(1, height))}`;
    if (seen.has(cell)) return;
    seen.add(cell);
  }
  const hue = residenceHue(data, residence);
  const faded = style.selected !== undefined && style.selected.size > 0 && !selected;
  const drawnWidth = Math.max(1, width);
  const drawnHeight = Math.max(1, height);
  surface.rect(x, y, drawnWidth, drawnHeight, style.ink.hue(hue), {
    ...(faded ? { opacity: FADED } : {}),
    ...(drawnWidth > 3 && drawnHeight > 3 ? { stroke: style.ink.ground, strokeWidth: 0.75 } : {}),
    ...(style.titles
      ? { title: `${tensor.name}: ${formatExact(tensor.bytes, 'B')}, steps ${from}–${to - 1}, address ${address}` }
      : {}),
  });
  const label = drawnHeight >= 13 && drawnWidth >= 30 ? fitName(tensor.name, start, drawnWidth - 6, 9) : '';
  if (label && !faded)
    surface.text(x + 3, y + Math.min(drawnHeight / 2 + 3, 14), label, { fill: style.ink.onHue(hue), size: 9 });
}

export function residenceHue(data: RunData, residence: Residence): Hue {
  return residence.producer < 0 ? 'interface' : (data.hues[residence.producer] ?? 'opaque');
}

function paintLevel(
  surface: Surface,
  frame: Frame,
  style: MemoryMapStyle,
  bytes: number,
  title: string,
  colour: string,
  view: MemoryView,
  below = -4,
): void {
  if (bytes < view.low || bytes > view.high) return;
  const y = frame.y(bytes);
  const right = style.width - RIGHT;
  surface.line(MEMORY_GUTTER, y, right, y, colour, { width: 1.25, dashed: true });
  surface.text(right, y + below, `${title} ${formatQuantity(bytes, 'B')}`, { fill: colour, size: 10, anchor: 'end' });
}

function paintAxes(surface: Surface, view: MemoryView, style: MemoryMapStyle, frame: Frame): void {
  const { ink } = style;
  const bottom = TOP + frame.plotHeight;
  const addresses = ticks(view.low, view.high, Math.max(2, frame.plotHeight / 44), 'B');
  const scale = axisScale(addresses, 'B');
  surface.text(MEMORY_GUTTER - 8, bottom + 16, scale.unit, { fill: ink.muted, size: 10, anchor: 'end' });
  for (const address of addresses) {
    const y = frame.y(address);
    surface.line(MEMORY_GUTTER, y, style.width - RIGHT, y, ink.grid);
    surface.text(MEMORY_GUTTER - 8, y + 3.5, scale.label(address), { fill: ink.muted, size: 10, anchor: 'end' });
  }
  const steps = ticks(view.from, view.to, Math.max(2, frame.plotWidth / 70), '');
  const label = axisScale(steps, '').label;
  for (const step of steps) {
    const x = frame.x(step);
    surface.line(x, bottom, x, bottom + 4, ink.muted);
    const isAtEdge = x > style.width - 30;
    surface.text(isAtEdge ? style.width - 2 : x, bottom + 16, label(step), {
      fill: ink.muted,
      size: 10,
      anchor: isAtEdge ? 'end' : 'middle',
    });
  }
  const room = frame.plotWidth + 2 * RIGHT;
  const title = STEP_TITLES.find((words) => textWidth(words, 10) <= room) ?? '';
  surface.text(MEMORY_GUTTER + frame.plotWidth / 2, bottom + 31, title, {
    fill: ink.muted,
    size: 10,
    anchor: 'middle',
  });
  surface.line(MEMORY_GUTTER, TOP, MEMORY_GUTTER, bottom, ink.muted);
  surface.line(MEMORY_GUTTER, bottom, style.width - RIGHT, bottom, ink.muted);
}

/** What lies at a point of the figure; null outside the plot. */
export function memoryHit(
  memory: MemoryData,
  view: MemoryView,
  width: number,
  height: number,
  x: number,
  y: number,
): { readonly step: number; readonly address: number; readonly residence: Residence | null } | null {
  const frame = frameOf(view, width, height);
  if (x < MEMORY_GUTTER || x > width - RIGHT || y < TOP || y > TOP + frame.plotHeight) return null;
  const step = view.from + ((x - MEMORY_GUTTER) / frame.plotWidth) * (view.to - view.from);
  const address = view.low + ((TOP + frame.plotHeight - y) / frame.plotHeight) * (view.high - view.low);
  const residence = memory.residences.find(
    (one) => one.from <= step && step < one.to && one.address <= address && address < one.address + one.tensor.bytes,
  );
  return { step: Math.floor(step), address: Math.floor(address), residence: residence ?? null };
}
