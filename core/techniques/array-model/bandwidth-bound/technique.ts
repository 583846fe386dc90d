/**
 * The slower of computing a fold and moving what its neighbour needs, fold by fold: operand buffers are doubled, so a
 * fold computes while every port refills them. The first load and the last store have nothing to hide behind.
 * Sources: Samajdar et al., ISPASS 2020 (folds); Williams et al., CACM 52(4), 2009 (roofline, a lower bound of this).
 */
import {
  type ArrayDescription,
  type ArrayModel,
  type ArrayPort,
  macsOf,
  type Operand,
} from '#core/cost/array-model.ts';
import { countsAt, drainAwareCycles, mappingEfficiency, overFolds, streamingCycles } from '#core/cost/fold-cost.ts';
import { type FoldKind, foldKinds, operandBytes } from '#core/cost/traffic.ts';

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
    const cells = array.rows * array.columns;
    const computing = overFolds(kinds, drainAwareCycles);
    const first = kinds[0]!;
    const last = kinds.at(-1)!;
    const isOnly = kinds.length === 1 && first.count === 1;
    // The first fold's operands are there before it starts, the last one's results leave after it ends.
    const steady = overFolds(kinds, (kind) => foldCycles(kind, array, ALL));
    const hidden = isOnly
      ? foldCycles(first, array, ALL) - foldCycles(first, array, [])
      : foldCycles(first, array, ALL) -
        foldCycles(first, array, ['output']) +
        foldCycles(last, array, ALL) -
        foldCycles(last, array, ['input', 'weight']);
    const cycles = Math.ceil(
      transferCycles(first, array, ['input', 'weight']) + steady - hidden + transferCycles(last, array, ['output']),
    );
    const macs = macsOf(workload);
    return {
      cycles,
      stallCycles: cycles - computing,
      overallUtilisation: (100 * macs) / (cells * cycles),
      mappingEfficiency: mappingEfficiency(kinds, cells),
      computeUtilisation: (100 * macs) / (cells * overFolds(kinds, streamingCycles)),
      sram: countsAt(kinds, 'cells'),
      dram: countsAt(kinds, 'off-chip'),
      limit: limitOf(kinds, array, computing),
    };
  },
};

const ALL: readonly Operand[] = ['input', 'weight', 'output'];

/** The array's own time or that of the slowest port, which moves `operands` of the fold meanwhile. */
function foldCycles(kind: FoldKind, array: ArrayDescription, operands: readonly Operand[]): number {
  let cycles = Math.max(drainAwareCycles(kind), transferCycles(kind, array, operands));
  for (const port of array.ports)
    if (port.level === 'cells') cycles = Math.max(cycles, portCycles(kind, port, array, ALL));
  return cycles;
}

/** The time `operands` of a fold take through the slowest port on their way between memory and the operand buffers. */
function transferCycles(kind: FoldKind, array: ArrayDescription, operands: readonly Operand[]): number {
  let cycles = 0;
  for (const port of array.ports)
    if (port.level !== 'cells') cycles = Math.max(cycles, portCycles(kind, port, array, operands));
  return cycles;
}

function portCycles(kind: FoldKind, port: ArrayPort, array: ArrayDescription, operands: readonly Operand[]): number {
  const traffic = kind.traffic[port.level];
  let bytes = 0;
  for (const operand of operands) if (port.operands.includes(operand)) bytes += operandBytes(traffic, operand, array);
  return bytes / port.bytesPerCycle;
}

/** What would take longest by itself over the whole kernel. */
function limitOf(kinds: readonly FoldKind[], array: ArrayDescription, computing: number): string {
  let limit = { name: 'compute', cycles: computing };
  for (const port of array.ports) {
    const cycles = overFolds(kinds, (kind) => portCycles(kind, port, array, ALL));
    if (cycles > limit.cycles) limit = { name: port.name, cycles };
  }
  return limit.name;
}
