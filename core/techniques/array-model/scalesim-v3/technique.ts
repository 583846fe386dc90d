/**
 * SCALE-Sim v3 in closed form, integer for integer: cycles, utilisations, SRAM accesses, and off-chip accesses with
 * stall-free memories (its CALC mode). Where its memories follow addresses that overlap, or stall (its USER mode),
 * the count is null here and `replay.ts` finds it. Source: SCALE-Sim v3.0.0, its compute and memory classes.
 */
import { textOf } from '#core/catalog/parameter.ts';
import { type ArrayModel, type ArrayWorkload, macsOf } from '#core/cost/array-model.ts';
import { bufferAccesses, fold, foldedCycles } from '#core/cost/folds.ts';
import { calcAccesses, userAccesses } from './off-chip.ts';

export const technique: ArrayModel = {
  manifest: {
    id: 'array-model/scalesim-v3',
    kind: 'array-model',
    version: '3.0.0',
    title: 'SCALE-Sim v3',
    summary: 'As SCALE-Sim v3 counts: every fold costs a full one, partial sums are written and never read back.',
    maturity: 'stable',
    citations: [
      {
        text: 'Raj et al., SCALE-Sim v3: a modular cycle-accurate systolic accelerator simulator for end-to-end system analysis, ISPASS 2025',
        reference: 'arXiv:2504.15377',
      },
      {
        text: 'Samajdar et al., A systematic methodology for characterizing scalability of DNN accelerators using SCALE-Sim, ISPASS 2020',
        reference: 'doi:10.1109/ISPASS48437.2020.00016',
      },
    ],
    parameters: [
      {
        id: 'interface',
        title: 'Memory interface',
        help: 'CALC: memories never stall, the bandwidth they need is reported. USER: they have the bandwidth given.',
        kind: 'choice',
        choices: [
          { value: 'calc', title: 'CALC: as wide as needed' },
          { value: 'user', title: 'USER: as wide as drawn' },
        ],
        default: 'calc',
        source: 'SCALE-Sim v3, InterfaceBandwidth',
      },
    ],
  },
  estimate(workload, array, parameters) {
    const { rows, columns, dataflow } = array;
    const { groups } = workload;
    const { rowFolds, columnFolds, spatialRows, spatialColumns, temporal } = fold(workload, dataflow, rows, columns);
    const cells = rows * columns;
    const folds = rowFolds * columnFolds;
    const accesses = bufferAccesses(workload, dataflow, rows, columns);
    // It adds rows + columns a fold to the writes of os.
    const drained = dataflow === 'os' ? folds * (rows + columns) : 0;
    // Its utilisation leaves one cycle of loading in ws and is: 2R + 2C + T − 3.
    const computed = temporal + rows + columns - 2 + (dataflow === 'os' ? 0 : rows + columns - 1);
    const interfaceMode = textOf(parameters, 'interface', 'calc');
    const memory =
      interfaceMode === 'user'
        ? userAccesses(workload, array)
        : { stallCycles: 0, dram: calcAccesses(workload, array) };
    const each = (count: number | null) => (count === null ? null : count * groups);
    // A group is a layer of its own there; each is counted from cycle 0, so its total is one less.
    const computing = foldedCycles(workload, dataflow, rows, columns) - 1;
    const stallCycles = each(memory.stallCycles);
    const cycles = stallCycles === null ? null : groups * computing + stallCycles;
    return {
      cycles,
      stallCycles,
      overallUtilisation: cycles === null ? null : overallUtilisation(workload, cells, cycles),
      mappingEfficiency: (100 * spatialRows * spatialColumns) / (folds * cells),
      computeUtilisation: (100 * spatialRows * spatialColumns * temporal) / (folds * cells * computed),
      sram: {
        ifmapReads: groups * accesses.inputReads,
        filterReads: groups * accesses.weightReads,
        ofmapWrites: groups * (accesses.outputWrites + drained),
        ofmapReads: 0,
      },
      dram: {
        ifmapReads: each(memory.dram.ifmapReads),
        filterReads: each(memory.dram.filterReads),
        ofmapWrites: each(memory.dram.ofmapWrites),
        ofmapReads: 0,
      },
      limit: null,
    };
  },
};

function overallUtilisation(workload: ArrayWorkload, cells: number, cycles: number): number {
  return (100 * macsOf(workload)) / (cells * cycles);
}
