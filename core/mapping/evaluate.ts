/** A mapping's counters, cycles and energy as values with names; the counting itself is nest.ts. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ReuseRule } from './accesses.ts';
import { fanoutFault, type Mapping, mappingFault } from './mapping.ts';
import { type MemoryTree, treeFault } from './memory-tree.ts';
import {
  FITS,
  NestKernel,
  TOO_FAR_X,
  TOO_FAR_Y,
  TOO_LARGE,
  TOO_MANY_INSTANCES,
  TOO_MANY_UNITS,
  TOO_SMALL,
  type Verdict,
} from './nest.ts';
import { computes, type Workload, workloadFault } from './workload.ts';

/** Words per instance; energies in pJ over all instances. */
export interface DataCounters {
  readonly dataSpace: string;
  readonly tileWords: number;
  /** Of the data space, what one instance ever holds. */
  readonly partitionWords: number;
  readonly reads: number;
  readonly fills: number;
  readonly updates: number;
  /** Partial sums added to what is there. */
  readonly temporalReductions: number;
  /** Different tiles that one step brings to the level's children; the rest of the fan-out is multicast or summed. */
  readonly distinctChildren: number;
  readonly energyPj: number;
}

export interface LevelCounters {
  readonly level: string;
  /** Instances in use. */
  readonly instances: number;
  readonly cycles: number;
  readonly usedWords: number;
  readonly capacityWords: number | null;
  /** Data spaces that are kept here. */
  readonly data: readonly DataCounters[];
}

/** A level's port that would need longer than the arithmetic does. */
export interface PortStall {
  readonly level: string;
  readonly cycles: number;
  readonly stallCycles: number;
}

export interface Evaluation {
  readonly computes: number;
  /** compute + stall; equals Timeloop's. */
  readonly cycles: number;
  /**
   * `compute`: iterations of the temporal loops. `stall`: what the narrowest port adds. `fill`: the first tiles on their
   * way in, before the first operation. `drain`: the last results on their way out.
   */
  readonly parts: { readonly compute: number; readonly stall: number; readonly fill: number; readonly drain: number };
  readonly stalls: readonly PortStall[];
  /** Of the arithmetic, 0…1. */
  readonly utilisation: number;
  readonly computeEnergyPj: number;
  readonly energyPj: number;
  /** pJ · cycles. */
  readonly edp: number;
  readonly offChipBytes: number;
  /** Innermost first. */
  readonly levels: readonly LevelCounters[];
}

/**
 * Counts one mapping. Errors: `mapping.*`, with facts level, demand, bound; messages of refusals are worded as
 * Timeloop words them. Use a NestKernel to count many mappings of one workload.
 */
export function evaluate(
  tree: MemoryTree,
  workload: Workload,
  mapping: Mapping,
  reuse: ReuseRule = 'timeloop',
): Result<Evaluation, Problem> {
  const fault = treeFault(tree) ?? workloadFault(workload) ?? mappingFault(tree, workload, mapping);
  if (fault) return err(fault);
  const kernel = new NestKernel(tree, workload, reuse);
  kernel.load(mapping);
  const verdict = kernel.run();
  if (verdict !== FITS) return err(refusal(tree, workload, mapping, kernel, verdict));
  return ok(evaluationOf(tree, workload, kernel));
}

/** The results that stand in a kernel after a run that fits. */
export function evaluationOf(tree: MemoryTree, workload: Workload, kernel: NestKernel): Evaluation {
  const { spaces } = kernel;
  const levels = tree.levels.map((spec, level): LevelCounters => {
    const data = workload.dataSpaces.flatMap(({ name, isReadWrite }, space): DataCounters[] => {
      const at = level * spaces + space;
      if (!kernel.keep[at]) return [];
      const reads = kernel.reads[at]!;
      return [
        {
          dataSpace: name,
          tileWords: kernel.tile[at]!,
          partitionWords: kernel.partition[at]!,
          reads,
          fills: kernel.fills[at]!,
          updates: kernel.updates[at]!,
          temporalReductions: isReadWrite ? reads : 0,
          distinctChildren: kernel.distinctChildren[at]!,
          energyPj: kernel.energy[at]!,
        },
      ];
    });
    return {
      level: spec.name,
      instances: kernel.instances[level]!,
      cycles: kernel.levelCycles[level]!,
      usedWords: data.reduce((words, { tileWords }) => words + tileWords, 0),
      capacityWords: spec.capacityWords,
      data,
    };
  });
  const operations = computes(workload);
  const { computeCycles, cycles, energyTotal } = kernel;
  const { fill, drain } = ends(tree, workload, kernel);
  return {
    computes: operations,
    cycles,
    parts: { compute: computeCycles, stall: cycles - computeCycles, fill, drain },
    stalls: levels
      .filter((level) => level.cycles > computeCycles)
      .map((level) => ({ level: level.level, cycles: level.cycles, stallCycles: level.cycles - computeCycles })),
    utilisation: operations / tree.compute.instances / cycles,
    computeEnergyPj: operations * tree.compute.energy,
    energyPj: energyTotal,
    edp: energyTotal * cycles,
    offChipBytes: kernel.offChipBytes,
    levels,
  };
}

