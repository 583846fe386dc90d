import { describe, expect, it } from 'vitest';
import { emptyDocument } from '#core/document/document.ts';
import { modelAdapter } from './adapter-model.ts';
import { BoxIndex } from './box-index.ts';
import { MOUNT_BUDGET, MOUNTS_A_FRAME, nextMounted, UNMOUNTS_A_FRAME, visibleBox, wantedNodes } from './mounting.ts';
import { projectScene } from './scene.ts';

/** `columns` × `columns` nodes, 240 × 100 px apart. */
function grid(columns: number) {
  const nodes = Array.from({ length: columns * columns }, (_, at) => ({
    id: `n${at}`,
    type: 'activation',
    name: `n${at}`,
    x: (at % columns) * 240,
    y: Math.floor(at / columns) * 100,
    parent: null,
    parameters: {},
  }));
  const document = { ...emptyDocument('d', 'model', ''), nodes: new Map(nodes.map((node) => [node.id, node])) };
  return new BoxIndex(projectScene(document, modelAdapter, () => false).nodes);
}

describe('mounting (P-24)', () => {
  it('maps the screen back to the scene', () => {
    expect(visibleBox({ x: 100, y: -50, zoom: 2 }, 800, 600)).toEqual({ x: -50, y: 25, width: 400, height: 300 });
  });
  it('mounts what is in view above the threshold, nothing below it', () => {
    const index = grid(100);
    const near = wantedNodes(index, { x: 0, y: 0, zoom: 1 }, 1000, 500);
    expect(near.has('n0')).toBe(true);
    expect(near.size).toBeLessThanOrEqual(MOUNT_BUDGET);
    expect(wantedNodes(index, { x: 0, y: 0, zoom: 0.3 }, 1000, 500).size).toBe(0);
  });
  it('leaves a crowd to the painter', () => {
    expect(wantedNodes(grid(100), { x: 0, y: 0, zoom: 0.5 }, 2560, 1440).size).toBe(0);
  });
  const ids = (from: number, to: number) => new Set(Array.from({ length: to - from }, (_, at) => `n${from + at}`));
  it('mounts and unmounts a few a frame, in the end all', () => {
    const wanted = ids(0, 3 * MOUNTS_A_FRAME);
    const first = nextMounted(new Set(['gone', 'n0']), wanted);
    expect(first.has('gone')).toBe(false);
    expect(first.size).toBe(MOUNTS_A_FRAME + 1);
    const third = nextMounted(nextMounted(first, wanted), wanted);
    expect(third).toEqual(wanted);
    expect(nextMounted(third, wanted)).toBe(third);
    expect(nextMounted(ids(0, UNMOUNTS_A_FRAME + 3), new Set()).size).toBe(3);
  });
  it('has no more mounted than the budget on the way from one crowd to another', () => {
    const wanted = ids(MOUNT_BUDGET, 2 * MOUNT_BUDGET);
    let mounted: ReadonlySet<string> = ids(0, MOUNT_BUDGET);
    for (let frame = 0; frame < MOUNT_BUDGET / MOUNTS_A_FRAME; frame++) {
      mounted = nextMounted(mounted, wanted);
      expect(mounted.size).toBeLessThanOrEqual(MOUNT_BUDGET);
    }
    expect(mounted).toEqual(wanted);
  });
  it('P-25: mounts nothing while the view zooms, and lets go what is out of view', () => {
    expect(nextMounted(new Set(['gone', 'n0']), ids(0, 40), 0)).toEqual(new Set(['n0']));
  });
});
