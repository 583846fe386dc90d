/**
 * Deadlocks in words, and mended where they can be. Artificial: a full FIFO is on the cycle of waits; the smallest is
 * grown until the network runs (Parks, Bounded Scheduling of Process Networks, 1995, section 4.2), then every grown one is
 * cut back to what is needed. True: nobody on the cycle waits for room, so no depths help, and that is the proof.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type Fix, type Problem, problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import type { Deadlock } from '#core/simulate/network/run.ts';
import { Grid } from './grid.ts';
import { endsOf, type Label, type Sizing, type Subject } from './subject.ts';
import { fullFifosOf, Trials } from './trial.ts';

/** One wait of the cycle: `process` waits for `awaited`, the next one. */
export interface CycleStep {
  readonly process: number;
  readonly task: Label;
  readonly waitsFor: 'data' | 'room' | 'lock' | 'barrier' | 'memory';
  /** FIFO it waits at, and the stream drawn for it; −1 and null where it waits for something else. */
  readonly fifo: number;
  readonly stream: Label | null;
  /** Null: nobody that still runs. */
  readonly awaited: Label | null;
}

export interface Resolution {
  /** Depths that end it, of the FIFOs that were grown. */
  readonly grown: readonly { readonly fifo: number; readonly from: number; readonly to: number }[];
  /** Makespan with them. */
  readonly makespan: number;
}

export interface DeadlockExplanation {
  readonly kind: 'artificial' | 'true';
  readonly tick: number;
  /** In order of the cycle; where there is none, all that wait. */
  readonly steps: readonly CycleStep[];
  /** Null where no depths help (kind true, or a true one lies behind), or it was cancelled. */
  readonly resolution: Resolution | null;
  readonly finding: Problem;
}

export function cycleSteps({ network, processes, fifos }: Subject, { cycle, waits }: Deadlock): readonly CycleStep[] {
  const ends = endsOf(network);
  const members = cycle.length > 0 ? cycle : waits.map(({ process }) => process);
  return members.flatMap((process, index): CycleStep[] => {
    const wait = waits.find((other) => other.process === process);
    if (!wait) return [];
    const { state, on } = wait;
    const atFifo = state === 'get' || state === 'put';
    const other = atFifo ? (state === 'get' ? ends.writer : ends.reader)[on]! : cycle[(index + 1) % cycle.length];
    return [
      {
        process,
        task: processes[process]!,
        waitsFor:
          state === 'get'
            ? 'data'
            : state === 'put'
              ? 'room'
              : state === 'lock' || state === 'barrier'
                ? state
                : 'memory',
        fifo: atFifo ? on : -1,
        stream: atFifo ? fifos[on]! : null,
        awaited: processes[other ?? -1] ?? null,
      },
    ];
  });
}

/** FIFOs that may be grown: those with a bound that stand for something drawn, or all of a network nothing is drawn for. */
export interface ResolveOptions {
  readonly sized?: readonly number[];
  readonly sizing?: Sizing;
  /** Simulations at most; default 400. */
  readonly simulations?: number;
}

/** Grows full FIFOs until `subject` runs, with as little as each needs then. Null where no depths help, or it was stopped. */
export function resolveDeadlock(
  subject: Subject,
  options: ResolveOptions = {},
  control: Control = uncontrolled,
): Resolution | null {
  const { network } = subject;
  const sized = options.sized ?? network.fifos.flatMap(({ capacity }, index) => (capacity === Infinity ? [] : [index]));
  const limit = options.simulations ?? 400;
  const trials = new Trials(network, control.cancelled, options.sizing);
  const grid = new Grid(trials, sized);
  const start = network.fifos.map(({ capacity }) => capacity);
  const grownOften = network.fifos.map(() => 0);
  let depths: readonly number[] = start;
  let trial = trials.at(depths);
  while (trial && trial.makespan === Number.POSITIVE_INFINITY) {
    if (trials.runs >= limit) return null;
    const full = trial.cut.filter((fifo) => grid.isSized(fifo) && depths[fifo]! < grid.most(fifo));
    if (full.length === 0) return null;
    const smallest = full.reduce((best, fifo) => (depths[fifo]! < depths[best]! ? fifo : best));
    const depth = depths[smallest]!;
    // Step by step first; what still is too small then is doubled, and cut back below.
    const next = grownOften[smallest]!++ < 4 ? grid.next(smallest, depth) : grid.up(smallest, 2 * depth);
    depths = depths.with(smallest, Math.min(next, grid.most(smallest)));
    trial = trials.at(depths);
    control.report({ phase: 'stalls.deadlock', fraction: trials.runs / limit, message: 'growing full FIFOs' });
  }
  if (!trial) return null;
  for (const fifo of sized) {
    if (depths[fifo]! === start[fifo]!) continue;
    const least = grid.search(fifo, start[fifo]!, depths[fifo]!, (depth) => {
      const shorter = trials.at(depths.with(fifo, depth));
      return shorter && shorter.makespan < Number.POSITIVE_INFINITY;
    });
    if (least === null) return null;
    depths = depths.with(fifo, least);
  }
  const makespan = trials.at(depths)?.makespan;
  if (makespan === undefined) return null;
  const grown = sized.flatMap((fifo) =>
    depths[fifo] === start[fifo] ? [] : [{ fifo, from: start[fifo]!, to: depths[fifo]! }],
  );
  return { grown, makespan };
}

