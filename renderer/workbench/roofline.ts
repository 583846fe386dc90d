/** Kernels of the live estimate under the roofs of the machine they would run on. */
import type { Machine } from '#core/architecture/machine.ts';
import type { KernelEstimate } from '#core/compile/estimate.ts';
import { categoryOf } from '#core/report/category.ts';
import { type Roofline, type RooflinePoint, rooflineUnder } from '#core/report/figures/paint-roofline.ts';

export interface KernelPoint extends RooflinePoint {
  readonly kernel: KernelEstimate;
}

export function rooflineOf(kernels: readonly KernelEstimate[], machine: Machine): Roofline<KernelPoint> {
  const macs = kernels.reduce((sum, kernel) => sum + kernel.macs, 0);
  const points = kernels
    .filter(({ macs: work, cycles, bytes }) => work > 0 && cycles > 0 && bytes > 0)
    .map((kernel) => ({
      kernel,
      key: kernel.nodes[0] ?? kernel.name,
      name: kernel.name,
      hue: categoryOf(kernel.types[0] ?? ''),
      intensity: kernel.intensity,
      rate: kernel.macs / kernel.cycles,
      share: kernel.macs / macs,
    }));
  return rooflineUnder(machine, points, kernels.length);
}
