// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { ref } from 'vue';
import { ok } from '#core/base/result.ts';
import { emptyDocument } from '#core/document/document.ts';
import { aNode } from '../../tests/support/random-document.ts';
import { modelAdapter } from './adapter-model.ts';
import { contains } from './geometry.ts';
import { projectScene } from './scene.ts';
import { type GestureHost, useGestures } from './use-gestures.ts';

it('a link goes to the node that lies on top', () => {
  const at = (id: string, x: number) => aNode(id, { type: 'activation', parameters: { function: 'relu' }, x, y: 0 });
  const nodes = [at('a', 0), at('under', 400), at('over', 420)];
  const document = { ...emptyDocument('d', 'model', 'D'), nodes: new Map(nodes.map((node) => [node.id, node])) };
  const scene = projectScene(document, modelAdapter, () => false);
  const linked: string[] = [];
  const host: GestureHost = {
    root: ref(null),
    document: () => document,
    canConnect: () => ok(true),
    scene: () => scene,
    zoom: () => 1,
    toScene: ({ clientX, clientY }) => ({ x: clientX, y: clientY }),
    nodesAt: (point) => scene.nodes.filter((node) => contains(node, point)),
    linkAt: () => null,
    marqueeSelects: () => false,
    selected: () => new Set(),
    select: () => {},
    toggleSelected: () => {},
    move: () => {},
    link: (from, to) => void linked.push(`${from.node} > ${to.node}`),
    linkToNew: () => {},
    inside: () => [],
  };
  const gestures = useGestures(host);
  const port = Object.assign(window.document.createElement('span'), { onpointerdown: gestures.onPointerDown });
  Object.assign(port.dataset, { port: 'from', node: 'a', name: 'out' });
  window.document.body.append(port);
  port.dispatchEvent(new PointerEvent('pointerdown', { clientX: 180, clientY: 26 }));
  dispatchEvent(new PointerEvent('pointermove', { clientX: 500, clientY: 26 }));
  expect(gestures.connecting.value?.target?.node).toBe('over');
  dispatchEvent(new PointerEvent('pointerup', { clientX: 500, clientY: 26 }));
  expect(linked).toEqual(['a > over']);
  port.remove();
});
