/** `studies.*`: sweeps over parameters of drawings and settings. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { answer } from './answer.ts';

export function studiesService(backend: Backend) {
  const os = implement(contract.studies);
  const studies = () => answer(backend.studies());
  return os.router({
    list: os.list.handler(() => {
      const open = backend.studies();
      return open.ok ? open.value.list() : [];
    }),
    start: os.start.handler(async ({ input }) => answer(await studies().start(input.spec))),
    points: os.points.handler(({ input }) => answer(studies().points(input.study, input.from))),
    stop: os.stop.handler(({ input }) => answer(studies().stop(input.study))),
    resume: os.resume.handler(({ input }) => answer(studies().resume(input.study))),
    remove: os.remove.handler(({ input }) => answer(backend.removeStudy(input.study))),
    restore: os.restore.handler(({ input }) => answer(studies().restore(input.study))),
    changes: os.changes.handler(({ input }) => answer(studies().changes(input.study, input.index))),
    copy: os.copy.handler(async ({ input }) => answer(await backend.copies.point(input.study, input.index))),
    run: os.run.handler(({ input }) => answer(studies().run(input.study, input.index))),
  });
}
