/** Manifest and entry of order and residency in one programme; the model is core/schedule/order-model.ts. */
import { SCHEDULE_PARAMETERS } from '#core/schedule/flags.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import type { Scheduler } from '#core/schedule/scheduler.ts';
import { solve } from './solve.ts';

export const technique: Scheduler = {
  manifest: {
    id: 'scheduler/free-order-ilp',
    kind: 'scheduler',
    version: '1.0.0',
    title: 'Order and residency as one integer programme',
    summary:
      'The literal way, as a reference: one integer programme over operator order and residency, tightened; ' +
      'for chain-like graphs of a few hundred operators. What is too large for it keeps the best given order.',
    maturity: 'experimental',
    citations: [
      {
        text: 'Li, Gupta and Malik: COSMA, combined operator scheduling, memory allocation and tensor replacement',
        reference: 'arXiv:2311.18246',
      },
      {
        text: 'Moffitt: MiniMalloc, a lightweight memory allocator for ML accelerators',
        reference: 'doi:10.1145/3623278.3624752',
      },
      {
        text: 'Huangfu and Hall: Parallelizing the dual revised simplex method (HiGHS)',
        reference: 'doi:10.1007/s12532-017-0130-5',
      },
    ],
    parameters: [
      {
        id: 'mode',
        title: 'Mode',
        help: 'strict: operands and results are whole on chip while an operator runs. stream: they may pass by directly.',
        source: 'COSMA, section III',
        kind: 'choice',
        choices: SCHEDULE_MODES.map((value) => ({ value, title: value })),
        default: 'stream',
      },
      {
        id: 'nodeLimit',
        title: 'Node limit',
        help:
          'Branch-and-bound nodes of the programme, fewer on models of more than 300 columns; ' +
          'what is not proven by then is reported as a gap.',
        kind: 'integer',
        unit: '',
        minimum: 1,
        maximum: 10_000_000,
        default: 100_000,
        advanced: true,
      },
      {
        id: 'packNodeLimit',
        title: 'Packing node limit',
        help: 'Search nodes for addresses, before the residency is solved again with less room.',
        kind: 'integer',
        unit: '',
        minimum: 0,
        maximum: 100_000_000,
        default: 50_000,
        advanced: true,
      },
      ...SCHEDULE_PARAMETERS,
    ],
  },
  solve,
};
