/**
 * Mode search: processor time to the proven best partition of 20 tasks, by shape of the graph, on a fabric of two cores and a
 * special function unit, prices by the time model. What is not proven within the search's budgets is said with its gap.
 */
import { createRng, type Rng } from '#core/base/rng.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { graphProblem } from '#core/stages/search/graph-problem.ts';
import { type PartitionOptions, searchPartitions } from '#core/stages/search/partitions.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { attention, fabricOf, offChip, per, stream, task } from '../property/modes-graphs.ts';
import { distribution, HEADER, machineLine, row } from '../support/measure.ts';

type Edge = readonly [from: number, to: number];

const TASKS = 20;
const SEEDS = 10;

const chain = (): Edge[] => Array.from({ length: TASKS - 1 }, (_, at) => [at, at + 1]);
const tree = (): Edge[] => Array.from({ length: TASKS - 1 }, (_, at) => [at >> 1, at + 1]);
/** Fork, two arms, join; again and again. */
const diamonds = (): Edge[] => {
  const edges: Edge[] = [];
  for (let at = 0; at + 3 < TASKS; at += 3) edges.push([at, at + 1], [at, at + 2], [at + 1, at + 3], [at + 2, at + 3]);
  edges.push([TASKS - 2, TASKS - 1]);
  return edges;
};
/** Layers of four, each task fed by one or two of the layer before. */
const layered = (rng: Rng): Edge[] => {
  const edges: Edge[] = [];
  for (let at = 4; at < TASKS; at++) {
    const first = rng.below(4);
    const layer = (at >> 2) * 4 - 4;
    edges.push([layer + first, at]);
    if (rng.below(2) === 0) edges.push([layer + ((first + 1 + rng.below(3)) % 4), at]);
  }
  return edges;
};
const star = (): Edge[] => Array.from({ length: TASKS - 1 }, (_, at) => [0, at + 1]);
const none = (): Edge[] => [];

/** Works and barriers by chance; `alike`: all of one kind. */
function graphOf(edges: readonly Edge[], rng: Rng, alike: boolean, count = TASKS): TaskGraph {
  const tasks = Array.from({ length: count }, (_, index) =>
    task(`T${index}`, {
      firings: 256,
      work: alike ? 4096 : 256 * (1 + rng.below(64)),
      unroll: alike ? 16 : 8 << rng.below(3),
    }),
  );
  return {
    title: '',
    tasks,
    streams: edges.map(([from, to], index) => {
      const whole = rng.below(4) === 0;
      return stream(`s${index}`, per(from, 'firing', 1), whole ? per(to, 'task', 256) : per(to, 'firing', 1), 8);
    }),
    tensors: tasks.map((_, index) =>
      offChip(`w${index}`, alike ? 65536 : 4096 * (1 + rng.below(64)), index, 'load', 'async'),
    ),
    note: null,
  };
}

const mip = await loadHighs();
console.log(machineLine());
console.log(HEADER);

function measure(title: string, build: (rng: Rng) => TaskGraph, options: Partial<PartitionOptions> = {}): void {
  for (const variant of ['as-built', 'ideal'] as const) {
    const values: number[] = [];
    const found: { gap: number; isProven: boolean; states: number; steps: number; prices: number }[] = [];
    for (let seed = 0; seed < SEEDS; seed++) {
      const graph = build(createRng(seed));
      const fabric = fabricOf([16, 16], 1 << 20, { channel: { bytesPerTick: 4 } });
      const run = () =>
        searchPartitions(graphProblem(graph, fabric, variant, 'cycles').problem, { count: 4, ...options });
      if (seed === 0) run();
      const before = process.cpuUsage();
      const result = run();
      const { user, system } = process.cpuUsage(before);
      values.push((user + system) / 1000);
      const cost = result.partitions[0]!.cost.primary;
      found.push({ gap: (cost - result.bound) / cost, isProven: result.isProven, ...result.counts });
    }
    console.log(row(`${title}, ${variant}`, distribution(values), 'ms'));
    const most = (pick: (one: (typeof found)[number]) => number) => Math.max(...found.map(pick)).toLocaleString('en');
    const proven = found.filter(({ isProven }) => isProven).length;
    const gap = (100 * Math.max(...found.map((one) => one.gap))).toFixed(3);
    console.log(
      `  proven ${proven} of ${SEEDS}, largest gap ${gap} %; at most ${most((one) => one.states)} downsets, ${most((one) => one.steps)} pairs, ${most((one) => one.prices)} prices`,
    );
  }
}

measure('attention, 6 tasks', () => attention());
measure('chain of 20', (rng) => graphOf(chain(), rng, false));
measure('binary tree of 20', (rng) => graphOf(tree(), rng, false));
measure('diamonds, 20 tasks', (rng) => graphOf(diamonds(), rng, false));
measure('layered random, 20 tasks', (rng) => graphOf(layered(rng), rng, false));
measure('antichain of 20 alike', (rng) => graphOf(none(), rng, true));
measure('star of 20', (rng) => graphOf(star(), rng, false));
measure('antichain of 20', (rng) => graphOf(none(), rng, false));
const long = (rng: Rng) =>
  graphOf(
    Array.from({ length: 39 }, (_, at): Edge => [Math.max(0, at - rng.below(2)), at + 1]),
    rng,
    false,
    40,
  );
measure('40 tasks, set partition', long, { mip, columnLimit: 1000, nodeLimit: 200 });
