/**
 * What would make a run shorter: edits of a drawing, each with the makespan it is predicted to give. Depths are predicted
 * by simulating them (exact); the rest from the time the critical path spends on what they change, scaled by the
 * time model (an estimate: where the path then goes elsewhere, less is gained). `verifyLever` simulates any of them.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { lanesId } from '#core/catalog/fabric/common.ts';
import type { NetworkRun } from '#core/simulate/network/run.ts';
import type { BuiltNetwork } from '#core/stages/build.ts';
import type { ConsideredDesign } from '#core/stages/design.ts';
import { allocate, spilledStreams } from '#core/stages/modes.ts';
import { tensorBytes } from '#core/stages/off-chip.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { computeTicks, timeModel, transferTicks } from '#core/stages/time.ts';
import type { OffChipEnd, Task } from '#core/taskgraph/task-graph.ts';
import { roomsOf } from './critical-path.ts';
import { type DesignInputs, designSizing, sizedFifos, subjectOfDesign } from './design.ts';
import { explainStalls, type StallExplanation } from './explain.ts';
import { Grid } from './grid.ts';
import { leastDepth } from './least-depth.ts';
import type { Lever } from './lever.ts';
import { isMonotone } from './subject.ts';
import { Trials } from './trial.ts';

export interface LeverBench extends DesignInputs {
  readonly built: BuiltNetwork;
  /** With a trace. */
  readonly run: NetworkRun;
  /** Ids of the two documents. */
  readonly documents: { readonly tasks: string; readonly fabric: string };
  readonly considered?: readonly ConsideredDesign[];
}

/** A lever, and what it makes of the inputs. */
export interface Candidate {
  readonly lever: Lever;
  readonly changed: DesignInputs;
}

/** Simulations for depths, and their events, at most: so that levers of a long run are not longer in coming than the run. */
const SIMULATIONS = 120;
const EVENTS = 4_000_000;
/** Of the makespan: who gains less is not worth a line. */
const LEAST_GAIN = 0.001;
/** Of the critical path: what takes less is not worth a lever. */
const WORTH = 0.02;

/** Largest gain first, an edit once; none where the run deadlocked. Those that gain nothing are left out. */
export function leversOf(bench: LeverBench, control: Control = uncontrolled): readonly Candidate[] {
  if (bench.run.deadlock || !bench.run.trace) return [];
  const explained = explainStalls(subjectOfDesign(bench, bench.built), bench.run);
  const ranked = [
    ...depthLevers(bench, explained, control),
    ...computeLevers(bench, explained),
    ...memoryLevers(bench, explained),
    ...bankLevers(bench, explained),
    ...modeLevers(bench),
  ]
    .filter(({ lever }) => lever.predictedCycles <= bench.run.makespan * (1 - LEAST_GAIN))
    .sort(({ lever: a }, { lever: b }) => a.predictedCycles - b.predictedCycles || (a.id < b.id ? -1 : 1));
  const seen = new Set<string>();
  return ranked.filter(({ lever: { id } }) => !seen.has(id) && seen.add(id));
}

/** Simulates the drawing as the lever makes it. Fails as simulateDesign does; Infinity where it deadlocks. */
export function verifyLever({ lever, changed }: Candidate, control: Control = uncontrolled): Result<Lever, Problem> {
  const simulated = simulateDesign(changed.graph, changed.fabric, changed.design, { cancelled: control.cancelled });
  if (!simulated.ok) return simulated;
  const { deadlock, makespan } = simulated.value.run;
  return ok({ ...lever, simulatedCycles: deadlock ? Number.POSITIVE_INFINITY : makespan });
}

function candidate(
  lever: Omit<Lever, 'id' | 'simulatedCycles'>,
  changed: DesignInputs,
  simulatedCycles: number | null = null,
): Candidate {
  const predictedCycles = Math.max(0, Math.round(lever.predictedCycles));
  return {
    lever: {
      ...lever,
      predictedCycles,
      simulatedCycles,
      id: `${lever.node}.${lever.parameter}=${String(lever.value)}`,
    },
    changed,
  };
}

