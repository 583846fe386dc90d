/** `documents.*`: reading, stepping, importing. A step's answer means: on disk. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { answer } from './answer.ts';

export function documentsService(backend: Backend) {
  const os = implement(contract.documents);
  return os.router({
    get: os.get.handler(({ input }) => answer(answer(backend.project()).documents.get(input.document))),
    create: os.create.handler(({ input }) => answer(backend.createDocument(input.kind, input.title, input.preset))),
    copy: os.copy.handler(async ({ input }) => answer(await backend.copies.document(input.document))),
    remove: os.remove.handler(({ input }) => answer(backend.removeDocument(input.document))),
    restore: os.restore.handler(({ input }) => answer(backend.restoreDocument(input.document))),
    step: os.step.handler(({ input }) => {
      const { documents } = answer(backend.writable());
      const titleBefore = documents.state(input.document)?.document.title;
      const stepped = answer(documents.step(input.document, input.base, input.operation));
      // Lists show titles; other changes reach them with the next change of the project.
      if (documents.state(input.document)?.document.title !== titleBefore) backend.projectChanged();
      return stepped;
    }),
    import: os.import.handler(async ({ input }) =>
      answer(await backend.importDocument(input.upload, input.shapes ?? {}, input.keepFile)),
    ),
    file: os.file.handler(({ input }) => answer(backend.sourceFile(input.document))),
    keepFile: os.keepFile.handler(async ({ input }) => answer(await backend.keepFile(input.document, input.upload))),
    forgetFile: os.forgetFile.handler(({ input }) => answer(backend.forgetFile(input.document))),
  });
}
