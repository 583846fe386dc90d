/**
 * The least time any schedule of a kernel can take on an array: every cell busy every cycle, every byte moved once
 * at full bandwidth. After Williams, Waterman & Patterson, Roofline, CACM 52(4), 2009.
 */
import { type ArrayDescription, type ArrayWorkload, macsOf, type Operand } from './array-model.ts';
import { distinctInput } from './traffic.ts';

export interface Roofline {
  readonly computeCycles: number;
  readonly portCycles: readonly { readonly name: string; readonly cycles: number }[];
  /** The greatest of them. */
  readonly cycles: number;
  /** `compute` or the name of a port. */
  readonly limit: string;
}

export function roofline(workload: ArrayWorkload, array: ArrayDescription): Roofline {
  const { groups, m, n, k } = workload;
  const elements: Readonly<Record<Operand, number>> = {
    input: groups * distinctInput(workload),
    weight: groups * k * n,
    output: groups * m * n,
  };
  const computeCycles = macsOf(workload) / (array.rows * array.columns);
  const portCycles = array.ports.map(({ name, operands, bytesPerCycle }) => {
    const bytes = operands.reduce((sum, operand) => sum + elements[operand] * array.elementBytes[operand], 0);
    return { name, cycles: bytes / bytesPerCycle };
  });
  let limit = { name: 'compute', cycles: computeCycles };
  for (const port of portCycles) if (port.cycles > limit.cycles) limit = port;
  return { computeCycles, portCycles, cycles: limit.cycles, limit: limit.name };
}
