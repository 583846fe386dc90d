/**
 * The slower of computing a fold and moving what its neighbour needs, fold by fold: operand buffers are doubled, so a
 * fold computes while every port refills them. The first load and the last store have nothing to hide behind.
 * Sources: Samajdar et al., ISPASS 2020 (folds); Williams et al., CACM 52(4), 2009 (roofline, a lower bound of this).
 */
import type { ArrayDescription, ArrayModel, ArrayPort, Operand, PortLevel } from '#core/cost/array-model.ts';
import { macsOf } from '#core/cost/array-model.ts';
import { countsAt, drainAwareCycles, mappingEfficiency, overFolds, streamingCycles } from '#core/cost/fold-cost.ts';
import { type FoldKind, foldKinds } from '#core/cost/traffic.ts';

export const technique: ArrayModel = {
  manifest: {
    id: 'array-model/bandwidth-bound',
    kind: 'array-model',
    version: '1',
    title: 'Bandwidth-bound',
    summary:
      'A fold takes as long as its slowest part: the array, the off-chip channel, the scratchpad or a buffer’s port.',
    maturity: 'stable',
    citations: [
      {
        text: 'Williams, Waterman & Patterson, Roofline: an insightful visual performance model for multicore architectures, CACM 52(4), 2009',
        reference: 'doi:10.1145/1498765.1498785',
      },
      {
        text: 'Samajdar et al., A systematic methodology for characterizing scalability of DNN accelerators using SCALE-Sim, ISPASS 2020',
        reference: 'doi:10.1109/ISPASS48437.2020.00016',
      },
    ],
    parameters: [],
  },
  estimate(workload, array) {
    const kinds = foldKinds(workload, array);
    const ports = array.ports.map((port) => rateOf(port, array));
    const busy = ports.map(() => 0);
    let computing = 0;
    let steady = 0;
    for (const kind of kinds) {
      computing += kind.count * drainAwareCycles(kind);
      steady += kind.count * foldCycles(kind, ports, true, true);
      for (const [index, port] of ports.entries()) busy[index]! += kind.count * (into(kind, port) + outOf(kind, port));
    }
    // The first fold's operands are there before it starts, the last one's results leave after it ends.
    const first = kinds[0]!;
    const last = kinds.at(-1)!;
    const isOnly = kinds.length === 1 && first.count === 1;
    const hidden = isOnly
      ? foldCycles(first, ports, true, true) - foldCycles(first, ports, false, false)
      : foldCycles(first, ports, true, true) -
        foldCycles(first, ports, false, true) +
        foldCycles(last, ports, true, true) -
        foldCycles(last, ports, true, false);
    const exposed = transferCycles(first, ports, true, false) + transferCycles(last, ports, false, true);
    const cycles = Math.ceil(steady - hidden + exposed);

    // What would take longest by itself.
    let limit = { name: 'compute', cycles: computing };
    for (const [index, { name }] of ports.entries())
      if (busy[index]! > limit.cycles) limit = { name, cycles: busy[index]! };

    const cells = array.rows * array.columns;
    const macs = macsOf(workload);
    return {
      cycles,
      stallCycles: cycles - computing,
      overallUtilisation: (100 * macs) / (cells * cycles),
      mappingEfficiency: mappingEfficiency(kinds, cells),
      computeUtilisation: (100 * macs) / (cells * overFolds(kinds, streamingCycles)),
      sram: countsAt(kinds, 'cells'),
      dram: countsAt(kinds, 'off-chip'),
      limit: limit.name,
    };
  },
};

/** A port's cycles for one element of each operand; 0 for what does not pass it. */
interface Rate {
  readonly name: string;
  readonly level: PortLevel;
  readonly input: number;
  readonly weight: number;
  readonly output: number;
  readonly sum: number;
}

function rateOf({ name, level, operands, bytesPerCycle }: ArrayPort, array: ArrayDescription): Rate {
  const { elementBytes, partialSumBytes } = array;
  const cycles = (operand: Operand, bytes: number) => (operands.includes(operand) ? bytes / bytesPerCycle : 0);
  return {
    name,
    level,
    input: cycles('input', elementBytes.input),
    weight: cycles('weight', elementBytes.weight),
    output: cycles('output', elementBytes.output),
    sum: cycles('output', partialSumBytes),
  };
}

/** Cycles a port takes for a fold's operands. */
function into(kind: FoldKind, port: Rate): number {
  const traffic = kind.traffic[port.level];
  return traffic.input * port.input + traffic.weight * port.weight;
}

/** Cycles a port takes for a fold's results and partial sums. */
function outOf(kind: FoldKind, port: Rate): number {
  const traffic = kind.traffic[port.level];
  return traffic.output * port.output + (traffic.sumReads + traffic.sumWrites) * port.sum;
}

/** The array's own time, that of its edge, or that of the slowest port that moves operands or results meanwhile. */
function foldCycles(kind: FoldKind, ports: readonly Rate[], withOperands: boolean, withResults: boolean): number {
  let cycles = Math.max(drainAwareCycles(kind), transferCycles(kind, ports, withOperands, withResults));
  for (const port of ports) if (port.level === 'cells') cycles = Math.max(cycles, into(kind, port) + outOf(kind, port));
  return cycles;
}

/** The time of the slowest port between memory and the operand buffers. */
function transferCycles(kind: FoldKind, ports: readonly Rate[], withOperands: boolean, withResults: boolean): number {
  let cycles = 0;
  for (const port of ports) {
    if (port.level === 'cells') continue;
    cycles = Math.max(cycles, (withOperands ? into(kind, port) : 0) + (withResults ? outOf(kind, port) : 0));
  }
  return cycles;
}
