/** Levers of off-chip accesses: what is verified is what the drawing gives once the lever's node has its value. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { Document } from '#core/document/document.ts';
import { sequentialDesign } from '#core/stages/modes.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import { randomFabric, randomTaskGraph } from '../../tests/support/random-task-graph.ts';
import type { Lever } from './lever.ts';
import { leversOf, verifyLever } from './levers.ts';

const documents = { tasks: 'd', fabric: 'f' };

function withLever(document: Document, { node, parameter, value }: Lever): Document {
  const drawn = document.nodes.get(node)!;
  const changed = { ...drawn, parameters: { ...drawn.parameters, [parameter]: value } };
  return { ...document, nodes: new Map(document.nodes).set(node, changed) };
}

it('a tensor and the accesses drawn between are changed apart', () => {
  const verified = { own: 0, between: 0 };
  for (let seed = 0; seed < 12; seed++) {
    const rng = createRng(700 + seed);
    const drawn = randomTaskGraph(rng);
    const tensors = drawn.tensors.map((tensor) => ({
      ...tensor,
      bytes: tensor.bytes * 64,
      ends: tensor.ends.map((end, at) => ({ ...end, access: 'blocking' as const, passes: 1 + ((at + seed) % 3) })),
    }));
    const document = drawTaskGraph({ ...drawn, tensors }, 'd');
    const fabric = randomFabric(rng, drawn.tasks.length);
    const play = (of: Document) => {
      const { graph } = readTaskGraph(of);
      const design = graph && sequentialDesign(graph, fabric, 'as-built');
      if (!graph || !design?.ok) return null;
      const simulated = simulateDesign(graph, fabric, design.value, { trace: true });
      return simulated.ok ? { graph, design: design.value, ...simulated.value } : null;
    };
    const played = play(document);
    if (!played) continue;
    for (const candidate of leversOf({ ...played, fabric, documents })) {
      const { lever } = candidate;
      if (lever.parameter !== 'access') continue;
      const said = verifyLever(candidate);
      if (!said.ok) throw new Error(said.error.message);
      expect(play(withLever(document, lever))?.run.makespan, `seed ${seed}, ${lever.title}`).toBe(
        said.value.simulatedCycles,
      );
      verified[document.nodes.get(lever.node)!.type === 'off-chip-access' ? 'between' : 'own']++;
    }
  }
  expect(Math.min(verified.own, verified.between)).toBeGreaterThan(3);
});
