/**
 * Everything that can be done to a document: one serialisable union. Ids are made by whoever issues the
 * command, so that the renderer (optimistic) and the host (authoritative) arrive at the same bytes.
 */
import type { ParameterValue } from '#core/base/value.ts';
import type { DocumentLink, DocumentNode } from './document.ts';

export type Command =
  /** New, pasted, duplicated or imported records; links may refer to nodes already there. */
  | { readonly type: 'nodes.insert'; readonly nodes: readonly DocumentNode[]; readonly links: readonly DocumentLink[] }
  /** Removes the nodes, everything inside removed groups, and every link that touches them. */
  | { readonly type: 'nodes.remove'; readonly nodes: readonly string[] }
  | {
      readonly type: 'nodes.move';
      readonly positions: readonly { readonly node: string; readonly x: number; readonly y: number }[];
    }
  | { readonly type: 'node.rename'; readonly node: string; readonly name: string }
  | {
      readonly type: 'node.set-parameter';
      readonly node: string;
      readonly parameter: string;
      readonly value: ParameterValue;
    }
  /** In a use of a block: the parameter is this use's own from now on, or what the block says again. */
  | { readonly type: 'node.set-own'; readonly node: string; readonly parameter: string; readonly own: boolean }
  /** Puts `members` (siblings) into the new node `group`. */
  | { readonly type: 'nodes.group'; readonly group: DocumentNode; readonly members: readonly string[] }
  /** Dissolves a group; its children move up one level, links that end at the group itself go. */
  | { readonly type: 'nodes.ungroup'; readonly group: string }
  /** Puts nodes into a group, or (null) at the top level; where they stand does not change. */
  | { readonly type: 'nodes.reparent'; readonly nodes: readonly string[]; readonly parent: string | null }
  | { readonly type: 'links.insert'; readonly links: readonly DocumentLink[] }
  | { readonly type: 'links.remove'; readonly links: readonly string[] }
  | { readonly type: 'document.rename'; readonly title: string }
  /** Makes the document what it was, or is in another state of it: a revision, a checkpoint. */
  | {
      readonly type: 'document.restore';
      readonly label: string;
      readonly title: string;
      readonly nodes: readonly DocumentNode[];
      readonly links: readonly DocumentLink[];
    }
  /** Several commands as one step of history. */
  | { readonly type: 'batch'; readonly label: string; readonly commands: readonly Command[] };
