/** InTAR's kernels of the gallery, each drawing simulated in a variant, and what the board measured. */
import { MODES, type Mode, type Variant } from '#core/stages/design.ts';
import { dataflowDesign, drawnDesign, sequentialDesign } from '#core/stages/modes.ts';
import { type SimulatedDesign, simulateDesign } from '#core/stages/simulate.ts';
import { predictDesign } from '#core/stages/time.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Kernel } from '#projects/examples/intar/parts.ts';

/** Cycles on a U280 board: repository OswaldHe/InTAR and its history. By title of the drawing. */
export const MEASURED: Readonly<Record<string, number>> = {
  'MLP, sequential': 1_374_935,
  'MLP, dataflow': 181_996,
  'Attention, sequential': 348_574_419,
  'Gating network, sequential': 117_702_311,
  'Gating network, dataflow': 48_668_638,
  'CNN, sequential': 2_215_282,
  'CNN, dataflow': 713_144,
  'VAE, sequential': 309_498,
};

/** How much faster than dataflow and than sequential the reconfigured design is by the reference's loop model. No measurement. */
export const PREDICTED_RATIOS: Readonly<Record<string, readonly [dataflow: number, sequential: number]>> = {
  'intar-mlp': [1.29, 9.76],
  'intar-attention': [1.74, 8.15],
  'intar-gating': [2.13, 5.11],
  'intar-cnn': [1.16, 3.53],
};

export interface Simulated extends SimulatedDesign {
  readonly graph: TaskGraph;
  readonly mode: Mode;
  readonly variant: Variant;
  readonly cycles: number;
  readonly predicted: number;
}

/** As drawn unless `mode` is given. @throws where it cannot be built. */
export function simulated(kernel: Kernel, graph: TaskGraph, variant: Variant, mode?: Mode): Simulated {
  const fabric = kernel.fabrics.find(({ title }) => title === graph.note?.fabric);
  if (!fabric) throw new Error(`${graph.title} names no fabric of ${kernel.slug}`);
  const asked = mode ?? MODES.find((one) => one === graph.note?.mode);
  const build = { sequential: sequentialDesign, dataflow: dataflowDesign, reconfigurable: drawnDesign };
  const design = build[asked ?? 'dataflow'](graph, fabric, variant);
  if (!design.ok) throw new Error(`${graph.title}: ${design.error.message}`);
  const played = simulateDesign(graph, fabric, design.value);
  if (!played.ok) throw new Error(`${graph.title}: ${played.error.message}`);
  const { cycles: predicted } = predictDesign(graph, fabric, design.value);
  return { ...played.value, graph, mode: design.value.mode, variant, cycles: played.value.run.makespan, predicted };
}
