/** What the canvas must know of a kind of document; everything comes from the catalog. */
import type { Result } from '#core/base/result.ts';
import { NOTE_PARAMETERS, noteLines, noteOf } from '#core/catalog/note.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import {
  type Document,
  type DocumentKind,
  type DocumentNode,
  type Endpoint,
  NOTE_TYPE,
} from '#core/document/document.ts';
import { type Colour, NOTE_PAPERS } from '../widgets/palette.ts';

export interface CanvasPort {
  readonly id: string;
  readonly title: string;
  readonly optional: boolean;
}

/** A type of the catalog as palette, quick insert and inspector see it. */
export interface CatalogEntry {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly source: string;
  readonly keywords: readonly string[];
  readonly category: string;
  readonly categoryTitle: string;
  readonly colour: Colour;
  readonly inPalette: boolean;
  readonly parameters: readonly ParameterSpec[];
}

/** Port ids of a node that carry links. */
export interface LinkedPorts {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Adapter {
  readonly kind: DocumentKind;
  /** What one of its parts is called. */
  readonly noun: 'operator' | 'component' | 'node';
  readonly catalog: readonly CatalogEntry[];
  readonly entry: (type: string) => CatalogEntry | undefined;
  readonly ports: (
    node: DocumentNode,
    linked: LinkedPorts,
  ) => { readonly inputs: readonly CanvasPort[]; readonly outputs: readonly CanvasPort[] };
  /** The second line of a node: what it is, with its key figures. */
  readonly detail: (node: DocumentNode) => string;
  /** Or one sentence saying why not. `types` of results by `portKey`, where they are known: spares inferring them. */
  readonly canConnect: (
    document: Document,
    from: Endpoint,
    to: Endpoint,
    types?: ReadonlyMap<string, TensorType>,
  ) => Result<true, string>;
}

/** A type of the catalog with the colour of its category. */
export function catalogEntry(
  type: Pick<CatalogEntry, 'id' | 'summary' | 'source' | 'keywords' | 'category' | 'parameters'> & {
    readonly title: string;
  },
  colour: Colour,
  inPalette = true,
): CatalogEntry {
  const { id, title, summary, source, keywords, category, parameters } = type;
  return {
    id,
    label: title,
    summary,
    source,
    keywords: [...keywords, id],
    category,
    categoryTitle: categoryTitle(category),
    colour,
    inPalette,
    parameters,
  };
}

/** Of a type this version does not know: the ports its links name. */
export function namedPorts({ inputs, outputs }: LinkedPorts): ReturnType<Adapter['ports']> {
  const named = (id: string): CanvasPort => ({ id, title: id, optional: false });
  return { inputs: inputs.map(named), outputs: outputs.map(named) };
}

/** `an operator`, `a component`. */
export function aNoun({ noun }: Adapter): string {
  return `${noun === 'operator' ? 'an' : 'a'} ${noun}`;
}

/** Words on the drawing, of any kind of document. */
const NOTE_ENTRY: CatalogEntry = {
  id: NOTE_TYPE,
  label: 'Note',
  summary: 'Words on the drawing: a remark, a question, a source. Nothing but people reads it.',
  source: 'Weft',
  keywords: ['sticky', 'comment', 'text', 'remark', 'annotation', 'label'],
  category: 'note',
  categoryTitle: 'Words',
  colour: NOTE_PAPERS.yellow.edge,
  inPalette: true,
  parameters: NOTE_PARAMETERS,
};
const NO_PORTS = { inputs: [], outputs: [] };

/** The kind's own adapter, and notes. */
export function withNotes(adapter: Adapter): Adapter {
  return {
    ...adapter,
    catalog: [...adapter.catalog, NOTE_ENTRY],
    entry: (type) => (type === NOTE_TYPE ? NOTE_ENTRY : adapter.entry(type)),
    ports: (node, linked) => (node.type === NOTE_TYPE ? NO_PORTS : adapter.ports(node, linked)),
    detail: (node) =>
      node.type === NOTE_TYPE ? noteLines(noteOf(node.parameters).text).slice(1).join(' ') : adapter.detail(node),
  };
}

export function categoryTitle(category: string): string {
  return category.charAt(0).toUpperCase() + category.slice(1).replace('-', ' ');
}
