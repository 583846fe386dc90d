/** Allocation against all splits of the lanes, order and convexity by hand, and what is said of designs that cannot be built. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { aBank, aCore, aFabric, aGraph, anEnd, aStream, aTask, FLAT } from '../../tests/support/random-task-graph.ts';
import type { Design } from './design.ts';
import { allocate, dataflowDesign, drawnDesign, isConvex, sequentialDesign, verifyDesign } from './modes.ts';
import { components } from './order.ts';
import { firingTicks, lanesOf } from './ticks.ts';

function slowest(graph: TaskGraph, fabric: Fabric, lanes: readonly (readonly number[])[]): number {
  return Math.max(
    ...lanes.map((row, task) => {
      const drawn = graph.tasks[task]!;
      const shares = row.flatMap((count, core) => (count > 0 ? [{ core, lanes: count }] : []));
      return drawn.firings * firingTicks(drawn, lanesOf(fabric, shares), 'as-built')[0]!;
    }),
  );
}

/** Least time of the slowest over all ways to split the cores' lanes among the tasks allowed there. */
function exhaustive(graph: TaskGraph, fabric: Fabric): number {
  let best = Infinity;
  const lanes = graph.tasks.map(() => fabric.cores.map(() => 0));
  const split = (core: number, task: number, left: number): void => {
    if (core === fabric.cores.length) {
      if (lanes.every((row) => row.some((count) => count > 0))) best = Math.min(best, slowest(graph, fabric, lanes));
      return;
    }
    if (task === graph.tasks.length) {
      split(core + 1, 0, fabric.cores[core + 1]?.lanes.int16 ?? 0);
      return;
    }
    const { cores } = graph.tasks[task]!;
    const most = cores.length === 0 || cores.includes(fabric.cores[core]!.name) ? left : 0;
    for (let count = 0; count <= most; count++) {
      lanes[task]![core] = count;
      split(core, task + 1, left - count);
    }
    lanes[task]![core] = 0;
  };
  split(0, 0, fabric.cores[0]!.lanes.int16!);
  return best;
}

it('lanes: the slowest task is as fast as in the best of all splits', () => {
  for (let seed = 0; seed < 150; seed++) {
    const rng = createRng(seed);
    const fabric = aFabric(['a', 'b', 'c'].slice(0, 2 + rng.below(2)).map((name) => aCore(name, 1 + rng.below(5))));
    const graph = aGraph(
      Array.from({ length: 1 + rng.below(3) }, (_, index) =>
        aTask(`t${index}`, {
          firings: 1 + rng.below(20),
          work: 1 + rng.below(60),
          unroll: rng.below(3) === 0 ? 1 + rng.below(4) : 0,
          cores: fabric.cores.filter(() => rng.below(2) === 0).map(({ name }) => name),
          nest: { ...FLAT, isFlattened: false, depth: rng.below(5), starts: 1 + rng.below(3) },
        }),
      ),
    );
    const placed = allocate(
      graph,
      fabric,
      graph.tasks.map((_, task) => task),
      'as-built',
    );
    const best = exhaustive(graph, fabric);
    if (placed === null) {
      expect(best, `seed ${seed}`).toBe(Infinity);
      continue;
    }
    const lanes = placed.map(({ shares }) =>
      fabric.cores.map((_, core) => shares.find((share) => share.core === core)?.lanes ?? 0),
    );
    expect(slowest(graph, fabric, lanes), `seed ${seed}`).toBe(best);
  }
});

describe('order', () => {
  // 0 → 1 → 3, 0 → 2 → 3, and a cycle 3 ⇄ 4.
  const graph = aGraph(
    ['a', 'b', 'c', 'd', 'e'].map((name) => aTask(name, { work: 1 })),
    {
      streams: [
        aStream(anEnd(0), anEnd(1)),
        aStream(anEnd(0), anEnd(2)),
        aStream(anEnd(1), anEnd(3)),
        aStream(anEnd(2), anEnd(3)),
        aStream(anEnd(3), anEnd(4, 'firing', [2])),
        aStream(anEnd(4), anEnd(3, 'firing', [2]), { initial: 1 }),
      ],
    },
  );

  it('components come in topological order, cycles together', () => {
    expect(components(graph)).toEqual([[0], [1], [2], [3, 4]]);
  });

  it('a set is convex when no path leaves it and comes back', () => {
    expect(isConvex(graph, [0, 1])).toBe(true);
    expect(isConvex(graph, [1, 2])).toBe(true);
    expect(isConvex(graph, [0, 1, 3, 4])).toBe(false);
    expect(isConvex(graph, [3])).toBe(false);
    expect(isConvex(graph, [0, 1, 2, 3, 4])).toBe(true);
  });

  it('tasks without a number come as early as what they read from allows', () => {
    const drawn = aGraph(
      graph.tasks.map((task, index) => ({ ...task, stage: index === 2 ? 2 : 0 })),
      { streams: graph.streams },
    );
    const design = drawnDesign(drawn, aFabric([aCore('c', 16)]), 'as-built');
    expect(design.ok && design.value.stages.map(({ tasks }) => tasks.map(({ task }) => task))).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
  });
});

describe('what cannot be built', () => {
  const graph = aGraph([aTask('a', { work: 8, stage: 1 }), aTask('b', { work: 8, stage: 2 })], {
    streams: [aStream(anEnd(0), anEnd(1))],
  });
  const fabric = aFabric([aCore('c', 4)], { banks: [aBank('m', 64)] });
  const messages = (design: Design, on = fabric) => verifyDesign(graph, on, design).map(({ message }) => message);
  const share = (task: number, lanes: number) => ({ task, shares: [{ core: 0, lanes }] });
  const design = (...stages: Design['stages'][number]['tasks'][]): Design => ({
    mode: 'reconfigurable',
    variant: 'as-built',
    stages: stages.map((tasks) => ({ tasks })),
    spilled: [],
  });

  it('a task missing or twice, readers before writers, lanes a core has not', () => {
    expect(messages(design([share(0, 4)]))).toEqual(['“b” is in no stage']);
    expect(messages(design([share(1, 4)], [share(0, 4)]))).toEqual([
      '“b” is in stage 1, before “a” in stage 2, from which it reads',
    ]);
    expect(messages(design([share(0, 3), share(1, 3)]))).toEqual(['Tasks of stage 1 take 150 % of the lanes of “c”']);
  });

  it('a tensor the banks have no room for, with what is missing', () => {
    const full = aFabric(fabric.cores, { banks: [aBank('m', 1)] });
    expect(messages(design([share(0, 4)], [share(1, 4)]), full)).toEqual([
      'The banks have no room for “0-1” (2 B) from stage 1 to stage 2: they hold 1 B in all. More banks, stages nearer to each other, or off chip',
    ]);
  });

  it('tasks no core runs, and more tasks than lanes', () => {
    const none = dataflowDesign(aGraph([aTask('x', { work: 1, format: 'fp32' })]), fabric, 'ideal');
    expect(!none.ok && none.error.message).toBe('No compute core of the fabric runs “x” in fp32');
    const many = aGraph(Array.from({ length: 5 }, (_, index) => aTask(`t${index}`, { work: 1 })));
    const crowded = dataflowDesign(many, fabric, 'ideal');
    expect(!crowded.ok && crowded.error.message).toBe(
      'Stage 1 has 5 tasks at once, each in need of a lane; the cores they may run on offer 4. Give cores more lanes, let the tasks name more cores, or put some in another stage',
    );
    expect(sequentialDesign(many, fabric, 'ideal').ok).toBe(true);
  });
});