/** Streams the critical path waits for room in: the least depth alone that gives all that depth can give alone. */
function depthLevers(bench: LeverBench, { path }: StallExplanation, control: Control): readonly Candidate[] {
  const { graph, built, run, documents } = bench;
  if (!path) return [];
  const sizing = designSizing(bench, built);
  const sized = sizedFifos(built);
  const now = built.network.fifos.map(({ capacity }) => capacity);
  const gated = sized.filter((fifo) => now[fifo]! < (sizing.gates[fifo]!.at(-1) ?? 0));
  const rooms = new Set([...roomsOf(path), ...gated]);
  const trials = new Trials(built.network, control.cancelled, sizing);
  const from = trials.learn(now, built.network, run);
  const grid = new Grid(trials, sized);
  const isSpent = () => trials.runs >= SIMULATIONS || trials.events >= EVENTS;
  const hasOrder = isMonotone(built.network);
  const found: Candidate[] = [];
  for (const fifo of sized) {
    if (!rooms.has(fifo) || isSpent()) continue;
    const enough = leastDepth(trials, grid, from, fifo, isSpent);
    if (control.cancelled()) return found;
    if (!enough) continue;
    const { depth, makespan, isLeast } = enough;
    const index = built.streamOf[fifo]!;
    const stream = graph.streams[index]!;
    found.push(
      candidate(
        {
          title: `Make ${stream.name} ${depth.toLocaleString('en-GB')} deep instead of ${stream.depth.toLocaleString('en-GB')}`,
          document: documents.tasks,
          node: stream.node,
          parameter: 'depth',
          value: depth,
          predictedCycles: makespan,
          basis: 'exact',
          method: `Simulated with this depth; ${!isLeast ? 'a smaller one may do' : hasOrder ? 'no smaller one alone gives as much' : 'the next smaller one gives less'}.`,
        },
        { ...bench, graph: { ...graph, streams: graph.streams.with(index, { ...stream, depth }) } },
        makespan,
      ),
    );
  }
  return found;
}

/** Tasks that compute on the critical path: loops flattened, less unrolling limit, more lanes. */
function computeLevers(bench: LeverBench, { pathShares }: StallExplanation): readonly Candidate[] {
  const { graph, fabric, design, built, run, documents } = bench;
  const found: Candidate[] = [];
  const before = timeModel(graph, fabric, design.variant);
  for (const { process, state, ticks, share } of pathShares) {
    if (state !== 'busy' || share < WORTH) continue;
    const index = built.taskOf[process]!;
    const task = graph.tasks[index]!;
    const supply = built.supplyOf[index]!;
    const now = computeTicks(before, index, supply);
    if (task.times.length > 0 || now <= 0) continue;
    const edit = (title: string, parameter: string, value: ParameterValue, changed: Task) => {
      const next = { ...bench, graph: { ...graph, tasks: graph.tasks.with(index, changed) } };
      const then = computeTicks(timeModel(next.graph, fabric, design.variant), index, supply);
      found.push(
        candidate(
          {
            title,
            document: documents.tasks,
            node: task.node,
            parameter,
            value,
            predictedCycles: Math.max(busiestOther(run, [process]), run.makespan - ticks * (1 - then / now)),
            basis: 'estimate',
            method: `Its computing on the critical path, scaled by the time model from ${now.toLocaleString('en-GB')} to ${then.toLocaleString('en-GB')} cycles.`,
          },
          reallocated(next),
        ),
      );
    };
    if (design.variant === 'as-built' && !task.nest.isFlattened)
      edit(`Flatten the loops of ${task.name}`, 'flattened', true, {
        ...task,
        nest: { ...task.nest, isFlattened: true },
      });
    if (design.variant === 'as-built' && task.unroll > 0 && task.unroll < supply.lanes)
      edit(`Unroll ${task.name} over all ${supply.lanes} lanes it has`, 'unroll', supply.lanes, {
        ...task,
        unroll: supply.lanes,
      });
    else found.push(...laneLever(bench, index, ticks, now));
  }
  return found;
}

/** What the others compute, whatever is made faster: no run is shorter. */
function busiestOther({ processes }: NetworkRun, changed: readonly number[]): number {
  return processes.reduce((most, { busy }, process) => (changed.includes(process) ? most : Math.max(most, busy)), 0);
}

/** Twice the lanes on the core that gives a task most of its own. */
function laneLever(bench: LeverBench, index: number, ticks: number, now: number): readonly Candidate[] {
  const { graph, fabric, design, built, run, documents } = bench;
  const task = graph.tasks[index]!;
  const shares = design.stages.flatMap(({ tasks }) => tasks).find((placed) => placed.task === index)?.shares ?? [];
  const [most] = [...shares].sort((one, other) => other.lanes - one.lanes || one.core - other.core);
  if (!most) return [];
  const core = fabric.cores[most.core]!;
  const lanes = 2 * (core.lanes[task.format] ?? 0);
  const cores = fabric.cores.with(most.core, { ...core, lanes: { ...core.lanes, [task.format]: lanes } });
  const next = reallocated({ ...bench, fabric: { ...fabric, cores } });
  const supply = { ...built.supplyOf[index]!, lanes: built.supplyOf[index]!.lanes + most.lanes };
  const then = computeTicks(timeModel(graph, next.fabric, design.variant), index, supply);
  const onCore = design.stages.flatMap(({ tasks }) =>
    tasks
      .filter((placed) => placed.shares.some((share) => share.core === most.core))
      .map((placed) => built.processOf[placed.task]!),
  );
  return [
    candidate(
      {
        title: `Give ${core.name} ${lanes.toLocaleString('en-GB')} ${task.format} lanes, for ${task.name}`,
        document: documents.fabric,
        node: core.node,
        parameter: lanesId(task.format),
        value: lanes,
        predictedCycles: Math.max(busiestOther(run, onCore), run.makespan - ticks * (1 - then / now)),
        basis: 'estimate',
        method: `The computing of ${task.name} on the critical path, scaled by the time model; other tasks on ${core.name} may gain too.`,
      },
      next,
    ),
  ];
}

