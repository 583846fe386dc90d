/**
 * A document is a drawn graph: a model (operators, tensors along links), an architecture, a task graph or a fabric
 * (components, links).
 * Immutable; changed only by commands (apply.ts). Unknown types are kept, so that a file from a newer
 * version or with an unknown operator opens without loss.
 */
import type { ParameterValues } from '#core/base/value.ts';
import { COMPONENT_KINDS } from '#core/catalog/component-type.ts';

export const DOCUMENT_KINDS = ['model', ...COMPONENT_KINDS] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** As it stands in a sentence. */
export const KIND_WORDS: Readonly<Record<DocumentKind, string>> = {
  model: 'a model',
  architecture: 'an architecture',
  tasks: 'a task graph',
  fabric: 'a fabric',
};

/** The node type that only holds others; its parameters: `collapsed` (boolean), `block` (the block it is a use of; from an
 * importer: equal text for identical groups) and, of a use, `slots` (block-uses.ts). */
export const GROUP_TYPE = 'group';

/** The node type of words on the drawing (core/catalog/note.ts): no ports, read by people alone. */
export const NOTE_TYPE = 'note';

/** An operator or a component, known or not: what is neither a group nor a note. */
export function isPart({ type }: Pick<DocumentNode, 'type'>): boolean {
  return type !== GROUP_TYPE && type !== NOTE_TYPE;
}

export interface DocumentNode {
  readonly id: string;
  /** An operator or component type of the catalog, 'group' or 'note'. */
  readonly type: string;
  readonly name: string;
  /** Canvas pixels at zoom 1, top-left corner; a child's position is absolute too. */
  readonly x: number;
  readonly y: number;
  /** The group that holds it, or null at the top level. */
  readonly parent: string | null;
  readonly parameters: ParameterValues;
  /** Of a part of a block: parameters in which this use differs, whatever the block says (own-values.ts). Sorted. */
  readonly own?: readonly string[];
}

export interface Endpoint {
  readonly node: string;
  readonly port: string;
}

export interface DocumentLink {
  readonly id: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

export interface Document {
  readonly id: string;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly nodes: ReadonlyMap<string, DocumentNode>;
  readonly links: ReadonlyMap<string, DocumentLink>;
}

/** The JSON and git-friendly form: records in insertion order, one format version. */
export interface DocumentFile {
  readonly format: 'weft-document/1';
  readonly id: string;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly nodes: readonly DocumentNode[];
  readonly links: readonly DocumentLink[];
}

export function emptyDocument(id: string, kind: DocumentKind, title: string): Document {
  return { id, kind, title, nodes: new Map(), links: new Map() };
}

export function toFile(document: Document): DocumentFile {
  return {
    format: 'weft-document/1',
    id: document.id,
    kind: document.kind,
    title: document.title,
    nodes: [...document.nodes.values()],
    links: [...document.links.values()],
  };
}

/** The inverse of `toFile`; the shape must have been checked (documentFileSchema in core/contract). */
export function fromFile(file: DocumentFile): Document {
  return {
    id: file.id,
    kind: file.kind,
    title: file.title,
    nodes: new Map(file.nodes.map((node) => [node.id, node])),
    links: new Map(file.links.map((link) => [link.id, link])),
  };
}
