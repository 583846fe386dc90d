/**
 * Copied nodes as readable JSON text ('weft-clip/1'), so that a clip can be pasted into another window, an editor
 * or a mail. Pasting makes new ids; links are kept when both ends are in the clip.
 */
import { z } from 'zod';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { documentKindSchema, linkSchema, nodeSchema } from '#core/contract/schemas.ts';
import type { Command } from '#core/document/command.ts';
import {
  type Document,
  type DocumentKind,
  type DocumentLink,
  type DocumentNode,
  GROUP_TYPE,
  KIND_WORDS,
} from '#core/document/document.ts';
import type { Point } from './geometry.ts';
import { descendantsOf } from './scene.ts';

export interface Clip {
  readonly format: 'weft-clip/1';
  readonly kind: DocumentKind;
  readonly nodes: readonly DocumentNode[];
  readonly links: readonly DocumentLink[];
}

const clipSchema: z.ZodType<Clip> = z.strictObject({
  format: z.literal('weft-clip/1'),
  kind: documentKindSchema,
  nodes: z.array(nodeSchema).min(1).max(50_000),
  links: z.array(linkSchema).max(200_000),
});

/** The nodes with everything inside them, and the links among them; null when nothing is selected. */
export function clipOf(document: Document, selected: Iterable<string>): Clip | null {
  const ids = new Set<string>();
  for (const id of selected) {
    const node = document.nodes.get(id);
    if (!node) continue;
    ids.add(id);
    if (node.type === GROUP_TYPE) for (const inner of descendantsOf(document, id)) ids.add(inner.id);
  }
  if (ids.size === 0) return null;
  return {
    format: 'weft-clip/1',
    kind: document.kind,
    nodes: [...document.nodes.values()]
      .filter((node) => ids.has(node.id))
      .map((node) => (node.parent !== null && !ids.has(node.parent) ? { ...node, parent: null } : node)),
    links: [...document.links.values()].filter((link) => ids.has(link.from.node) && ids.has(link.to.node)),
  };
}

export function writeClip(clip: Clip): string {
  return JSON.stringify(clip, null, 1);
}

export function readClip(text: string, kind: DocumentKind): Result<Clip, Problem> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err(problem('clip.not-a-clip', 'The clipboard does not hold nodes: copy some first'));
  }
  const parsed = clipSchema.safeParse(json);
  if (!parsed.success) return err(problem('clip.not-a-clip', 'The clipboard does not hold nodes: copy some first'));
  if (parsed.data.kind !== kind)
    return err(
      problem(
        'clip.other-kind',
        `The copied nodes are of ${KIND_WORDS[parsed.data.kind]}, this is ${KIND_WORDS[kind]}`,
      ),
    );
  return ok(parsed.data);
}

export interface Pasting {
  readonly command: Extract<Command, { type: 'nodes.insert' }>;
  /** The new ids of what stood at the clip's top level. */
  readonly top: readonly string[];
}

/** The insertion of a clip with its top-left corner at `at`, inside `parent`. */
export function pasteClip(clip: Clip, at: Point, parent: string | null, newId: (prefix: string) => string): Pasting {
  const left = Math.min(...clip.nodes.map((node) => node.x));
  const top = Math.min(...clip.nodes.map((node) => node.y));
  const renamed = new Map(clip.nodes.map((node) => [node.id, newId('n')]));
  const nodes = clip.nodes.map((node) => ({
    ...node,
    id: renamed.get(node.id) ?? node.id,
    x: Math.round(node.x - left + at.x),
    y: Math.round(node.y - top + at.y),
    parent: node.parent === null ? parent : (renamed.get(node.parent) ?? parent),
  }));
  const links = clip.links.flatMap((link) => {
    const from = renamed.get(link.from.node);
    const to = renamed.get(link.to.node);
    if (from === undefined || to === undefined) return [];
    return [{ id: newId('l'), from: { ...link.from, node: from }, to: { ...link.to, node: to } }];
  });
  const topIds = clip.nodes.filter((node) => node.parent === null || !renamed.has(node.parent));
  return {
    command: { type: 'nodes.insert', nodes, links },
    top: topIds.map((node) => renamed.get(node.id) ?? node.id),
  };
}
