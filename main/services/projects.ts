/** `projects.*`: recent projects, examples, opening and closing. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import { forgetProject, recentProjects } from '#projects/recent.ts';
import { listTextProjects } from '#projects/text.ts';
import type { Backend } from '../backend.ts';
import { openPath } from '../files/open-path.ts';
import { answer } from './answer.ts';

export function projectsService(backend: Backend) {
  const os = implement(contract.projects);
  const { places, examples, pickProject } = backend.options;
  return os.router({
    recent: os.recent.handler(() => recentProjects(places.config)),
    forget: os.forget.handler(({ input }) => {
      forgetProject(places.config, input.path);
      return recentProjects(places.config);
    }),
    examples: os.examples.handler(() => listTextProjects(examples)),
    current: os.current.handler(() => backend.view()),
    create: os.create.handler(async ({ input }) => answer(await backend.createProject(input.title))),
    open: os.open.handler(async ({ input }) => answer(await backend.openProject(input.path))),
    openExample: os.openExample.handler(async ({ input }) => answer(await backend.openExample(input.slug))),
    pick: os.pick.handler(async () => {
      const path = await pickProject?.();
      return path == null ? null : answer(await openPath(backend, path));
    }),
    rename: os.rename.handler(({ input }) => answer(backend.renameProject(input.title))),
    exportBundle: os.exportBundle.handler(async () => answer(await backend.bundles.export())),
    importBundle: os.importBundle.handler(async ({ input }) => answer(await backend.bundles.import(input.upload))),
    close: os.close.handler(async () => {
      await backend.closeProject();
      return null;
    }),
  });
}
