/** A worker whose runs never end unless asked to stop; with WEFT_TEST_RUNS=end they are done at once. */
import { parentPort } from 'node:worker_threads';
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { serveJobs } from '#main/jobs/serve.ts';
import { packJson } from '#projects/codec.ts';

const ends = process.env.WEFT_TEST_RUNS === 'end';

if (parentPort)
  serveJobs(parentPort, {
    run: async (_input, control) => {
      control.report({ phase: 'test', fraction: 0.5, message: 'half' });
      while (!ends && !control.cancelled()) await new Promise((next) => setTimeout(next, 10));
      if (!ends) return err(problem('job.stopped', 'Stopped'));
      return ok({
        result: packJson({ format: 'weft-run/1' }),
        key: 'key',
        title: 'T',
        totals: [],
        stoppedEarly: false,
        stageMilliseconds: {},
        convergence: [],
      });
    },
  });
