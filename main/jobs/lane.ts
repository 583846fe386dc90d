/**
 * One worker thread and the jobs that wait for it. The thread is kept warm between jobs; whatever happens in it
 * (a throw, an exit, a full heap, a memory hog, an endless loop after cancel) ends that job with a problem and
 * the next job gets a working thread. Resource limits do not cap ArrayBuffers, so resident memory is watched too.
 */
import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Progress } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { fillWindow, sharedFile } from '../files/remote-source.ts';
import type { JobKind, JobRequest, Jobs, WorkerMessage } from './messages.ts';

export interface LaneLimits {
  /** JavaScript heap of the thread, MiB. */
  readonly heapMegabytes: number;
  /** Growth of the process's resident memory during one job, bytes. */
  readonly residentBytes: number;
  /** From the wish to stop until the thread is ended, milliseconds. */
  readonly cancelGraceMs: number;
  /** How often resident memory is looked at while a job runs, milliseconds. */
  readonly watchMs: number;
}

export const DEFAULT_LIMITS: LaneLimits = {
  heapMegabytes: Math.min(8192, Math.round(totalmem() / 2 ** 21)),
  residentBytes: Math.round(totalmem() * 0.6),
  cancelGraceMs: 5000,
  watchMs: 500,
};

export interface RunningJob<K extends JobKind> {
  /** Never rejects: what a thread does to itself is a problem `job.…`. */
  readonly answer: Promise<Result<Jobs[K]['output'], Problem>>;
  /** Asks to stop; ends the thread after the grace. */
  cancel(): void;
}

export interface Lane {
  /** @param file read for the job, by offset, from this thread. */
  run<K extends JobKind>(
    kind: K,
    input: Jobs[K]['input'],
    onProgress?: (progress: Progress) => void,
    file?: ByteSource | null,
  ): RunningJob<K>;
  /** Ends the thread; waiting jobs end as stopped. */
  close(): Promise<void>;
}

interface Pending {
  readonly request: JobRequest;
  readonly onProgress: (progress: Progress) => void;
  readonly file: ByteSource | null;
  readonly settle: (answer: Result<unknown, Problem>) => void;
  grace: NodeJS.Timeout | null;
}

export function createLane(worker: URL, limits: LaneLimits = DEFAULT_LIMITS): Lane {
  const waiting: Pending[] = [];
  let current: Pending | null = null;
  let thread: Worker | null = null;
  let watch: NodeJS.Timeout | null = null;
  let closed = false;
  let nextJob = 1;

  function settle(answer: Result<unknown, Problem>): void {
    const job = current;
    current = null;
    if (watch) clearInterval(watch);
    watch = null;
    if (job?.grace) clearTimeout(job.grace);
    job?.settle(answer);
    pump();
  }

  /** Ends the thread; the job in it fails with `cause`. */
  function end(cause: Problem): void {
    const dying = thread;
    thread = null;
    dying?.removeAllListeners();
    // A dying thread may still raise an error; nobody waits for it any more.
    dying?.on('error', () => {});
    void dying?.terminate();
    if (current) settle(err(cause));
  }

  function spawn(): Worker {
    const made = new Worker(worker, {
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes },
      // The thread is nobody's command line.
      argv: [],
      name: 'weft jobs',
    });
    // An idle thread must not keep a command-line process alive.
    made.unref();
    made.on('message', (message: WorkerMessage) => {
      if (!current || message.job !== current.request.job) return;
      if (message.type === 'progress') current.onProgress(message.progress);
      else if (message.type === 'read') {
        const { file, request } = current;
        if (file && request.file) fillWindow(request.file, file, message.offset);
      } else if (message.type === 'answer') settle(message.answer);
      else settle(err(crashed(message.message)));
    });
    made.on('error', (error: Error & { code?: string }) =>
      end(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? outOfMemory(limits.heapMegabytes * 2 ** 20)
          : crashed(error.message),
      ),
    );
    made.on('exit', (code) => end(crashed(`the worker thread ended by itself (exit code ${code})`)));
    return made;
  }

  function pump(): void {
    if (current || closed) return;
    const next = waiting.shift();
    if (!next) {
      thread?.unref();
      return;
    }
    current = next;
    try {
      thread ??= spawn();
      thread.ref();
      thread.postMessage(next.request);
    } catch (error) {
      settle(err(crashed(String(error))));
      return;
    }
    const before = process.memoryUsage.rss();
    watch = setInterval(() => {
      if (process.memoryUsage.rss() - before > limits.residentBytes) end(outOfMemory(limits.residentBytes));
    }, limits.watchMs);
  }

  return {
    run: <K extends JobKind>(
      kind: K,
      input: Jobs[K]['input'],
      onProgress: (progress: Progress) => void = () => {},
      file: ByteSource | null = null,
    ) => {
      const cancel = new SharedArrayBuffer(4);
      const job = nextJob++;
      let pending: Pending | null = null;
      const answer = new Promise<Result<Jobs[K]['output'], Problem>>((resolve) => {
        pending = {
          request: { job, kind, input, cancel, file: file && sharedFile(file) },
          onProgress,
          file,
          settle: (settled) => resolve(settled as Result<Jobs[K]['output'], Problem>),
          grace: null,
        };
        if (closed) pending.settle(err(stopped()));
        else waiting.push(pending);
      });
      pump();
      return {
        answer,
        cancel: () => {
          Atomics.store(new Int32Array(cancel), 0, 1);
          const at = waiting.findIndex((one) => one.request.job === job);
          if (at >= 0) waiting.splice(at, 1)[0]?.settle(err(stopped()));
          else if (current?.request.job === job)
            current.grace ??= setTimeout(() => end(stopped()), limits.cancelGraceMs);
        },
      };
    },
    close: async () => {
      closed = true;
      for (const job of waiting.splice(0)) job.settle(err(stopped()));
      const dying = thread;
      end(stopped());
      await dying?.terminate();
    },
  };
}

function stopped(): Problem {
  return problem('job.stopped', 'Stopped before there was a result', { severity: 'info' });
}

function crashed(reason: string): Problem {
  return problem('job.crashed', `The work ended unexpectedly: ${reason.split('\n', 1)[0]}`, {
    facts: { reason: reason.slice(0, 4000) },
  });
}

function outOfMemory(limit: number): Problem {
  return problem(
    'job.out-of-memory',
    'The work needed more memory than it may take; try a smaller model or more memory',
    {
      facts: { limit, unit: 'B' },
    },
  );
}
