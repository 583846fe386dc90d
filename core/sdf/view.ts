/** Analyses as JSON: names for indices, fractions as texts, numbers beyond 2^53 as texts. */
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import { analyseSdf } from './analyse.ts';
import { type BufferOptions, bufferStudy } from './buffers.ts';
import { type Fraction, fractionText } from './fraction.ts';
import type { SdfGraph } from './graph.ts';
import type { Lack } from './iteration.ts';

export interface AnalysisView {
  readonly name: string;
  readonly consistent: boolean;
  readonly inconsistency: { readonly channel: string; readonly message: string } | null;
  /** Firings of each actor in one iteration; rounds · phases of a cyclo-static actor. */
  readonly repetition: Readonly<Record<string, number | string>> | null;
  readonly repetitionSum: number | string | null;
  /** Null where it cannot be told. */
  readonly deadlock: boolean | null;
  readonly deadlockCycle: readonly LackView[] | null;
  /** Iterations a tick: `p/q`, `0` on deadlock, `infinity` where no cycle takes time, null when inconsistent or not known. */
  readonly throughput: string | null;
  /** Of a cycle that limits it. */
  readonly critical: { readonly actors: readonly string[]; readonly channels: readonly string[] } | null;
  /** Actors on cycles that take no time at all. */
  readonly timelessCycles: readonly (readonly string[])[];
  readonly latency: {
    readonly firstIteration: number;
    readonly steady: readonly { readonly from: string; readonly to: string; readonly ticks: string | null }[];
  } | null;
}

export interface LackView {
  readonly actor: string;
  readonly channel: string;
  readonly missing: number;
  readonly message: string;
}

export function analysisView(graph: SdfGraph): { readonly view: AnalysisView; readonly problem: Problem | null } {
  const analysis = analyseSdf(graph);
  const actorName = (actor: number): string => graph.actors[actor]!.name;
  const channelName = (channel: number): string => graph.channels[channel]!.name;
  const nothing: AnalysisView = {
    name: graph.name,
    consistent: false,
    inconsistency: null,
    repetition: null,
    repetitionSum: null,
    deadlock: null,
    deadlockCycle: null,
    throughput: null,
    critical: null,
    timelessCycles: [],
    latency: null,
  };
  if (analysis.kind === 'inconsistent') {
    const { channel, produced, consumed } = analysis.inconsistency;
    const { from, to } = graph.channels[channel]!;
    const ends = `${channelName(channel)} from ${actorName(from)} to ${actorName(to)}`;
    const message =
      produced === 0n || consumed === 0n
        ? `on ${ends} tokens are ${produced === 0n ? 'taken but never given' : 'given but never taken'}`
        : `${ends} is given ${produced} tokens for every ${consumed} taken where all before it balance`;
    return { view: { ...nothing, inconsistency: { channel: channelName(channel), message } }, problem: null };
  }
  const { repetition, rate, latency } = analysis;
  const known = {
    ...nothing,
    consistent: true,
    repetition: Object.fromEntries(repetition.firings.map((count, actor) => [actorName(actor), numberOf(count)])),
    repetitionSum: numberOf(repetition.firingSum),
  };
  if (rate === null) return { view: known, problem: analysis.problem };
  const view = {
    ...known,
    deadlock: rate.kind === 'deadlock',
    latency: latency && {
      firstIteration: latency.firstIteration,
      steady: latency.steady.map(({ source, sink, ticks }) => ({
        from: actorName(source),
        to: actorName(sink),
        ticks: ticks && wholeOrFraction(ticks),
      })),
    },
  };
  switch (rate.kind) {
    case 'deadlock': {
      const deadlockCycle = rate.cycle.map((lack) => lackView(graph, lack));
      return { view: { ...view, throughput: '0', deadlockCycle }, problem: null };
    }
    case 'bounded': {
      const { actors, channels } = rate.critical;
      const critical = { actors: actors.map(actorName), channels: channels.map(channelName) };
      return { view: { ...view, throughput: fractionText(rate.throughput), critical }, problem: null };
    }
    case 'unbounded': {
      const timelessCycles = rate.cycles.map((actors) => actors.map(actorName));
      return { view: { ...view, throughput: 'infinity', timelessCycles }, problem: null };
    }
  }
}

function lackView(graph: SdfGraph, { actor, channel, firing, needed, there }: Lack): LackView {
  const { name, from } = graph.channels[channel]!;
  const message = `${graph.actors[actor]!.name} (firing ${firing}) needs ${needed} on ${name} from ${graph.actors[from]!.name}, ${there} there`;
  return { actor: graph.actors[actor]!.name, channel: name, missing: needed - there, message };
}

export interface BufferView {
  readonly isComplete: boolean;
  /** Size up to which the list is whole; null: to any size. */
  readonly exactTo: number | null;
  readonly evaluations: number;
  readonly buffers: readonly BufferPointView[];
}

export interface BufferPointView {
  readonly size: number;
  readonly throughput: string;
  /** Capacities of the channels between different actors. */
  readonly distributions: readonly Readonly<Record<string, number>>[];
  /** `size` and, for channels from an actor to itself, the least room that never holds it up; null with cyclic rates there. */
  readonly sizeWithSelfLoops: number | null;
}

/** An inconsistent graph has no buffers that let it run for ever. */
export function bufferView(graph: SdfGraph, options: BufferOptions): Result<BufferView, Problem> {
  const found = bufferStudy(graph, options);
  if (found === null) return ok({ isComplete: true, exactTo: null, evaluations: 0, buffers: [] });
  if (!found.ok) return found;
  const { points, isComplete, exactTo, evaluations } = found.value;
  const loops = graph.channels.filter(({ from, to }) => from === to);
  const isConstant = loops.every(({ produce, consume }) => [...produce, ...consume].every((r) => r === produce[0]));
  const loopRoom = loops.reduce((all, { produce, tokens }) => {
    const rate = produce[0] || 1;
    return all + tokens + rate * Math.floor(tokens / rate);
  }, 0);
  const buffers = points.map(({ size, throughput, distributions }) => ({
    size,
    throughput: throughput.denominator === 0n ? 'infinity' : fractionText(throughput),
    distributions: distributions.map((capacities) =>
      Object.fromEntries(
        graph.channels.flatMap(({ name, from, to }, index) => (from === to ? [] : [[name, capacities[index]!]])),
      ),
    ),
    sizeWithSelfLoops: isConstant ? size + loopRoom : null,
  }));
  return ok({ isComplete, exactTo: Number.isFinite(exactTo) ? exactTo : null, evaluations, buffers });
}

function numberOf(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

function wholeOrFraction(value: Fraction): string {
  return value.denominator === 1n ? String(value.numerator) : fractionText(value);
}
