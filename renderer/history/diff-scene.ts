/** One side of a comparison as a drawing: the scene with the groups open in which something differs, and the marks on it. */
import { CHANGE_KINDS, type Change, type ChangeKind } from '#core/diff/changes.ts';
import type { DocumentDiff } from '#core/diff/diff.ts';
import { type Document, GROUP_TYPE } from '#core/document/document.ts';
import { adapterOf } from '../canvas/adapters.ts';
import { BoxIndex } from '../canvas/box-index.ts';
import { around, type Box, linkBox, type Point } from '../canvas/geometry.ts';
import { linkEnds, projectScene, type Scene, type SceneNode } from '../canvas/scene.ts';

export interface DrawnLink extends Box {
  readonly from: Point;
  readonly to: Point;
  readonly mark: ChangeKind | null;
}

export interface DiffScene {
  readonly scene: Scene;
  readonly index: BoxIndex<SceneNode>;
  readonly links: BoxIndex<DrawnLink>;
  /** By scene node; a closed group shows the first of what is inside. */
  readonly marks: ReadonlyMap<string, ChangeKind>;
  readonly order: ReadonlyMap<string, number>;
  readonly bounds: Box | null;
  /** Changes by scene node, for a press on it. */
  readonly changeAt: ReadonlyMap<string, string>;
}

export type SideOfDiff = 'from' | 'to';

export function diffScene(
  document: Document,
  diff: DocumentDiff,
  changes: readonly Change[],
  side: SideOfDiff,
): DiffScene {
  const kinds = new Map<string, ChangeKind>();
  const changeOf = new Map<string, string>();
  for (const change of changes) {
    const [node] = change[side];
    if (change.subject !== 'node' || node === undefined) continue;
    kinds.set(node, change.kind);
    changeOf.set(node, change.id);
  }
  const links = new Set((side === 'from' ? diff.linksRemoved : diff.linksAdded).map(({ id }) => id));
  const open = openGroups(document, kinds, links);
  const scene = projectScene(document, adapterOf(document.kind), (group) => open.has(group.id));
  const marks = new Map<string, ChangeKind>();
  const changeAt = new Map<string, string>();
  for (const [node, kind] of kinds) {
    const shown = scene.standIn(node)?.id;
    if (shown === undefined) continue;
    const known = marks.get(shown);
    if (shown !== node && known !== undefined && CHANGE_KINDS.indexOf(known) <= CHANGE_KINDS.indexOf(kind)) continue;
    marks.set(shown, kind);
    changeAt.set(shown, changeOf.get(node) ?? '');
  }
  const drawn = scene.links.flatMap((link): readonly DrawnLink[] => {
    const ends = linkEnds(scene, link);
    if (!ends) return [];
    const isMarked = link.links.some(({ id }) => links.has(id));
    return [
      { ...ends, ...linkBox(ends.from, ends.to), mark: isMarked ? (side === 'from' ? 'removed' : 'added') : null },
    ];
  });
  return {
    scene,
    index: new BoxIndex(scene.nodes),
    links: new BoxIndex(drawn),
    marks,
    order: new Map(scene.nodes.map(({ id }, at) => [id, at])),
    bounds: around(scene.nodes),
    changeAt,
  };
}

/** Groups with a difference inside; one that came or went as a whole stays closed. */
function openGroups(
  { nodes, links }: Document,
  kinds: ReadonlyMap<string, ChangeKind>,
  markedLinks: ReadonlySet<string>,
): ReadonlySet<string> {
  const open = new Set<string>();
  const touched = new Set<string>();
  for (const [node, kind] of kinds) if (kind !== 'moved') touched.add(node);
  for (const { id, from, to } of links.values())
    if (markedLinks.has(id)) for (const { node } of [from, to]) touched.add(node);
  for (const id of touched) {
    // A loop of parents, in a file gone wrong, ends where it has been.
    for (let at = nodes.get(id)?.parent ?? null; at !== null && !open.has(at); at = nodes.get(at)?.parent ?? null)
      if (nodes.get(at)?.type === GROUP_TYPE) open.add(at);
      else break;
  }
  for (const id of open) {
    const kind = kinds.get(id);
    if (kind === 'added' || kind === 'removed') open.delete(id);
  }
  return open;
}

/** What stands for these nodes, in a box. */
export function boxOf(scene: Scene, nodes: readonly string[]): Box | null {
  return around(nodes.flatMap((id) => scene.standIn(id) ?? []));
}
