/**
 * Whether a design can be built: every task once, stages convex and in order, lanes within the cores, formats and operations
 * the cores have, tensors between stages within the banks, each stage within the device. Each problem says which stage, by how much, and what would help.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import { resourceProblems, resourcesOf } from '#core/fabric/resources.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { allowedCores } from './allocate.ts';
import type { Design, Stage } from './design.ts';
import { tensorAccesses, tensorBytes } from './off-chip.ts';
import { followers, isConvex } from './order.ts';
import { placeTensors, stagesOfTasks } from './spill.ts';
import { needsLanes } from './ticks.ts';

/** Empty where the design can be built. */
export function verifyDesign(graph: TaskGraph, fabric: Fabric, design: Design): readonly Problem[] {
  return [
    ...membership(graph, design),
    ...precedence(graph, design),
    ...design.stages.flatMap((stage, index) => lanes(graph, fabric, stage, index)),
    ...channels(graph, fabric, design),
    ...memory(graph, fabric, design),
    ...(fabric.device ? resourceProblems(graph, resourcesOf(graph, fabric, design)) : []),
  ];
}

function membership(graph: TaskGraph, { stages }: Design): readonly Problem[] {
  const times = graph.tasks.map(() => 0);
  for (const { tasks } of stages) for (const { task } of tasks) times[task]!++;
  return graph.tasks.flatMap(({ name, node }, task) =>
    times[task] === 1
      ? []
      : [
          problem(
            'stages.task-not-once',
            times[task] === 0 ? `“${name}” is in no stage` : `“${name}” is in ${times[task]} stages`,
            { where: { node }, facts: { stages: times[task]! } },
          ),
        ],
  );
}

function precedence(graph: TaskGraph, { stages }: Design): readonly Problem[] {
  const stageOf = stagesOfTasks(graph, stages);
  const problems: Problem[] = [];
  followers(graph).forEach((after, task) => {
    for (const follower of after) {
      const [from, to] = [stageOf[task]!, stageOf[follower]!];
      if (from === -1 || to === -1 || from <= to) continue;
      const [writer, reader] = [graph.tasks[task]!, graph.tasks[follower]!];
      problems.push(
        problem(
          'stages.wrong-order',
          `“${reader.name}” is in stage ${to + 1}, before “${writer.name}” in stage ${from + 1}, from which it reads`,
          { where: { node: reader.node }, facts: { reader: to + 1, writer: from + 1 } },
        ),
      );
    }
  });
  stages.forEach(({ tasks }, index) => {
    if (
      isConvex(
        graph,
        tasks.map(({ task }) => task),
      )
    )
      return;
    problems.push(
      problem('stages.not-convex', `Stage ${index + 1} is not convex: a path leaves it and comes back`, {
        facts: { stage: index + 1 },
      }),
    );
  });
  return problems;
}

/** Shares of cores that do not sum to more than the core, but for rounding. */
const ROUNDING = 1e-9;

function lanes(graph: TaskGraph, fabric: Fabric, { tasks }: Stage, stage: number): readonly Problem[] {
  const problems: Problem[] = [];
  const used = fabric.cores.map(() => 0);
  for (const { task, shares } of tasks) {
    const { name, node, operation, format, cores } = graph.tasks[task]!;
    if (shares.length === 0 && needsLanes(graph.tasks[task]!))
      problems.push(problem('stages.no-lanes', `“${name}” has no lanes in stage ${stage + 1}`, { where: { node } }));
    for (const share of shares) {
      const core = fabric.cores[share.core]!;
      const offered = core.lanes[format] ?? 0;
      if (core.operation !== operation || offered === 0 || (cores.length > 0 && !cores.includes(core.name)))
        problems.push(
          problem('stages.wrong-core', `“${name}” (${operation}, ${format}) does not run on “${core.name}”`, {
            where: { node },
          }),
        );
      used[share.core]! += offered === 0 ? 0 : share.lanes / offered;
    }
  }
  fabric.cores.forEach((core, index) => {
    if (used[index]! <= 1 + ROUNDING) return;
    problems.push(
      problem(
        'stages.too-many-lanes',
        `Tasks of stage ${stage + 1} take ${Math.round(100 * used[index]!)} % of the lanes of “${core.name}”`,
        { where: { node: core.node }, facts: { stage: stage + 1, used: used[index]!, offered: 1 } },
      ),
    );
  });
  return problems;
}

function channels(graph: TaskGraph, fabric: Fabric, { variant, spilled }: Design): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { tensor, task, channel } of tensorAccesses(graph, fabric, variant)) {
    if (channel !== -1) continue;
    const { name, node } = graph.tensors[tensor]!;
    problems.push(
      problem(
        'stages.no-channel',
        fabric.channels.length === 0
          ? `“${name}” lies off chip, and the fabric has no off-chip channel`
          : `“${name}” names a channel for “${graph.tasks[task]!.name}” that the fabric does not have`,
        { where: { node } },
      ),
    );
  }
  if (spilled.length > 0 && fabric.channels.length === 0)
    problems.push(
      problem(
        'stages.no-channel',
        `The banks have no room for “${graph.streams[spilled[0]!]!.name}” between stages, and the fabric has no off-chip channel`,
        { where: { node: graph.streams[spilled[0]!]!.node } },
      ),
    );
  return problems;
}

function memory(graph: TaskGraph, fabric: Fabric, { stages, spilled }: Design): readonly Problem[] {
  const stageOf = stagesOfTasks(graph, stages);
  const capacity = fabric.banks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  return placeTensors(graph, fabric, stages, spilled).spilled.flatMap((stream) => {
    const drawn = graph.streams[stream]!;
    const { name, node, from, to } = drawn;
    const bytes = tensorBytes(drawn, graph);
    const [first, last] = [stageOf[from.task]! + 1, stageOf[to.task]! + 1];
    return [
      problem(
        'stages.no-room',
        `The banks have no room for “${name}” (${bytes} B) from stage ${first} to stage ${last}: they hold ${capacity} B in all. More banks, stages nearer to each other, or off chip`,
        { where: { node }, facts: { demand: bytes, capacity, first, last } },
      ),
    ];
  });
}

/** Why lanes could not be allocated to a stage: a task no core can run, or more tasks than lanes. */
export function doesNotFit(graph: TaskGraph, fabric: Fabric, tasks: readonly number[], stage: number): Problem {
  for (const task of tasks) {
    const drawn = graph.tasks[task]!;
    if (!needsLanes(drawn) || allowedCores(drawn, fabric).length > 0) continue;
    const { name, node, operation, format, cores } = drawn;
    const kind = operation === 'mac' ? 'compute core' : 'special-function unit';
    return problem(
      'stages.no-core',
      cores.length > 0
        ? `“${name}” names ${cores.map((core) => `“${core}”`).join(', ')}: no ${kind} of that name runs ${format}`
        : `No ${kind} of the fabric runs “${name}” in ${format}`,
      { where: { node } },
    );
  }
  const working = tasks.filter((task) => needsLanes(graph.tasks[task]!));
  const cores = [...new Set(working.flatMap((task) => allowedCores(graph.tasks[task]!, fabric)))];
  const offered = cores.reduce((sum, core) => sum + Math.max(0, ...Object.values(fabric.cores[core]!.lanes)), 0);
  return problem(
    'stages.too-few-lanes',
    `Stage ${stage + 1} has ${working.length} tasks at once, each in need of a lane; the cores they may run on offer ${offered}. Give cores more lanes, let the tasks name more cores, or put some in another stage`,
    { facts: { stage: stage + 1, tasks: working.length, lanes: offered } },
  );
}