/** Off-chip waits on the critical path: a faster way to ask, a wider channel. */
function memoryLevers(bench: LeverBench, { pathShares }: StallExplanation): readonly Candidate[] {
  const { graph, fabric, design, built, run, documents } = bench;
  const found: Candidate[] = [];
  const waits = pathShares.filter(({ state, share }) => (state === 'load' || state === 'store') && share >= WORTH);
  const channelOf = ({ on }: (typeof waits)[number]) => fabric.channels.findIndex(({ node }) => node === on?.node);

  graph.tensors.forEach((tensor, index) => {
    const owners = design.variant === 'ideal' ? [] : [...new Set(tensor.ends.map(({ by }) => by))];
    for (const [owner, access] of owners.flatMap((each) =>
      (['burst', 'async'] as const).map((to) => [each, to] as const),
    )) {
      const isBetter = ({ by, access: from }: OffChipEnd) =>
        by === owner && from !== access && (access === 'async' || from === 'blocking');
      if (!tensor.ends.some(isBetter)) continue;
      let gained = 0;
      for (const wait of waits) {
        const task = built.taskOf[wait.process]!;
        const mine = built.accesses[task]!.filter(
          ({ direction, channel }) => direction === wait.state && channel === channelOf(wait),
        );
        const isChanged = (one: (typeof mine)[number]) => one.tensor === index && isBetter(tensor.ends[one.end]!);
        const now = mine.reduce((sum, one) => sum + ticksOf(bench, one, one.access), 0);
        const then = mine.reduce((sum, one) => sum + ticksOf(bench, one, isChanged(one) ? access : one.access), 0);
        if (now > 0) gained += wait.ticks * (1 - then / now);
      }
      if (gained <= 0) continue;
      // Its own access is that of all its ends; one drawn between is of one task.
      const task = owner === undefined ? null : graph.tasks[tensor.ends.find(({ by }) => by === owner)!.task]!;
      const what = task === null ? tensor.name : `${tensor.name} of ${task.name}`;
      const ends = tensor.ends.map((end) => (isBetter(end) ? { ...end, access } : end));
      found.push(
        candidate(
          {
            title: access === 'burst' ? `Move ${what} in bursts` : `Move ${what} asynchronously, double buffered`,
            document: documents.tasks,
            node: owner ?? tensor.node,
            parameter: 'access',
            value: access,
            predictedCycles: run.makespan - gained,
            basis: 'estimate',
            method: 'Its waits on the critical path, scaled by the ticks of its transfers one way and the other.',
          },
          { ...bench, graph: { ...graph, tensors: graph.tensors.with(index, { ...tensor, ends }) } },
        ),
      );
    }
  });

  const byChannel = new Map<number, number>();
  for (const wait of waits) byChannel.set(channelOf(wait), (byChannel.get(channelOf(wait)) ?? 0) + wait.ticks);
  for (const [index, ticks] of byChannel) {
    const channel = fabric.channels[index];
    if (!channel) continue;
    const bytesPerTick = 2 * channel.bytesPerTick;
    const wider = { ...fabric, channels: fabric.channels.with(index, { ...channel, bytesPerTick }) };
    const all = built.accesses.flat().filter((access) => access.channel === index);
    const sum = (on: DesignInputs) => all.reduce((total, access) => total + ticksOf(on, access, access.access), 0);
    const [now, then] = [sum(bench), sum({ ...bench, fabric: wider })];
    const gigabytes = Number(((bytesPerTick * fabric.clockHertz) / 1e9).toPrecision(12));
    if (now > 0)
      found.push(
        candidate(
          {
            title: `Make ${channel.name} twice as wide: ${Number(gigabytes.toPrecision(4))} GB/s`,
            document: documents.fabric,
            node: channel.node,
            parameter: 'gigabytesPerSecond',
            value: gigabytes,
            predictedCycles: run.makespan - ticks * (1 - then / now),
            basis: 'estimate',
            method:
              'Waits for it on the critical path, scaled by the ticks of all its transfers at both widths; latency stays.',
          },
          { ...bench, fabric: wider },
        ),
      );
  }
  return found;
}

