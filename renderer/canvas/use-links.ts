/** Links as they are drawn now: ends, what is under the pointer, and the labels that say which tensor runs there. */
import { computed, ref } from 'vue';
import { portKey } from '#core/model/ports.ts';
import { formatShape } from '../widgets/format.ts';
import type { Drag } from './context.ts';
import { around, type Box, distanceToLink, NODE_HEIGHT, overlaps, type Point } from './geometry.ts';
import { linkEnds } from './scene.ts';
import type { Drawing } from './use-drawing.ts';

export interface DrawnLink extends Box {
  readonly id: string;
  readonly from: Point;
  readonly to: Point;
  readonly ends: readonly [string, string];
  readonly links: readonly string[];
  readonly label: string;
}

const MAX_LABELS = 12;

export function useLinks({ scene, selected, types }: Drawing, drag: () => Drag | null) {
  const drawnLinks = computed<readonly DrawnLink[]>(() => {
    return scene.value.links.flatMap((link): DrawnLink[] => {
      const ends = linkEnds(scene.value, link);
      const first = link.links[0];
      if (!ends || !first) return [];
      const box = around([
        { ...ends.from, width: 0, height: 0 },
        { ...ends.to, width: 0, height: 0 },
      ]);
      if (!box) return [];
      const type = types.value?.get(portKey(first.from.node, first.from.port));
      return [
        {
          id: link.id,
          ...ends,
          x: box.x - 160,
          y: box.y - 8,
          width: box.width + 320,
          height: box.height + 16,
          ends: [link.from.node, link.to.node],
          links: link.links.map((each) => each.id),
          label: type ? `${formatShape(type.shape)} ${type.elementType}` : '',
        },
      ];
    });
  });
  const hovered = ref<string | null>(null);
  const strongLinks = computed(() => {
    const strong = new Set<string>();
    for (const link of drawnLinks.value)
      if (link.id === hovered.value || link.links.some((id) => selected.value.links.has(id))) strong.add(link.id);
    return strong;
  });
  const labels = computed(() => {
    const only = selected.value.nodes.size === 1 ? [...selected.value.nodes][0] : undefined;
    return drawnLinks.value
      .filter((link) => link.label !== '' && (strongLinks.value.has(link.id) || (only && link.ends.includes(only))))
      .slice(0, MAX_LABELS)
      .map((link) => {
        const { from, to } = movedEnds(link);
        // Above the nodes it runs between, or it would lie on their names.
        return {
          id: link.id,
          text: link.label,
          x: (from.x + to.x) / 2,
          y: Math.min(from.y, to.y) - NODE_HEIGHT / 2 - 4,
        };
      });
  });

  function movedEnds(link: DrawnLink): { readonly from: Point; readonly to: Point } {
    return { from: moved(link.from, link.ends[0]), to: moved(link.to, link.ends[1]) };
  }
  function moved(point: Point, node: string): Point {
    const by = drag()?.nodes.has(node) ? drag()?.by : null;
    return by ? { x: point.x + by.x, y: point.y + by.y } : point;
  }

  function linkAt(point: Point, tolerance: number): string | null {
    const spot = { x: point.x - tolerance, y: point.y - tolerance, width: 2 * tolerance, height: 2 * tolerance };
    return (
      drawnLinks.value.find((link) => overlaps(link, spot) && distanceToLink(link.from, link.to, point) <= tolerance)
        ?.id ?? null
    );
  }
  function linkIds(drawn: Iterable<string>): readonly string[] {
    const ids = new Set(drawn);
    return drawnLinks.value.filter((link) => ids.has(link.id)).flatMap((link) => link.links);
  }

  return { drawnLinks, hovered, strongLinks, labels, movedEnds, moved, linkAt, linkIds };
}
