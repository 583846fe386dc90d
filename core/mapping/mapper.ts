/** The interface of techniques of kind `mapper`: the best mapping of a workload on a tree of memories. */
import type { Control } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { Manifest } from '#core/technique/technique.ts';
import type { ReuseRule } from './accesses.ts';
import type { Evaluation } from './evaluate.ts';
import type { Mapping } from './mapping.ts';
import type { MemoryTree } from './memory-tree.ts';
import type { Workload } from './workload.ts';

/** What is made small: cycles, pJ, pJ · cycles, bytes to and from levels off chip. Ties: the others in this order. */
export const MAPPING_OBJECTIVES = ['cycles', 'energy', 'edp', 'off-chip'] as const;
export type MappingObjective = (typeof MAPPING_OBJECTIVES)[number];

export interface MapRequest {
  readonly tree: MemoryTree;
  readonly workload: Workload;
  readonly objective: MappingObjective;
  readonly reuse: ReuseRule;
  /** Whether inner levels may be bypassed; otherwise every level keeps everything. */
  readonly mayBypass: boolean;
  /** Nests counted at most, so that the same request gives the same answer anywhere. */
  readonly evaluationLimit: number;
  readonly control: Control;
}

export interface MapAnswer {
  readonly mapping: Mapping;
  readonly evaluation: Evaluation;
  readonly value: number;
  /** No mapping has a smaller value. */
  readonly lowerBound: number;
  /** `proven`: nothing is better. Otherwise what ended the search. */
  readonly stop: 'proven' | 'budget' | 'cancelled';
  readonly evaluations: number;
}

export interface Mapper {
  readonly manifest: Manifest<'mapper'>;
  /** Errors: `mapping.infeasible` with level, demand, bound, overBytes and lever; faults of the inputs. */
  map(request: MapRequest): Result<MapAnswer, Problem>;
}

/** The objective's value of an evaluation. */
export function objectiveValue(evaluation: Evaluation, objective: MappingObjective): number {
  switch (objective) {
    case 'cycles':
      return evaluation.cycles;
    case 'energy':
      return evaluation.energyPj;
    case 'edp':
      return evaluation.edp;
    case 'off-chip':
      return evaluation.offChipBytes;
  }
}
