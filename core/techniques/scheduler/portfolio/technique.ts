/** Manifest and entry of the default scheduler; the parts are in core/schedule/search, the idea in README.md. */
import { SCHEDULE_PARAMETERS } from '#core/schedule/flags.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import type { Scheduler } from '#core/schedule/scheduler.ts';
import { solve } from './solve.ts';

export const technique: Scheduler = {
  manifest: {
    id: 'scheduler/portfolio',
    kind: 'scheduler',
    version: '1.0.0',
    title: 'Exact search with windows and bounds',
    summary:
      'Searches operator order and residency together, exactly where the graph falls apart into segments, by windows ' +
      'and with a proven bound where it does not, and gives every tensor an address.',
    maturity: 'stable',
    citations: [
      {
        text: 'Li, Gupta and Malik: COSMA, combined operator scheduling, memory allocation and tensor replacement',
        reference: 'arXiv:2311.18246',
      },
      {
        text: 'Ahn et al.: Serenity, ordering chaos, memory-aware scheduling of irregularly wired neural networks',
        reference: 'arXiv:2003.02369',
      },
      {
        text: 'Shaw: Using constraint programming and local search methods to solve vehicle routing problems (LNS)',
        reference: 'doi:10.1007/3-540-49481-2_30',
      },
      {
        text: 'Moffitt: MiniMalloc, a lightweight memory allocator for ML accelerators',
        reference: 'doi:10.1145/3623278.3624752',
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
        title: 'Search budget',
        help: 'States made over all searches; about 400,000 a second. What is not proven by then is reported as a gap.',
        kind: 'integer',
        unit: '',
        minimum: 1_000,
        maximum: 1_000_000_000,
        default: 10_000_000,
      },
      {
        id: 'packNodeLimit',
        title: 'Packing budget',
        help: 'Search nodes for addresses, before the residency is solved again with less room.',
        kind: 'integer',
        unit: '',
        minimum: 0,
        maximum: 100_000_000,
        default: 200_000,
        advanced: true,
      },
      {
        id: 'mipNodeLimit',
        title: 'Integer programme budget',
        help: 'Branch-and-bound nodes for the residency in file order, a baseline.',
        kind: 'integer',
        unit: '',
        minimum: 1,
        maximum: 10_000_000,
        default: 500,
        advanced: true,
      },
      ...SCHEDULE_PARAMETERS,
    ],
  },
  solve,
};
