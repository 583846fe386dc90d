/** Kernels of the live estimate under the roofs of the machine they would run on. */
import type { Machine } from '#core/architecture/machine.ts';
import type { KernelEstimate } from '#core/compile/estimate.ts';
import { categoryOf } from '#core/report/category.ts';
import { type Roofline, type RooflinePoint, rooflineUnder } from '#core/report/figures/paint-roofline.ts';
import type { RunData } from '#core/report/run-data.ts';
import type { OperatorResult } from '#core/run/result.ts';

export interface KernelPoint extends RooflinePoint {
  readonly kernel: KernelEstimate;
}

/** An operator of a run. */
export interface SimulatedPoint extends RooflinePoint {
  readonly operator: OperatorResult;
}

/** Where the operators of a run came to lie: what was moved and how long it took. */
export function simulatedPoints({ result, hues }: RunData): readonly SimulatedPoint[] {
  const { macs } = result.facts;
  return result.operators.flatMap((operator, at): SimulatedPoint[] => {
    const bytes = operator.compulsoryBytes + operator.spillBytes + operator.refetchBytes;
    const cycles = operator.endCycle - operator.startCycle;
    if (!(operator.macs > 0 && bytes > 0 && cycles > 0)) return [];
    return [
      {
        operator,
        key: operator.nodes[0] ?? operator.name,
        name: operator.name,
        hue: hues[at] ?? 'opaque',
        intensity: operator.macs / bytes,
        rate: operator.macs / cycles,
        share: macs > 0 ? operator.macs / macs : 0,
      },
    ];
  });
}

/** A kernel of the estimate and the operator of the run that stands for the same nodes, in the order of the program. */
export interface RooflineStop {
  readonly nodes: readonly string[];
  readonly name: string;
  readonly kernel: KernelPoint | null;
  readonly simulated: SimulatedPoint | null;
}

/** What the keyboard steps through: every kernel, and the operators of the run that no kernel stands for any more. */
export function stopsOf(
  kernels: readonly KernelEstimate[],
  { points, simulated }: Roofline<KernelPoint, SimulatedPoint>,
): readonly RooflineStop[] {
  const pointOf = new Map(points.map((point) => [point.kernel, point]));
  const byNode = new Map(simulated.flatMap((point) => point.operator.nodes.map((node) => [node, point] as const)));
  const met = new Set<SimulatedPoint>();
  const stops = kernels.flatMap((kernel): RooflineStop[] => {
    const point = pointOf.get(kernel) ?? null;
    const found =
      kernel.nodes.map((node) => byNode.get(node)).find((one) => one !== undefined && !met.has(one)) ?? null;
    if (found) met.add(found);
    return point || found ? [{ nodes: kernel.nodes, name: kernel.name, kernel: point, simulated: found }] : [];
  });
  const rest = simulated.filter((point) => !met.has(point));
  return [
    ...stops,
    ...rest.map((point) => ({ nodes: point.operator.nodes, name: point.name, kernel: null, simulated: point })),
  ];
}

export function rooflineOf(
  kernels: readonly KernelEstimate[],
  machine: Machine,
  simulated: readonly SimulatedPoint[] = [],
): Roofline<KernelPoint, SimulatedPoint> {
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
  return rooflineUnder(machine, points, kernels.length, simulated);
}
