/** One search for depths, off the page's thread: it simulates thousands of times. Ended by ending the worker. */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import { type DepthsJob, type FoundDepths, findDepths } from '#core/run/fabric/fifo-depths.ts';

export type DepthsMessage =
  | { readonly kind: 'progress'; readonly fraction: number; readonly message: string }
  | { readonly kind: 'done'; readonly found: Result<FoundDepths, Problem> };

const tell = (message: DepthsMessage) => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<DepthsJob>) => {
  const report = ({ fraction, message }: { readonly fraction: number; readonly message: string }) =>
    tell({ kind: 'progress', fraction, message });
  tell({ kind: 'done', found: findDepths(data, { report, cancelled: () => false }) });
});
