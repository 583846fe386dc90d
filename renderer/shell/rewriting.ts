/** What the registered rewrites propose for a drawn model; in a worker, one proposal at a time, cancellable. */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { EmptyBecause } from '#core/compile/array-use.ts';
import { toFile } from '#core/document/document.ts';
import { type ProposalRequest, rewrites } from '#core/technique/propose.ts';
import type { Proposal } from '#core/technique/rewrite.ts';
import { type Asked, askWorker } from '../client/answering-worker.ts';
import type { RewriteJob } from './rewrite.worker.ts';

export const REWRITES = rewrites.map(({ manifest }) => manifest);

/** Why cells of an array are empty, in a table. */
export const EMPTY_WORDS: Readonly<Record<EmptyBecause, string>> = {
  depthwise: 'one filter a channel',
  grouped: 'groups side by side',
  'few-rows': 'rows left over',
  'few-columns': 'columns left over',
  'ragged-edges': 'ragged last tiles',
  none: 'no cell is idle',
};

export type Proposing = Asked<Proposal>;

/** A proposal compiles the model a few times, and can be stopped by hand before. */
const LONGEST_PROPOSAL_MS = 300_000;

export function startProposal({ model, architecture, ...rest }: ProposalRequest): Proposing {
  const worker = new Worker(new URL('./rewrite.worker.ts', import.meta.url), { type: 'module' });
  const job: RewriteJob = { ...rest, model: toFile(model), architecture: toFile(architecture) };
  return askWorker<Result<Proposal, Problem>, Proposal>(worker, job, {
    what: 'The proposal',
    silenceMs: LONGEST_PROPOSAL_MS,
    read: (answer) => answer,
  });
}
