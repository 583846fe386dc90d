/**
 * Cycles, buffer accesses, bandwidths and units at work of one layer on MAESTRO's machine, in closed form: every case of a
 * cluster level's steps, weighted by how often it comes; the arithmetic of a case is the level below.
 * Source: Kwon et al., MICRO 2019, section 4.3; MAESTRO, CA_cost-analysis-engine and AHW_noc-model.
 */
import { clusterLevels, type Extents, kernelOf, type Level, Refusal, type Role, type Tensors } from './clusters.ts';
import type { Hardware } from './hardware.ts';
import type { Dimension, NetworkLayer } from './network.ts';
import { type StepCase, stepCases } from './steps.ts';
import { Volumes } from './volumes.ts';

export interface Spread {
  readonly minimum: number;
  readonly maximum: number;
  /** Cut to a whole number. */
  readonly average: number;
}

/** Elements read and written: L1 of all units together, L2 of the whole. */
export interface Accesses {
  readonly l1Reads: number;
  readonly l1Writes: number;
  readonly l2Reads: number;
  readonly l2Writes: number;
}

/** Of a cluster level; the outermost one's is the layer's. */
export interface LevelCost {
  readonly cycles: number;
  readonly macs: number;
  /** Processing elements at work, averaged over the steps. */
  readonly elementsUsed: number;
  readonly accesses: Readonly<Record<Role, Accesses>>;
  /** Elements of all tensors, both halves of a double buffer. */
  readonly l1Elements: number;
  readonly l2Elements: number;
  /** Elements a cycle. */
  readonly peakBandwidth: number;
  readonly averageBandwidth: number;
  readonly offChipBandwidth: number;
  /** Cycles of a step, over all of them. */
  readonly ingress: Spread;
  readonly egress: Spread;
  readonly compute: Spread;
  /** Multiply-accumulates an element brought in, of the last case. */
  readonly intensity: number;
}

export interface LayerCost extends LevelCost {
  /** L1 of an innermost unit, elements. */
  readonly unitElements: number;
  readonly levels: number;
}

const ROLES = ['input', 'filter', 'output'] as const satisfies readonly Role[];

/** @throws {Refusal} where MAESTRO ends or breaks too. */
export function layerCost(layer: NetworkLayer, tensors: Tensors, hardware: Hardware): LayerCost {
  const levels = clusterLevels(layer, tensors, hardware.elements);
  const analysis = new Analysis(levels, tensors, hardware);
  const cost = analysis.level(0, levels[0]!.extents);
  return { ...cost, unitElements: (analysis.innermost ?? cost).l1Elements, levels: levels.length };
}

class Analysis {
  readonly #levels: readonly Level[];
  readonly #volumes: readonly Volumes[];
  readonly #tensors: Tensors;
  readonly #hardware: Hardware;
  readonly #known = new Map<string, LevelCost>();
  /** The first level done: an innermost one, unless nothing outside has work. */
  innermost: LevelCost | null = null;

  constructor(levels: readonly Level[], tensors: Tensors, hardware: Hardware) {
    this.#levels = levels;
    this.#volumes = levels.map((level) => new Volumes(level));
    this.#tensors = tensors;
    this.#hardware = hardware;
  }

  level(index: number, extents: Extents): LevelCost {
    const key = `${index} ${[...extents].join(' ')}`;
    const known = this.#known.get(key);
    if (known) return known;
    const found = this.#analysed(index, extents);
    this.#known.set(key, found);
    this.innermost ??= found;
    return found;
  }

