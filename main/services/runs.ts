/** `runs.*`: starting, cancelling, importing and exporting runs. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { answer } from './answer.ts';

export function runsService(backend: Backend) {
  const os = implement(contract.runs);
  return os.router({
    list: os.list.handler(() => backend.runs()),
    start: os.start.handler(({ input }) => answer(backend.startRun(input.model, input.architecture, input.settings))),
    simulate: os.simulate.handler(({ input }) => answer(backend.simulate(input.tasks, input.fabric, input.settings))),
    startAt: os.startAt.handler(async ({ input }) => answer(backend.startRunAt(input.run, input.scratchpadBytes))),
    verify: os.verify.handler(({ input }) => answer(backend.verifyRun(input.run))),
    convergence: os.convergence.handler(({ input }) => backend.convergence(input.run)),
    curve: os.curve.handler(({ input }) => answer(backend.curve(input.run))),
    startCurve: os.startCurve.handler(({ input }) => answer(backend.startCurve(input.run, input.range))),
    cancelCurve: os.cancelCurve.handler(({ input }) => answer(backend.cancelCurve(input.run))),
    program: os.program.handler(async ({ input: { run, ...page } }) => answer(await backend.program(run, page))),
    cancel: os.cancel.handler(({ input }) => answer(backend.cancelRun(input.run))),
    remove: os.remove.handler(({ input }) => answer(backend.removeRun(input.run))),
    restore: os.restore.handler(({ input }) => answer(backend.restoreRun(input.run))),
    queue: os.queue.handler(() => answer(backend.queue()).view()),
    reorder: os.reorder.handler(({ input }) => answer(backend.queue(true)).reorder(input.run, input.before)),
    pause: os.pause.handler(() => answer(backend.queue(true)).pause()),
    resume: os.resume.handler(() => answer(backend.queue(true)).resume()),
    import: os.import.handler(async ({ input }) => answer(await backend.importRun(input.upload))),
    export: os.export.handler(async ({ input }) =>
      answer(await backend.reports.run(input.run, input.format, input.sections)),
    ),
  });
}
