/**
 * The crossover map of two drawn documents: the best mode over a grid of memory sizes and efficiencies of the channels around
 * the fabric as it is drawn. Self-contained and deterministic, as a simulation's result is; stopped, it holds what was decided.
 */
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { Variant } from '#core/stages/design.ts';
import { type CrossoverMap, crossover } from '#core/stages/search/crossover.ts';
import { drawnInputs } from './pipeline.ts';

export const CROSSOVER_GRIDS = ['coarse', 'fine'] as const;
export type CrossoverGrid = (typeof CROSSOVER_GRIDS)[number];

/** Of the drawn memory, and of the drawn bandwidth; the drawn fabric itself, 1 and 1, is in every grid. Ascending. */
const PARTS: Readonly<
  Record<CrossoverGrid, { readonly memory: readonly number[]; readonly bandwidth: readonly number[] }>
> = {
  coarse: { memory: [1 / 64, 1 / 16, 1 / 4, 1, 4], bandwidth: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1] },
  fine: {
    memory: [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4],
    bandwidth: [1 / 16, 3 / 32, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1],
  },
};

export interface CrossoverInputs {
  readonly tasks: DocumentFile;
  readonly fabric: DocumentFile;
  readonly variant: Variant;
  readonly grid: CrossoverGrid;
}

export interface CrossoverStudy extends Pick<CrossoverMap, 'points' | 'corrected'> {
  readonly format: 'weft-crossover/1';
  /** Titles. */
  readonly tasks: string;
  readonly fabric: string;
  readonly variant: Variant;
  readonly grid: CrossoverGrid;
  /** Axes, ascending; `points` is by memory, then by efficiency, and short of some where it was stopped. */
  readonly memoryBytes: readonly number[];
  readonly efficiencies: readonly number[];
  /** The fabric as it is drawn: bytes of all banks; bytes a cycle of all channels, which efficiencies are of. */
  readonly drawn: { readonly memoryBytes: number; readonly bytesPerTick: number };
  readonly stoppedEarly: boolean;
}

/** Fails on drawings with errors, as a run does, on fabrics without banks or channels, and where no point was decided. */
export function crossoverStudy(
  inputs: CrossoverInputs,
  services: { readonly mip: MipSolver; readonly control: Control },
): Result<CrossoverStudy, Problem> {
  const drawn = drawnInputs(inputs);
  if (!drawn.ok) return drawn;
  const { graph, fabric } = drawn.value;
  const { variant, grid } = inputs;
  const total = fabric.banks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  const { memory, bandwidth: efficiencies } = PARTS[grid];
  const memoryBytes = [...new Set(memory.map((part) => Math.max(1, Math.round(part * total))))];
  const mapped = crossover(graph, fabric, { variant, memoryBytes, efficiencies, ...services });
  if (!mapped.ok) return mapped;
  const { points, corrected, isCancelled } = mapped.value;
  if (points.length === 0)
    return err(problem('crossover.stopped', 'Stopped before a point was decided', { severity: 'info' }));
  return ok({
    format: 'weft-crossover/1',
    tasks: inputs.tasks.title,
    fabric: inputs.fabric.title,
    variant,
    grid,
    memoryBytes,
    efficiencies,
    drawn: {
      memoryBytes: total,
      bytesPerTick: fabric.channels.reduce((sum, { bytesPerTick }) => sum + bytesPerTick, 0),
    },
    points,
    corrected,
    stoppedEarly: isCancelled,
  });
}
