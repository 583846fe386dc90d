/** The columns of the per-operator table: titles, units, and what each figure means. */
import type { OperatorColumn } from './result.ts';

export const OPERATOR_COLUMNS: readonly OperatorColumn[] = [
  { id: 'macs', title: 'MACs', unit: 'MAC', badge: 'counted', formula: 'groups × M × N × K of the kernel', source: 'definition' },
  { id: 'estimateCycles', title: 'Estimate', unit: 'cycles', badge: 'estimate', formula: 'max(cycles of all tiles ÷ equal units, off-chip bytes with nothing resident ÷ bandwidth)', source: 'cost model of the unit it runs on; roofline, Williams et al., CACM 2009' },
  { id: 'startCycle', title: 'Start', unit: 'cycles', badge: 'simulated', formula: 'first tile taken up by a unit', source: 'event simulation' },
  { id: 'endCycle', title: 'End', unit: 'cycles', badge: 'simulated', formula: 'last command finished', source: 'event simulation' },
  { id: 'busyCycles', title: 'Busy', unit: 'cycles', badge: 'simulated', formula: 'Σ over its tiles and units of cycles executing', source: 'event simulation; SCALE-Sim v3 folds on arrays' },
  { id: 'utilisation', title: 'Utilisation', unit: '1', badge: 'simulated', formula: 'MACs ÷ (busy cycles × MACs a cycle of the unit)', source: 'definition' },
  { id: 'weightBytes', title: 'Weights', unit: 'B', badge: 'counted', formula: 'weight elements × bytes an element + biases × 4', source: 'definition' },
  { id: 'outputBytes', title: 'Result', unit: 'B', badge: 'counted', formula: 'result elements × bytes an element', source: 'definition' },
  { id: 'compulsoryBytes', title: 'Compulsory', unit: 'B', badge: 'counted', formula: 'weights once + first load of graph inputs + graph outputs written', source: 'COSMA, arXiv 2311.18246: compulsory accesses' },
  { id: 'spillBytes', title: 'Spill and refill', unit: 'B', badge: 'counted', formula: 'intermediates written to and read back from off chip, inputs read again', source: 'COSMA, arXiv 2311.18246: non-compulsory accesses; recounted from the commands' },
  { id: 'refetchBytes', title: 'Refetch', unit: 'B', badge: 'counted', formula: 'operand bytes × (passes of the tile loop − 1)', source: 'tile loop of the mapping; recounted from the commands' },
  { id: 'energy', title: 'Energy', unit: 'J', badge: 'estimate', formula: 'MACs × E(MAC) + lane operations × E(add) + buffer, scratchpad and off-chip bytes × E(byte)', source: 'Horowitz, ISSCC 2014; off-chip by memory type' },
];
