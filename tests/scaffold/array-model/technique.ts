/** The floor under every other model: all cells multiply-accumulate in every cycle. */
import { type ArrayModel, macsOf } from '#core/cost/array-model.ts';
import { countsAt, mappingEfficiency } from '#core/cost/fold-cost.ts';
import { foldKinds } from '#core/cost/traffic.ts';

export const technique: ArrayModel = {
  manifest: {
    id: 'array-model/example',
    kind: 'array-model',
    version: '0.1.0',
    title: 'Example',
    summary: 'Multiply-accumulates divided by cells.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  estimate(workload, array) {
    const kinds = foldKinds(workload, array);
    const cells = array.rows * array.columns;
    const cycles = Math.ceil(macsOf(workload) / cells);
    const utilisation = (100 * macsOf(workload)) / (cells * cycles);
    return {
      cycles,
      stallCycles: 0,
      overallUtilisation: utilisation,
      mappingEfficiency: mappingEfficiency(kinds, cells),
      computeUtilisation: utilisation,
      sram: countsAt(kinds, 'cells'),
      dram: countsAt(kinds, 'off-chip'),
      limit: null,
    };
  },
};
