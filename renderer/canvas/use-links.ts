/** Links as they are drawn now: ends, what is under the pointer, and the labels that say which tensor runs there. */
import { computed, ref } from 'vue';
import { portKey } from '#core/model/ports.ts';
import { formatShape } from '../widgets/format.ts';
import { BoxIndex } from './box-index.ts';
import type { Drag } from './context.ts';
import { type Box, distanceToLink, linkBox, NODE_HEIGHT, type Point } from './geometry.ts';
import { type LinkLabel, placedLabels } from './link-labels.ts';
import { linkEnds, type Scene, type SceneLink, type SceneNode } from './scene.ts';
import type { Drawing } from './use-drawing.ts';

export interface DrawnLink extends Box {
  readonly id: string;
  readonly from: Point;
  readonly to: Point;
  readonly ends: readonly [string, string];
  readonly link: SceneLink;
}

const MAX_LABELS = 12;

export function useLinks({ scene, selected, types }: Drawing, drag: () => Drag | null, zoom: () => number) {
  const draw = linkDrawer();
  const drawnLinks = computed(() => draw(scene.value));
  const index = new BoxIndex<DrawnLink>();
  /** The index of what is drawn now. */
  const linkIndex = computed(() => {
    index.update(drawnLinks.value);
    return { index };
  });
  /** Found by either end, or by a document link they stand for; made when first asked. */
  const ofNode = computed(() => {
    const links = new Map<string, DrawnLink[]>();
    for (const link of drawnLinks.value)
      for (const end of link.ends) {
        const known = links.get(end);
        if (known) known.push(link);
        else links.set(end, [link]);
      }
    return links;
  });
  const byLink = computed(() => {
    const links = new Map<string, DrawnLink>();
    for (const drawn of drawnLinks.value) for (const { id } of drawn.link.links) links.set(id, drawn);
    return links;
  });

  /** Of the first document link a drawn one stands for. */
  const hovered = ref<string | null>(null);
  const strongLinks = computed<ReadonlySet<DrawnLink>>(() => {
    const ids = [...selected.value.links, ...(hovered.value === null ? [] : [hovered.value])];
    return new Set(ids.length === 0 ? [] : ids.flatMap((id) => byLink.value.get(id) ?? []));
  });
  /** Of strong links and of those of the one node that is selected. */
  const wantedLabels = computed(() => {
    const only = selected.value.nodes.size === 1 ? [...selected.value.nodes][0] : undefined;
    const around = only === undefined ? [] : (ofNode.value.get(only) ?? []);
    const found: LinkLabel[] = [];
    for (const link of new Set([...strongLinks.value, ...around])) {
      const first = link.link.links[0];
      const type = first && types.value?.get(portKey(first.from.node, first.from.port));
      if (!type) continue;
      const { from, to } = movedEnds(link);
      // Above the nodes it runs between, or it would lie on their names.
      found.push({
        id: link.id,
        text: `${formatShape(type.shape)} ${type.elementType}`,
        x: (from.x + to.x) / 2,
        y: Math.min(from.y, to.y) - NODE_HEIGHT / 2 - 4,
      });
      if (found.length === MAX_LABELS) break;
    }
    return found;
  });
  const labels = computed(() =>
    wantedLabels.value.length < 2 ? wantedLabels.value : placedLabels(wantedLabels.value, zoom()),
  );

  function movedEnds(link: DrawnLink): { readonly from: Point; readonly to: Point } {
    return { from: moved(link.from, link.ends[0]), to: moved(link.to, link.ends[1]) };
  }
  function moved(point: Point, node: string): Point {
    const by = drag()?.nodes.has(node) ? drag()?.by : null;
    return by ? { x: point.x + by.x, y: point.y + by.y } : point;
  }

  function linkAt(point: Point, tolerance: number): string | null {
    const spot = { x: point.x - tolerance, y: point.y - tolerance, width: 2 * tolerance, height: 2 * tolerance };
    const near = linkIndex.value.index.within(spot);
    return near.find((link) => distanceToLink(link.from, link.to, point) <= tolerance)?.id ?? null;
  }
  /** The document's links behind drawn ones. */
  function linkIds(drawn: Iterable<string>): readonly string[] {
    return [...drawn].flatMap((id) => byLink.value.get(id)?.link.links.map((link) => link.id) ?? []);
  }

  /** What is drawn for a link of the document. */
  const linkOf = (id: string): DrawnLink | undefined => byLink.value.get(id);
  /** Of a node: those that come in, then those that go out, from top to bottom. */
  function linksOf(node: string): readonly DrawnLink[] {
    const rank = (link: DrawnLink) => (link.ends[1] === node ? 0 : 1);
    const height = (link: DrawnLink) => (link.ends[1] === node ? link.to.y : link.from.y);
    return (ofNode.value.get(node) ?? []).toSorted((a, b) => rank(a) - rank(b) || height(a) - height(b));
  }

  return { linkOf, linksOf, drawnLinks, linkIndex, ofNode, hovered, strongLinks, labels, movedEnds, linkAt, linkIds };
}

/** Draws the links of one scene after another; those between nodes that stayed are the same objects as before. */
export function linkDrawer(): (scene: Scene) => readonly DrawnLink[] {
  const known = new WeakMap<SceneLink, { source: SceneNode; target: SceneNode; drawn: DrawnLink }>();
  return (scene) => {
    const links: DrawnLink[] = [];
    for (const link of scene.links) {
      const source = scene.byId.get(link.from.node);
      const target = scene.byId.get(link.to.node);
      if (!source || !target) continue;
      const old = known.get(link);
      if (old?.source === source && old.target === target) {
        links.push(old.drawn);
        continue;
      }
      const ends = linkEnds(scene, link);
      if (!ends) continue;
      const drawn = {
        id: link.id,
        ...ends,
        ends: [source.id, target.id],
        link,
        ...linkBox(ends.from, ends.to),
      } as const;
      known.set(link, { source, target, drawn });
      links.push(drawn);
    }
    return links;
  };
}