/** What a task waits for the transfers of one access in a run, the channel to itself; stores that are not waited for: 0. */
function ticksOf(
  { fabric }: DesignInputs,
  { channel, direction, bytes, beatBytes }: BuiltNetwork['accesses'][number][number],
  access: 'blocking' | 'burst' | 'async',
): number {
  const on = fabric.channels[channel];
  if (!on) return 0;
  const total = bytes.each * bytes.units + bytes.extra;
  // Requested ahead, latency is hidden and the channel itself is what is left.
  if (access === 'async') return Math.ceil(total / on.bytesPerTick);
  const larger = bytes.extra * transferTicks(on, direction, bytes.each + 1, access, beatBytes);
  return larger + (bytes.units - bytes.extra) * transferTicks(on, direction, bytes.each, access, beatBytes);
}

/** Room in a bank for what is spilled. */
function bankLevers(bench: LeverBench, { pathShares }: StallExplanation): readonly Candidate[] {
  const { graph, fabric, design, built, run, documents } = bench;
  const [bank] = [...fabric.banks.keys()].sort(
    (one, other) => fabric.banks[other]!.capacityBytes - fabric.banks[one]!.capacityBytes,
  );
  if (bank === undefined) return [];
  return design.spilled.flatMap((index): readonly Candidate[] => {
    const stream = graph.streams[index]!;
    const drawn = fabric.banks[bank]!;
    const capacityBytes = drawn.capacityBytes + tensorBytes(stream, graph);
    const banks = fabric.banks.with(bank, { ...drawn, capacityBytes });
    const next = { ...bench, fabric: { ...fabric, banks } };
    const spilled = spilledStreams(graph, next.fabric, design.stages);
    if (spilled.includes(index)) return [];
    let gained = 0;
    for (const wait of pathShares) {
      if (wait.state !== 'load' && wait.state !== 'store') continue;
      const mine = built.accesses[built.taskOf[wait.process]!]!.filter(({ direction }) => direction === wait.state);
      const all = mine.reduce((sum, access) => sum + ticksOf(bench, access, access.access), 0);
      const gone = mine
        .filter((access) => access.stream === index)
        .reduce((sum, access) => sum + ticksOf(bench, access, access.access), 0);
      if (all > 0) gained += (wait.ticks * gone) / all;
    }
    return [
      candidate(
        {
          title: `Enlarge ${drawn.name} so that ${stream.name} stays on chip`,
          document: documents.fabric,
          node: drawn.node,
          parameter: 'capacityBytes',
          value: capacityBytes,
          predictedCycles: run.makespan - gained,
          basis: 'estimate',
          method: 'Waits on the critical path for storing and loading it again fall away.',
        },
        { ...next, design: { ...design, spilled } },
      ),
    ];
  });
}

/** Another mode that was considered and is better, where the drawing says which one it is for. */
function modeLevers({ graph, fabric, design, run, documents, considered = [] }: LeverBench): readonly Candidate[] {
  const { note } = graph;
  if (!note) return [];
  const cycles = ({ simulated, predicted }: ConsideredDesign) => simulated ?? predicted;
  const [best] = considered
    .filter(({ mode }) => mode !== design.mode)
    .sort((one, other) => cycles(one) - cycles(other));
  if (!best || cycles(best) >= run.makespan) return [];
  const changed = { graph: { ...graph, note: { ...note, mode: best.mode } }, fabric, design: best.design };
  return [
    candidate(
      {
        title: `Run it ${best.mode === 'dataflow' ? 'as dataflow' : best.mode === 'sequential' ? 'one task after the other' : 'reconfigured'}`,
        document: documents.tasks,
        node: note.node,
        parameter: 'mode',
        value: best.mode,
        predictedCycles: cycles(best),
        basis: best.simulated === null ? 'estimate' : 'exact',
        method: best.simulated === null ? 'The time model of that design.' : 'That design was simulated.',
      },
      changed,
      best.simulated,
    ),
  ];
}

/** The same stages with lanes shared out anew, as a run of the changed drawing does. */
function reallocated({ graph, fabric, design }: DesignInputs): DesignInputs {
  const stages = design.stages.map((stage) => {
    const tasks = allocate(
      graph,
      fabric,
      stage.tasks.map(({ task }) => task),
      design.variant,
    );
    return tasks ? { tasks } : stage;
  });
  return { graph, fabric, design: { ...design, stages, spilled: spilledStreams(graph, fabric, stages) } };
}
