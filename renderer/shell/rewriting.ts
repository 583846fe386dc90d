/** What the registered rewrites propose for a drawn model; in a worker, one proposal at a time, cancellable. */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { EmptyBecause } from '#core/compile/array-use.ts';
import { toFile } from '#core/document/document.ts';
import { type ProposalRequest, rewrites } from '#core/technique/propose.ts';
import type { Proposal } from '#core/technique/rewrite.ts';
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

export interface Proposing {
  readonly done: Promise<Result<Proposal, Problem>>;
  /** Ends the work; `done` then never settles. */
  readonly cancel: () => void;
}

export function startProposal({ model, architecture, ...rest }: ProposalRequest): Proposing {
  const worker = new Worker(new URL('./rewrite.worker.ts', import.meta.url), { type: 'module' });
  const done = new Promise<Result<Proposal, Problem>>((answer, fail) => {
    worker.addEventListener('message', ({ data }: MessageEvent<Result<Proposal, Problem>>) => answer(data));
    worker.addEventListener('error', (event) => fail(new Error(event.message)));
    worker.postMessage({ ...rest, model: toFile(model), architecture: toFile(architecture) } satisfies RewriteJob);
  }).finally(() => worker.terminate());
  return { done, cancel: () => worker.terminate() };
}