  #analysed(index: number, extents: Extents): LevelCost {
    const level = this.#levels[index]!;
    const volumes = this.#volumes[index]!;
    const { networkPerCycle } = this.#hardware;
    const tally = new Tally(extents, this.#tensors, volumes, level.isSliding);
    for (const now of stepCases(level, extents)) {
      if (tally.isFresh) tally.reserve(now);
      const times = now.occurrences;
      const output = this.#tensors.output;
      const out = volumes.egress(output, now);
      const macs = volumes.sums(output, now);
      const unitSums = volumes.sumsOfUnit(output, now);
      const results = tally.counts.output;
      results.l2Writes += times * out;
      results.l1Writes += times * macs;
      results.l1Reads += times * macs;
      // Ragged steps narrower than a window compute nothing.
      if (unitSums <= 0) continue;
      let brought = 0;
      for (const role of ['input', 'filter'] as const) {
        const taken = volumes.ingress(this.#tensors[role], now);
        const counts = tally.counts[role];
        brought += taken;
        counts.l2Reads += times * taken;
        counts.l1Writes = counts.l2Reads;
        counts.l1Reads += times * macs;
      }
      const inner = index + 1 < this.#levels.length ? this.#inside(index, now) : null;
      const arithmetic = inner ? inner.cycles : unitSums;
      const ingress = sends(brought, networkPerCycle);
      const egress = sends(out, networkPerCycle);
      let cycles = now.isFirst ? arithmetic + ingress : Math.max(egress, arithmetic, ingress);
      if (index === 0) cycles = Math.max(cycles, tally.offChip(arithmetic, this.#hardware.offChipPerCycle));
      tally.add({
        times,
        cycles,
        macs,
        ingress,
        egress,
        arithmetic,
        brought,
        out,
        used: this.#used(level, now, inner),
      });
    }
    return tally.result();
  }

  #used({ directives, units, edgeUnits }: Level, { steps }: StepCase, inner: { readonly used: number } | null): number {
    if (inner && inner.used !== 0) return inner.used;
    const { dimension } = directives.find(({ kind }) => kind === 'spatial')!;
    return steps.get(dimension)!.isEdge ? edgeUnits : units;
  }

  /** The units of a level below: the slowest sets the pace. */
  #inside(index: number, now: StepCase): { readonly cycles: number; readonly used: number } {
    const { directives, units, edgeUnits } = this.#levels[index]!;
    const { dimension } = directives.find(({ kind }) => kind === 'spatial')!;
    const { isEdge, hasRaggedUnit } = now.steps.get(dimension)!;
    const atWork = isEdge ? edgeUnits : units;
    const below = (isRagged: boolean): LevelCost => this.level(index + 1, this.#extents(index, now, isRagged));
    if (!isEdge || !hasRaggedUnit) {
      const all = below(false);
      return { cycles: all.cycles, used: all.elementsUsed * atWork };
    }
    const ragged = below(true);
    if (atWork === 1) return { cycles: ragged.cycles, used: ragged.elementsUsed };
    const others = below(false);
    return {
      cycles: Math.max(ragged.cycles, others.cycles),
      used: ragged.elementsUsed + others.elementsUsed * (atWork - 1),
    };
  }

  #extents(index: number, now: StepCase, isRagged: boolean): Extents {
    const extents = new Map<Dimension, number>();
    for (const directive of this.#levels[index]!.directives)
      if (!extents.has(directive.dimension))
        extents.set(directive.dimension, this.#volumes[index]!.inside(directive, now, isRagged));
    return extents;
  }
}

/** Cycles on a bus of so many elements a cycle; the one cycle on the way is the first one of sending. */
function sends(elements: number, perCycle: number): number {
  return Math.trunc(elements / perCycle) + (elements % perCycle === 0 ? 0 : 1);
}

interface CaseCost {
  readonly times: number;
  readonly cycles: number;
  readonly macs: number;
  readonly ingress: number;
  readonly egress: number;
  readonly arithmetic: number;
  readonly brought: number;
  readonly out: number;
  readonly used: number;
}

type Counts = { -readonly [key in keyof Accesses]: Accesses[key] };

class Tally {
  readonly counts: Readonly<Record<Role, Counts>>;
  readonly #sizes = { input: 0, filter: 0, output: 0 };
  readonly #unitSizes = { input: 0, filter: 0, output: 0 };
  readonly #extents: Extents;
  readonly #tensors: Tensors;
  readonly #volumes: Volumes;
  readonly #isSliding: boolean;
  readonly #delays = { ingress: new Range(), egress: new Range(), arithmetic: new Range() };
  #steps = 0;
  #cycles = 0;
  #macs = 0;
  #used = 0;
  #peak = 0;
  #bandwidth = 0;
  #offChip = 0;
  #intensity = 0;
  isFresh = true;

  constructor(extents: Extents, tensors: Tensors, volumes: Volumes, isSliding: boolean) {
    this.#extents = extents;
    this.#tensors = tensors;
    this.#volumes = volumes;
    this.#isSliding = isSliding;
    const none = (): Counts => ({ l1Reads: 0, l1Writes: 0, l2Reads: 0, l2Writes: 0 });
    this.counts = { input: none(), filter: none(), output: none() };
  }

  /** Buffers are those of the first case, doubled; operands are written to L2 once, results read from it once. */
  reserve(now: StepCase): void {
    for (const role of ROLES) {
      const tensor = this.#tensors[role];
      const moved = role === 'output' ? this.#volumes.egress(tensor, now) : this.#volumes.ingress(tensor, now);
      const held = this.#volumes.held(tensor);
      // Where the first case computes nothing MAESTRO comes here again, and adds up for operands.
      const before = role === 'output' ? 0 : 1;
      this.#sizes[role] = before * this.#sizes[role] + 2 * moved;
      this.#unitSizes[role] = before * this.#unitSizes[role] + 2 * held;
      this.counts[role][role === 'output' ? 'l2Reads' : 'l2Writes'] = tensor.reduce(
        (size, dimension) => size * this.#extent(dimension, role),
        1,
      );
    }
  }

  #extent(dimension: Dimension, role: Role): number {
    const extent = this.#extents.get(dimension);
    if (extent === undefined) throw new Refusal(`there is no extent of ${dimension}`);
    const kernel = role === 'output' ? kernelOf(dimension, this.#isSliding) : undefined;
    return kernel === undefined ? extent : extent - this.#extents.get(kernel)! + 1;
  }

  /** Cycles of filling or emptying half of the L2 from off chip; keeps what that asks of the bandwidth. */
  offChip(arithmetic: number, perCycle: number): number {
    if (arithmetic === 0) throw new Refusal('a step moves data but computes nothing');
    const operands = this.#sizes.input + this.#sizes.filter;
    const half = (elements: number, over: number): number => Math.trunc(Math.trunc(elements / over) / 2);
    const wanted = Math.max(
      this.#offChip,
      Math.trunc(this.#sizes.output / arithmetic),
      Math.trunc(operands / arithmetic),
    );
    this.#offChip = Math.trunc(wanted / 2);
    return Math.max(half(operands, perCycle), half(this.#sizes.output, perCycle));
  }

  add({ times, cycles, macs, ingress, egress, arithmetic, brought, out, used }: CaseCost): void {
    const pace = Math.max(1, arithmetic);
    const most = Math.max(brought, out);
    this.#cycles += times * cycles;
    this.#macs += times * macs;
    this.#used += times * used;
    this.#peak = Math.max(this.#peak, Math.trunc(most / pace));
    this.#bandwidth += Math.trunc((times * most) / pace);
    this.#intensity = macs / brought;
    this.#delays.ingress.add(ingress, times);
    this.#delays.egress.add(egress, times);
    this.#delays.arithmetic.add(pace, times);
    this.#steps += times;
    this.isFresh = false;
  }

  result(): LevelCost {
    const total = ({ input, filter, output }: Readonly<Record<Role, number>>): number => input + filter + output;
    return {
      cycles: this.#cycles,
      macs: this.#macs,
      elementsUsed: this.#steps === 0 ? 0 : this.#used / this.#steps,
      accesses: this.counts,
      l1Elements: total(this.#unitSizes),
      l2Elements: total(this.#sizes),
      peakBandwidth: this.#peak,
      averageBandwidth: this.#bandwidth / this.#steps,
      offChipBandwidth: this.#offChip,
      ingress: this.#delays.ingress.spread(this.#steps),
      egress: this.#delays.egress.spread(this.#steps),
      compute: this.#delays.arithmetic.spread(this.#steps),
      intensity: this.#intensity,
    };
  }
}

class Range {
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = 0;
  #sum = 0;

  add(value: number, times: number): void {
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
    this.#sum += value * times;
  }

  spread(steps: number): Spread {
    return { minimum: this.#minimum, maximum: this.#maximum, average: Math.trunc(this.#sum / steps) };
  }
}
