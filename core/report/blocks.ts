/**
 * What a report is made of, before it is text: sections of declarative blocks that hold data, never markup. A number is
 * kept as value and unit down to the last step, so that every figure printed is one that is stored.
 */
import type { Metric } from '#core/base/metric.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import type { GraphDrawing } from './figures/drawing.ts';
import type { BarRow } from './figures/paint-bars.ts';
import type { FrontPlot } from './figures/paint-front.ts';
import type { Roofline } from './figures/paint-roofline.ts';
import type { Hue } from './palette.ts';
import type { RunData } from './run-data.ts';
import type { SimulationData } from './simulation/data.ts';

/** A figure in running text or in a cell; `exact` prints every digit, `bare` leaves the unit to the column's head. */
export interface Quantity {
  readonly value: number;
  readonly unit: Unit;
  readonly exact?: boolean;
  readonly bare?: boolean;
}

export type Inline = string | Quantity;

export interface Legend {
  readonly entries: readonly { readonly hue: Hue; readonly title: string }[];
}

export interface TableColumn {
  readonly title: string;
  readonly unit?: Unit;
  readonly align?: 'start' | 'end';
  /** Long running text: takes the room that is left. */
  readonly wide?: boolean;
}

export type Block =
  | {
      readonly kind: 'title';
      readonly title: string;
      readonly fields: readonly { readonly label: string; readonly content: readonly Inline[] }[];
      /** What the run found, in a sentence or two. */
      readonly verdict: readonly Inline[];
      readonly seal: { readonly text: string; readonly isProven: boolean };
    }
  | { readonly kind: 'subheading'; readonly text: string }
  | { readonly kind: 'text'; readonly content: readonly Inline[] }
  | { readonly kind: 'command'; readonly text: string }
  /** Lines of text, folded. */
  | { readonly kind: 'listing'; readonly caption: string; readonly text: string }
  | { readonly kind: 'metrics'; readonly metrics: readonly Metric[] }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly TableColumn[];
      readonly rows: readonly (readonly Inline[])[];
      /** Set on a page of its own, turned. */
      readonly landscape?: boolean;
    }
  | {
      readonly kind: 'bars';
      readonly caption: string;
      readonly unit: Unit;
      readonly rows: readonly BarRow[];
      readonly legend?: Legend;
    }
  | { readonly kind: 'graph'; readonly caption: string; readonly drawing: GraphDrawing; readonly legend: Legend }
  | { readonly kind: 'gantt'; readonly caption: string; readonly data: RunData; readonly legend: Legend }
  | { readonly kind: 'stages'; readonly caption: string; readonly data: SimulationData; readonly legend: Legend }
  | { readonly kind: 'memory-map'; readonly caption: string; readonly data: RunData; readonly legend: Legend }
  | {
      readonly kind: 'curve';
      readonly caption: string;
      readonly curve: ScheduleCurve;
      /** Scratchpad of the run, bytes. */
      readonly present: number;
      readonly legend: Legend;
    }
  | {
      readonly kind: 'roofline';
      readonly caption: string;
      readonly roofline: Roofline;
      readonly legend: Legend;
    }
  | { readonly kind: 'front'; readonly caption: string; readonly plot: FrontPlot; readonly legend?: Legend }
  | {
      readonly kind: 'problems';
      readonly problems: readonly Problem[];
      /** Names of the nodes the problems point at. */
      readonly names: ReadonlyMap<string, string>;
      readonly empty: string;
    };

/** A part of a report that can be left out and moved. */
export interface Section {
  /** Equal for equal parts of any report: choices are remembered by it. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Begins a page when printed. */
  readonly breakBefore?: boolean;
  /** Where the figures come from and how to repeat them: always there, at the end. */
  readonly isFixed?: boolean;
}

export interface Report {
  readonly title: string;
  /** Title block and key figures: always there, first. */
  readonly front: readonly Block[];
  readonly sections: readonly Section[];
}

/** A section by what is in it, without it. */
export interface SectionOutline {
  readonly id: string;
  readonly title: string;
  readonly figures: number;
  readonly tables: number;
  readonly isFixed: boolean;
}

export function section(id: string, title: string, blocks: readonly Block[]): Section {
  return { id, title, blocks };
}

/** What drawn nodes are called; those without a name by their id. */
export function nodeNames(...files: readonly DocumentFile[]): ReadonlyMap<string, string> {
  return new Map(files.flatMap((file) => file.nodes.map((node) => [node.id, node.name || node.id] as const)));
}

/** The sections named, in that order, then those that always stay; all of them where nothing is chosen. */
export function chosenSections(report: Report, ids: readonly string[] | null): Report {
  if (ids === null) return report;
  const free = new Map(report.sections.filter(({ isFixed }) => !isFixed).map((one) => [one.id, one]));
  const chosen = [...new Set(ids)].flatMap((id) => free.get(id) ?? []);
  return { ...report, sections: [...chosen, ...report.sections.filter(({ isFixed }) => isFixed)] };
}