/** The first tiles go down level by level, as the slower of the two ports on their way allows; the last results go up likewise. */
function ends(
  tree: MemoryTree,
  workload: Workload,
  kernel: NestKernel,
): { readonly fill: number; readonly drain: number } {
  const { spaces, levels } = kernel;
  const time = (words: number, bandwidth: number | null): number => (bandwidth === null ? 0 : words / bandwidth);
  let [fill, drain] = [0, 0];
  for (let level = 0; level < levels; level++) {
    // Words through this level's ports, and through those of the outer levels that the data spaces come from.
    const [down, up] = [new Float64Array(levels), new Float64Array(levels)];
    for (const [space, { isReadWrite }] of workload.dataSpaces.entries()) {
      if (!kernel.keep[level * spaces + space]) continue;
      let distinct = 1;
      let parent = level;
      do {
        parent++;
        if (parent < levels) distinct *= kernel.distinctChildren[parent * spaces + space]!;
      } while (parent < levels && !kernel.keep[parent * spaces + space]);
      if (parent === levels) continue;
      const words = kernel.tile[level * spaces + space]!;
      const way = isReadWrite ? up : down;
      way[level]! += words;
      way[parent]! += words * distinct;
    }
    let [slowestDown, slowestUp] = [0, 0];
    for (const [at, { readBandwidth, writeBandwidth }] of tree.levels.entries()) {
      slowestDown = Math.max(slowestDown, time(down[at]!, at === level ? writeBandwidth : readBandwidth));
      slowestUp = Math.max(slowestUp, time(up[at]!, at === level ? readBandwidth : writeBandwidth));
    }
    fill += Math.ceil(slowestDown);
    drain += Math.ceil(slowestUp);
  }
  return { fill, drain };
}

function refusal(
  tree: MemoryTree,
  workload: Workload,
  mapping: Mapping,
  kernel: NestKernel,
  verdict: Exclude<Verdict, typeof FITS>,
): Problem {
  const { refusedLevel, demand, bound } = kernel;
  const spec = refusedLevel < 0 ? null : tree.levels[refusedLevel]!;
  const level = spec === null ? tree.compute.name : spec.name;
  const facts = { level, demand, bound };
  const because = (reason: string): string => `couldn't map level ${level}: ${reason}`;
  switch (verdict) {
    case TOO_MANY_UNITS:
      return problem(
        'mapping.instances',
        because(`mapped max Arithmetic instances ${demand} exceeds hardware instances ${bound}`),
        { facts },
      );
    case TOO_MANY_INSTANCES:
      return problem(
        'mapping.instances',
        because(`mapped instances ${demand} exceeds available hardware instances ${bound}`),
        { facts },
      );
    case TOO_FAR_X:
    case TOO_FAR_Y: {
      const axis = verdict === TOO_FAR_X ? 'X' : 'Y';
      const reason =
        spec === null
          ? `mapped max Arithmetic ${axis} expansion ${demand} exceeds hardware instances ${bound}`
          : `mapped ${axis} expansion ${demand} exceeds available hardware instances ${bound}`;
      return problem('mapping.instances', because(reason), { facts: { ...facts, axis } });
    }
    case TOO_LARGE: {
      const tiles = workload.dataSpaces.flatMap(({ name }, space) =>
        mapping.levels[refusedLevel]!.keep[space]
          ? [[`${name} (words)`, kernel.boxes[refusedLevel * kernel.spaces + space]!] as const]
          : [],
      );
      const overBytes = ((demand - bound) * spec!.wordBits) / 8;
      return problem('mapping.capacity', because(`mapped tile size ${demand} exceeds buffer capacity ${bound}`), {
        facts: { ...facts, unit: 'words', overBytes, ...Object.fromEntries(tiles) },
      });
    }
    case TOO_SMALL:
      return problem(
        'mapping.utilisation',
        because(`mapped tile size ${demand} is less than constrained minimum utilization ${bound}`),
        { facts },
      );
    default: {
      const found = fanoutFault(tree, mapping);
      if (found === null) throw new Error('a fan-out was refused that fits');
      return found;
    }
  }
}