/** A stuck run of `subject` in words, with the depths that end it. */
export function explainDeadlock(
  subject: Subject,
  deadlock: Deadlock,
  options: ResolveOptions = {},
  control: Control = uncontrolled,
): DeadlockExplanation {
  const steps = cycleSteps(subject, deadlock);
  const canGrow = fullFifosOf(deadlock, endsOf(subject.network)).length > 0;
  const resolution = canGrow ? resolveDeadlock(subject, options, control) : null;
  const kind = canGrow ? 'artificial' : 'true';
  const chain = steps.map((step) => sentenceOf(subject, step)).join('; ');
  const when = `At tick ${deadlock.tick.toLocaleString('en-GB')}`;
  const opening =
    deadlock.cycle.length > 1
      ? `${when} ${listed(steps.map(({ task }) => task.name))} wait for each other`
      : `${when} ${listed(steps.map(({ task }) => task.name))} ${steps.length === 1 ? 'waits' : 'wait'} for ever`;
  return {
    kind,
    tick: deadlock.tick,
    steps,
    resolution,
    finding: problem(
      `stalls.deadlock-${kind}`,
      `${opening}: ${chain}. ${remedy(subject, steps, kind, deadlock, resolution)}`,
      {
        where: { ...(steps[0]?.task.node ? { node: steps[0].task.node } : {}) },
        facts: Object.fromEntries(
          (resolution?.grown ?? []).map(({ fifo, from, to }) => [subject.fifos[fifo]!.name, `depth ${from} → ${to}`]),
        ),
        fixes: resolution ? fixOf(subject, resolution) : [],
      },
    ),
  };
}

function sentenceOf({ network }: Subject, { task, waitsFor, fifo, stream, awaited }: CycleStep): string {
  const other = awaited?.name ?? 'nobody';
  if (waitsFor === 'data') return `${task.name} waits for tokens of ${stream!.name} from ${other}`;
  if (waitsFor === 'room')
    return `${task.name} waits until ${other} makes room in ${stream!.name}, which is full with ${formatExact(network.fifos[fifo]!.capacity, '')}`;
  return `${task.name} waits ${waitsFor === 'memory' ? 'for off-chip memory' : `at a ${waitsFor}`}`;
}

function remedy(
  { fifos }: Subject,
  steps: readonly CycleStep[],
  kind: 'artificial' | 'true',
  { cycle }: Deadlock,
  resolution: Resolution | null,
): string {
  if (resolution) {
    const changes = resolution.grown.map(({ fifo, from, to }) => `${fifos[fifo]!.name} from ${from} to ${to}`);
    return `The deadlock is artificial, a FIFO is too short: with ${listed(changes)} it runs, in ${formatExact(resolution.makespan, 'cycles')}`;
  }
  if (kind === 'artificial') return 'A full FIFO is part of it, but no depths that were tried make it run';
  if (cycle.length === 0) return 'What they wait for has ended: the rates of its two ends do not match';
  const [first] = steps.flatMap(({ stream }) => (stream ? [stream.name] : []));
  return `The deadlock is a true one: nobody waits for room, so no FIFO depth helps. The cycle needs tokens to begin with${first ? `, for example in ${first}` : ''}`;
}

function fixOf({ fifos }: Subject, { grown }: Resolution): readonly Fix[] {
  const edits = grown.flatMap(({ fifo, to }) => {
    const { node } = fifos[fifo]!;
    return node === null ? [] : [{ type: 'set-parameter' as const, node, parameter: 'depth', value: to }];
  });
  if (edits.length === 0) return [];
  return [{ title: `Make ${listed(grown.map(({ fifo, to }) => `${fifos[fifo]!.name} ${to}`))} deep`, edits }];
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
