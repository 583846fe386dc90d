/** Manifest and entry of residency under given orders; the algorithm is in solve.ts, the idea in README.md. */
import { SCHEDULE_PARAMETERS } from '#core/schedule/flags.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import type { Scheduler } from '#core/schedule/scheduler.ts';
import { ORDER_CHOICES, solve } from './solve.ts';

export const technique: Scheduler = {
  manifest: {
    id: 'scheduler/given-order',
    kind: 'scheduler',
    version: '1.0.0',
    title: 'Optimal residency under given orders',
    summary:
      'Finds the optimal residency of a given operator order, or of several, by integer programming, gives every tensor ' +
      'an address, and bounds what any order could reach.',
    maturity: 'stable',
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
      {
        text: 'Belady: A study of replacement algorithms for virtual-storage computers',
        reference: 'doi:10.1147/sj.52.0078',
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
        id: 'order',
        title: 'Operator order',
        help: 'Which order to find the residency for; best tries them all.',
        kind: 'choice',
        choices: ORDER_CHOICES.map((value) => ({ value, title: value })),
        default: 'best',
      },
      {
        id: 'nodeLimit',
        title: 'Node limit',
        help:
          'Branch-and-bound nodes for each order and for the bound, fewer on models of more than 300 columns; ' +
          'what is not proven by then is reported as a gap.',
        kind: 'integer',
        unit: '',
        minimum: 1,
        maximum: 10_000_000,
        default: 2_000,
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
