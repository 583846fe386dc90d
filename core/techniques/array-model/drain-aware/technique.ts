/**
 * Cycles by the published form 2r + c + T − 2 a fold, each fold charged for the rows and columns it uses, the drain of
 * its results counted. Groups that fit share a fold. Source: Samajdar et al., ISPASS 2020, equations 1 and 3.
 */
import { type ArrayModel, macsOf } from '#core/cost/array-model.ts';
import { countsAt, drainAwareCycles, mappingEfficiency, overFolds, streamingCycles } from '#core/cost/fold-cost.ts';
import { foldKinds } from '#core/cost/traffic.ts';

export const technique: ArrayModel = {
  manifest: {
    id: 'array-model/drain-aware',
    kind: 'array-model',
    version: '1',
    title: 'Drain-aware',
    summary: 'Every fold fills, streams and drains the rows and columns it uses: 2r + c + T − 2 cycles; no stalls.',
    maturity: 'stable',
    citations: [
      {
        text: 'Samajdar et al., A systematic methodology for characterizing scalability of DNN accelerators using SCALE-Sim, ISPASS 2020, equations 1 and 3',
        reference: 'doi:10.1109/ISPASS48437.2020.00016',
      },
    ],
    parameters: [],
  },
  estimate(workload, array) {
    const kinds = foldKinds(workload, array);
    const cells = array.rows * array.columns;
    const cycles = overFolds(kinds, drainAwareCycles);
    const macs = macsOf(workload);
    return {
      cycles,
      stallCycles: 0,
      overallUtilisation: (100 * macs) / (cells * cycles),
      mappingEfficiency: mappingEfficiency(kinds, cells),
      computeUtilisation: (100 * macs) / (cells * overFolds(kinds, streamingCycles)),
      sram: countsAt(kinds, 'cells'),
      dram: countsAt(kinds, 'off-chip'),
      limit: null,
    };
  },
};
