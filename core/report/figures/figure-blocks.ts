/** Blocks that are figures → SVG: for a page that declares the colours, or a file of its own. */
import type { Block, Legend, Report, SectionOutline } from '../blocks.ts';
import { cssInk, type Ink } from '../palette.ts';
import { paintStages, stageHeight } from '../simulation/paint-stages.ts';
import { barsHeight, paintBars } from './paint-bars.ts';
import { paintCurve } from './paint-curve.ts';
import { paintFront } from './paint-front.ts';
import { graphHeight, paintGraph } from './paint-graph.ts';
import { paintMemoryMap, wholeMemory } from './paint-memory-map.ts';
import { paintRoofline } from './paint-roofline.ts';
import { paintTimeline, timelineHeight, wholeTimeline } from './paint-timeline.ts';
import { type Surface, textWidth } from './surface.ts';
import { createSvg, type SvgFigure } from './svg.ts';

/** In units of the figure; on the page it takes the measure of the text. */
const WIDTH = 720;

export type FigureBlock = Extract<
  Block,
  { readonly kind: 'bars' | 'graph' | 'gantt' | 'stages' | 'memory-map' | 'curve' | 'roofline' | 'front' }
>;

const FIGURES: ReadonlySet<string> = new Set<FigureBlock['kind']>([
  'bars',
  'graph',
  'gantt',
  'stages',
  'memory-map',
  'curve',
  'roofline',
  'front',
]);

export function isFigure(block: Block): block is FigureBlock {
  return FIGURES.has(block.kind);
}

export function outlineOf({ sections }: Report): readonly SectionOutline[] {
  return sections.map(({ id, title, blocks, isFixed = false }) => ({
    id,
    title,
    isFixed,
    figures: blocks.filter(isFigure).length,
    tables: blocks.filter(({ kind }) => kind === 'table').length,
  }));
}

export function legendOfFigure(block: FigureBlock): Legend['entries'] {
  return block.legend?.entries ?? [];
}

/** @returns the finished element. `standalone` declares its colours, light and dark, and its ground. */
export function svgOf(block: FigureBlock, standalone = false): string {
  const { height, paint } = painterOf(block, cssInk);
  const svg: SvgFigure = createSvg(WIDTH, height, block.caption, standalone);
  if (standalone) svg.surface.rect(0, 0, WIDTH, height, cssInk.ground);
  paint(svg.surface);
  return svg.finish();
}

interface Painter {
  readonly height: number;
  readonly paint: (surface: Surface) => void;
}

function painterOf(block: FigureBlock, ink: Ink): Painter {
  const width = WIDTH;
  switch (block.kind) {
    case 'bars': {
      const longest = Math.max(0, ...block.rows.map(({ label }) => textWidth(label, 11)));
      const labelWidth = Math.min(width / 3, Math.max(184, longest + 16));
      const style = { width, ink, unit: block.unit, labelWidth };
      return { height: barsHeight(block.rows.length), paint: (surface) => paintBars(surface, block.rows, style) };
    }
    case 'graph':
      return {
        height: graphHeight(block.drawing, width),
        paint: (surface) => paintGraph(surface, block.drawing, width, ink),
      };
    case 'gantt': {
      const { timeline } = block.data;
      return {
        height: timelineHeight(timeline.lanes.length),
        paint: (surface) => paintTimeline(surface, block.data, wholeTimeline(timeline), { width, ink, axis: 'cycles' }),
      };
    }
    case 'stages': {
      const { data } = block;
      const whole = { from: 0, to: Math.max(1, data.makespan) };
      const style = { width, ink, selected: null, playhead: null };
      return { height: stageHeight(data.rows.length), paint: (surface) => paintStages(surface, data, whole, style) };
    }
    case 'memory-map': {
      const style = { width, height: 320, ink, titles: true };
      return {
        height: style.height,
        paint: (surface) => paintMemoryMap(surface, block.data, wholeMemory(block.data.memory), style),
      };
    }
    case 'curve': {
      const style = { width, height: 300, ink, present: block.present, titles: true };
      return { height: style.height, paint: (surface) => paintCurve(surface, block.curve, style) };
    }
    case 'roofline': {
      const style = { width, height: 340, ink, selected: new Set<string>() };
      return { height: style.height, paint: (surface) => paintRoofline(surface, block.roofline, style) };
    }
    case 'front': {
      const style = { width, height: 360, ink };
      return { height: style.height, paint: (surface) => paintFront(surface, block.plot, style) };
    }
  }
}
