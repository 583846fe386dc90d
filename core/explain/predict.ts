/**
 * How long a run would take on another machine or with other settings: its cycles by operator (attribution) scaled by the
 * analytic estimate of the operator before and after. Cycles of a unit scale with the estimate's compute cycles, cycles of the
 * channels with bytes over bandwidth; what overlaps is not gained twice, and no resource is busy longer than the run.
 */
import type { Machine } from '#core/architecture/machine.ts';
import { estimateModel, type KernelEstimate } from '#core/compile/estimate.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import type { RunResult } from '#core/run/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import { techniques } from '#core/technique/registry.ts';
import type { Attribution } from './attribution.ts';

export interface Site {
  readonly machine: Machine;
  readonly settings: Pick<RunSettings, 'format' | 'objective'>;
}

export interface Assumptions {
  /** Of the bytes spilled and refilled now, what is left. */
  readonly spillLeft?: number;
}

const COMPILER = { passes: techniques.pass, units: techniques.unit };

/** Bytes a cycle off chip: of all channels, no more than the DMA engines take. */
function offChipRate({ channels, engines }: Machine): number {
  const wide = channels.reduce((sum, { bytesPerTick }) => sum + bytesPerTick, 0);
  const taken = engines.reduce(
    (sum, { bytesPerTick, bus }) => sum + Math.min(bytesPerTick, bus?.bytesPerTick ?? Number.POSITIVE_INFINITY),
    0,
  );
  return Math.min(wide, taken);
}

/** Ticks from asking to the first byte. */
function latencyOf({ channels, engines }: Machine): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return (
    mean(channels.map(({ latencyTicks }) => latencyTicks)) +
    mean(engines.map(({ setupTicks, bus }) => setupTicks + (bus?.latencyTicks ?? 0)))
  );
}

interface Estimated extends KernelEstimate {
  /** Equal units that share its tiles. */
  readonly sharers: number;
}

export class Predictor {
  readonly #model: ModelGraph;
  readonly #result: RunResult;
  readonly #attribution: Attribution;
  readonly #before: Site;
  readonly #kernels: ReadonlyMap<string, Estimated>;

  constructor(model: ModelGraph, result: RunResult, attribution: Attribution, before: Site) {
    this.#model = model;
    this.#result = result;
    this.#attribution = attribution;
    this.#before = before;
    this.#kernels = this.#estimate(before);
  }

  #estimate({ machine, settings }: Site): ReadonlyMap<string, Estimated> {
    const made = estimateModel(this.#model, machine, COMPILER, settings);
    if (!made.ok) return new Map();
    const { kernels, mapped } = made.value;
    return new Map(
      kernels.map((kernel, at) => [
        kernel.nodes[0] ?? kernel.name,
        { ...kernel, sharers: mapped[at]?.units.length ?? 1 },
      ]),
    );
  }

  /** Cycles; null where an operator cannot run there, or none of them is known to the estimate. */
  cycles(after: Site, { spillLeft = 1 }: Assumptions = {}): number | null {
    const kernels = this.#estimate(after);
    const [rate, rateAfter] = [offChipRate(this.#before.machine), offChipRate(after.machine)];
    const busy = new Map<string, number>();
    let [sum, channel] = [0, 0];
    for (const operator of this.#result.operators) {
      const mine = this.#attribution.operators[operator.index]!;
      const node = operator.nodes[0] ?? operator.name;
      const [known, changed] = [this.#kernels.get(node), kernels.get(node)];
      if (changed?.problem || (known === undefined) !== (changed === undefined)) return null;
      const bytes = operator.compulsoryBytes + operator.spillBytes + operator.refetchBytes;
      const kept = operator.compulsoryBytes + operator.refetchBytes + operator.spillBytes * spillLeft;
      const [format, formatAfter] = [this.#before.settings.format, after.settings.format];
      const bytesAfter =
        known && changed && known.bytes > 0
          ? movedAfter(kept, operator.refetchBytes, [known, format], [changed, formatAfter])
          : kept;
      const faster = known && changed && known.computeCycles > 0 ? changed.computeCycles / known.computeCycles : 1;
      const onChannel = bytes > 0 ? bytesAfter / rateAfter / (bytes / rate) : 1;
      // Busy cycles are of all units that share it.
      const computed = (operator.busyCycles / (known?.sharers ?? 1)) * faster;
      const moved = bytesAfter / rateAfter;
      const before = mine.array + mine.vector + mine.bandwidth + mine.capacity + mine.buffers;
      const scaled = (mine.array + mine.vector) * faster + (mine.bandwidth + mine.capacity + mine.buffers) * onChannel;
      // What it waited for less is not gained where the other side takes as long.
      sum += Math.max(scaled, Math.min(before, Math.max(computed, moved)));
      channel += moved;
      const unit = changed?.unit ?? operator.unit;
      if (unit !== null) busy.set(unit, (busy.get(unit) ?? 0) + computed);
    }
    const waits = latencyOf(this.#before.machine);
    const latency = this.#attribution.cycles.latency * (waits > 0 ? latencyOf(after.machine) / waits : 1);
    return Math.round(Math.max(sum + latency, channel, ...busy.values()));
  }
}

/** Bytes an element takes; null where every tensor has its own. */
const WIDTHS: Readonly<Record<RunSettings['format'], number | null>> = {
  int8: 1,
  int16: 2,
  fp16: 2,
  fp32: 4,
  model: null,
};

/** In another format all bytes scale; with another tiling what is fetched again changes as the estimate's streams do. */
function movedAfter(
  kept: number,
  refetchBytes: number,
  [known, before]: readonly [KernelEstimate, RunSettings['format']],
  [changed, after]: readonly [KernelEstimate, RunSettings['format']],
): number {
  if (before !== after) {
    const [was, is] = [WIDTHS[before], WIDTHS[after]];
    return kept * (was !== null && is !== null ? is / was : changed.bytes / known.bytes);
  }
  return Math.max(kept - refetchBytes, kept + changed.bytes - known.bytes);
}
