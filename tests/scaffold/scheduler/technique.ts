/** Operators in the order of the file; when room is short, what is read again last goes (Belady's rule). */
import { completeBest } from '#core/schedule/complete.ts';
import { evict } from '#core/schedule/eviction.ts';
import { SCHEDULE_PARAMETERS, targetOf } from '#core/schedule/flags.ts';
import { gapView } from '#core/schedule/gaps.ts';
import { orderByName } from '#core/schedule/orders.ts';
import type { Scheduler } from '#core/schedule/scheduler.ts';

const NODE_LIMIT = 100;
const PACK_NODE_LIMIT = 10_000;

export const technique: Scheduler = {
  manifest: {
    id: 'scheduler/example',
    kind: 'scheduler',
    version: '0.1.0',
    title: 'Example',
    summary: 'File order with Belady’s rule; nothing is searched.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [...SCHEDULE_PARAMETERS],
  },
  solve(problem, options) {
    const view = gapView(problem, targetOf(problem, options), orderByName(problem, 'file'));
    const found = { view, kept: evict(view, 'belady'), orderName: 'file', orderBound: 0 };
    return completeBest(problem, options, found, [], {
      bound: 0,
      provenBy: 'by nothing: no bound is computed',
      fileOrder: { view, solution: null },
      nodeLimit: NODE_LIMIT,
      packNodeLimit: PACK_NODE_LIMIT,
    });
  },
};
