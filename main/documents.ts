/** Documents of the open project: new ones, from presets and from files; out of sight and back; the model files kept with them. */
import { presetById } from '#core/architecture/presets.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { DocumentSummary, ImportView, SourceFileView } from '#core/contract/views.ts';
import { type DocumentFile, type DocumentKind, emptyDocument, toFile } from '#core/document/document.ts';
import { FABRIC_PRESETS } from '#core/fabric/presets.ts';
import { TASK_PRESETS } from '#core/taskgraph/presets.ts';
import { newId } from '#projects/id.ts';
import type { Project } from '#projects/project.ts';
import type { Shapes } from './files/import-file.ts';
import { createModelFiles } from './files/model-files.ts';
import type { WithUpload } from './files/temp-store.ts';
import type { Lane } from './jobs/lane.ts';

export interface DocumentCalls {
  createDocument(kind: DocumentKind, title: string, preset: string | undefined): Result<DocumentSummary, Problem>;
  removeDocument(id: string): Result<null, Problem>;
  restoreDocument(id: string): Result<DocumentSummary, Problem>;
  importDocument(
    upload: string,
    shapes: Shapes,
    /** Unless said, of files up to KEEP_UNASKED_BYTES. */
    keep?: boolean,
  ): Promise<Result<ImportView, Problem>>;
  sourceFile(document: string): Result<SourceFileView | null, Problem>;
  keepFile(document: string, upload: string): Promise<Result<SourceFileView, Problem>>;
  forgetFile(document: string): Result<SourceFileView | null, Problem>;
}

export interface DocumentsHost {
  readonly lane: Lane;
  readonly project: () => Result<Project, Problem>;
  readonly writable: () => Result<Project, Problem>;
  readonly withUpload: WithUpload;
  readonly changed: () => void;
}

export interface Documents {
  readonly calls: DocumentCalls;
  /** Under an id of its own: the same file may be added twice. */
  add(target: Project, file: DocumentFile): Result<DocumentSummary, Problem>;
}

export function createDocuments({ lane, project, writable, withUpload, changed }: DocumentsHost): Documents {
  function add(target: Project, file: DocumentFile): Result<DocumentSummary, Problem> {
    const made = target.documents.create({ ...file, id: newId('doc') });
    if (made.ok) changed();
    return made;
  }

  const files = createModelFiles({ lane, writable, addDocument: add, changed });

  return {
    add,
    calls: {
      createDocument: (kind, title, preset) => {
        const target = writable();
        if (!target.ok) return target;
        if (preset === undefined) return add(target.value, toFile(emptyDocument('new', kind, title)));
        const found = presetById(preset) ?? [...TASK_PRESETS, ...FABRIC_PRESETS].find(({ id }) => id === preset);
        if (!found) return err(problem('preset.unknown', `There is no preset ${preset}`));
        const file = toFile(found.build('new'));
        if (file.kind !== kind)
          return err(problem('preset.wrong-kind', `${found.title} is not a preset of the kind ${kind}`));
        return add(target.value, { ...file, title });
      },
      removeDocument: (id) => {
        const target = writable();
        if (!target.ok) return target;
        const removed = target.value.documents.remove(id);
        if (removed.ok) changed();
        return removed;
      },
      restoreDocument: (id) => {
        const target = writable();
        if (!target.ok) return target;
        const restored = target.value.documents.restore(id);
        if (restored.ok) changed();
        return restored;
      },
      importDocument: (id, shapes, keep) => withUpload(id, (file) => files.importDocument(file, shapes, keep)),
      keepFile: (document, id) => withUpload(id, (file) => files.keep(document, file)),
      sourceFile: (document) => {
        const current = project();
        if (!current.ok) return current;
        const { documents, files: kept } = current.value;
        // The file of a removed document waits with it.
        return ok(documents.list().some(({ id }) => id === document) ? kept.view(document) : null);
      },
      forgetFile: (document) => {
        const target = writable();
        if (!target.ok) return target;
        const forgotten = target.value.files.forget(document);
        changed();
        return ok(forgotten);
      },
    },
  };
}
