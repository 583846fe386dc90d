/**
 * Uploaded model files as documents, and the copies of them a project keeps for their weights. An importer reads the
 * file in a worker; the copy is made here, where the project is.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { KEEP_UNASKED_BYTES } from '#core/contract/contract.ts';
import type { DocumentSummary, ImportView, SourceFileView } from '#core/contract/views.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { ImportChoices } from '#projects/file-store.ts';
import type { Project } from '#projects/project.ts';
import type { Lane } from '../jobs/lane.ts';
import { openFileSource } from './byte-source.ts';
import type { Shapes } from './import-file.ts';
import type { StoredFile } from './temp-store.ts';

export interface ModelFiles {
  /** A new document; of a model with weights a copy of the file, or a note of it where `keep` is false. */
  importDocument(file: StoredFile, shapes: Shapes, keep: boolean | undefined): Promise<Result<ImportView, Problem>>;
  /** A copy for a document that is there. Problems: those of the importer, `file.no-weights`, those of FileStore. */
  keep(document: string, file: StoredFile): Promise<Result<SourceFileView, Problem>>;
}

export interface ModelFilesHost {
  readonly lane: Lane;
  /** The open project, which may be another one after waiting. */
  readonly writable: () => Result<Project, Problem>;
  readonly addDocument: (target: Project, file: DocumentFile) => Result<DocumentSummary, Problem>;
  readonly changed: () => void;
}

export function createModelFiles({ lane, writable, addDocument, changed }: ModelFilesHost): ModelFiles {
  async function read({ path, name }: StoredFile, shapes: Shapes) {
    const made = await lane.run('import', { path, name, shapes }).answer;
    if (!made.ok) return made;
    const target = writable();
    return target.ok ? ok({ ...made.value, target: target.value }) : target;
  }

  async function copy(target: Project, document: string, { path, name }: StoredFile, choices: ImportChoices) {
    const source = openFileSource(path);
    try {
      return await target.files.keep(document, name, source, choices);
    } finally {
      source.close();
    }
  }

  return {
    importDocument: async (file, shapes, keep = file.size <= KEEP_UNASKED_BYTES) => {
      const made = await read(file, shapes);
      if (!made.ok) return made;
      const { target, problems, hasWeights } = made.value;
      const added = addDocument(target, made.value.document);
      if (!added.ok) return added;
      const document = added.value;
      if (!hasWeights) return ok({ document, problems });
      const kept = keep
        ? await copy(target, document.id, file, { shapes })
        : target.files.note(document.id, file.name, file.size, { shapes });
      changed();
      // The document is there; that its file could not be copied is said beside it.
      return kept.ok
        ? ok({ document: { ...document, file: kept.value }, problems })
        : ok({ document, problems: [...problems, { ...kept.error, severity: 'warning' }] });
    },
    keep: async (document, file) => {
      const target = writable();
      if (!target.ok) return target;
      const choices = target.value.files.choices(document);
      const made = await read(file, choices.shapes ?? {});
      if (!made.ok) return made;
      if (!made.value.hasWeights) return err(problem('file.no-weights', `${file.name} has no weights to keep`));
      const kept = await copy(made.value.target, document, file, choices);
      if (kept.ok) changed();
      return kept;
    },
  };
}
