/**
 * The worker's side of the protocol: takes one job after the other, hands the handler a Control whose cancel flag
 * is shared memory, and reports progress at most ten times a second. A handler that throws is a bug, and reported
 * as one; the worker lives on.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Control, Progress } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { remoteSource } from '../files/remote-source.ts';
import type { JobKind, JobRequest, Jobs, WorkerMessage } from './messages.ts';

export type JobHandlers = {
  readonly [K in JobKind]: (
    input: Jobs[K]['input'],
    control: Control,
    file: ByteSource | null,
  ) => Result<Jobs[K]['output'], Problem> | Promise<Result<Jobs[K]['output'], Problem>>;
};

const PROGRESS_INTERVAL_MS = 100;

export function serveJobs(port: MessagePort, handlers: Partial<JobHandlers>): void {
  const send = (message: WorkerMessage) => port.postMessage(message);
  port.on('message', async ({ job, kind, input, cancel, file }: JobRequest) => {
    const flag = new Int32Array(cancel);
    let last = Number.NEGATIVE_INFINITY;
    const control: Control = {
      cancelled: () => Atomics.load(flag, 0) === 1,
      report: (progress: Progress) => {
        const now = performance.now();
        if (now - last < PROGRESS_INTERVAL_MS) return;
        last = now;
        send({ type: 'progress', job, progress });
      },
    };
    const source = file && remoteSource(file, (offset) => send({ type: 'read', job, offset }));
    try {
      const handler = handlers[kind] as
        | ((input: unknown, control: Control, file: ByteSource | null) => Promise<Result<unknown, Problem>>)
        | undefined;
      if (!handler) throw new Error(`this worker does not do ${kind}`);
      send({ type: 'answer', job, answer: await handler(input, control, source) });
    } catch (error) {
      send({ type: 'threw', job, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}
