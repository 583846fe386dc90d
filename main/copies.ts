/** Copies as documents of their own: of a drawing as it is now, and of the drawings with the values of a study's point. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { KEEP_UNASKED_BYTES } from '#core/contract/contract.ts';
import type { DocumentSummary } from '#core/contract/views.ts';
import { type DocumentFile, toFile } from '#core/document/document.ts';
import { pointInputs } from '#core/study/points.ts';
import { pointChanges } from '#core/study/space.ts';
import type { Project } from '#projects/project.ts';
import { studyMissing } from '#projects/study-store.ts';

export interface Copies {
  /** Without its history; with its candidates, and its model file, which is copied up to the size that is kept unasked. */
  document(id: string): Promise<Result<DocumentSummary, Problem>>;
  /** Those of the study's two documents that the point changes, as they were when it began, with its values. */
  point(study: string, index: number): Promise<Result<readonly DocumentSummary[], Problem>>;
}

export interface CopiesHost {
  readonly writable: () => Result<Project, Problem>;
  readonly addDocument: (target: Project, file: DocumentFile) => Result<DocumentSummary, Problem>;
  readonly changed: () => void;
}

const LONGEST_TITLE = 200;

export function createCopies({ writable, addDocument, changed }: CopiesHost): Copies {
  /** @param of whose model file goes with it. */
  async function add(target: Project, file: DocumentFile, of: string): Promise<Result<DocumentSummary, Problem>> {
    const made = addDocument(target, file);
    const known = target.files.view(of);
    if (!made.ok || !known) return made;
    const identity = known.bytes <= KEEP_UNASKED_BYTES ? target.files.identity(of) : null;
    const source = identity && target.files.source(identity.sha256);
    const choices = target.files.choices(of);
    const kept = source
      ? await target.files.keep(made.value.id, known.name, source, choices)
      : target.files.note(made.value.id, known.name, known.bytes, choices);
    changed();
    return kept.ok ? ok({ ...made.value, file: kept.value }) : made;
  }

  return {
    document: async (id) => {
      const target = writable();
      if (!target.ok) return target;
      const state = target.value.documents.state(id);
      if (!state)
        return err(
          problem('document.missing', 'There is no such document in this project', { where: { document: id } }),
        );
      const taken = new Set(target.value.documents.list().map(({ title }) => title));
      const file = { ...toFile(state.document), title: titleOfCopy(state.document.title, taken) };
      const made = await add(target.value, file, id);
      if (made.ok) copyCandidates(target.value, id, made.value, state.revision);
      return made;
    },
    point: async (id, index) => {
      const target = writable();
      if (!target.ok) return target;
      const { studies } = target.value;
      const view = studies.get(id);
      const frozen = studies.inputs(id);
      if (!view || !frozen) return err(studyMissing());
      const point = studies.point(id, index);
      if (!point) return err(problem('study.no-point', 'The study has no such point'));
      const changes = pointChanges(view.spec, point.choice);
      const inputs = pointInputs(view.spec, frozen, point.choice);
      const files =
        'tasks' in inputs
          ? { model: inputs.tasks, architecture: inputs.fabric }
          : { model: inputs.model, architecture: inputs.architecture };
      const wanted = (['model', 'architecture'] as const).filter((of) => Object.keys(changes[of]).length > 0);
      if (wanted.length === 0)
        return err(
          problem('study.settings-only', 'This point differs in settings alone: the drawings are its drawings'),
        );
      const made: DocumentSummary[] = [];
      for (const of of wanted) {
        const file = files[of];
        const title = `${file.title} · study ${view.number}, point ${index + 1}`.slice(0, LONGEST_TITLE);
        const added = await add(target.value, { ...file, title }, view.spec[of]);
        if (!added.ok) return added;
        made.push(added.value);
      }
      return ok(made);
    },
  };
}

/** No document gets so far: what was checked on another revision than the copied one is of none of the copy's. */
const NO_REVISION = Number.MAX_SAFE_INTEGER;

/** With what their checks said, which holds for the copy as far as it held for the document of that revision. */
function copyCandidates({ candidates }: Project, of: string, copy: DocumentSummary, revision: number): void {
  for (const { id } of candidates.list(of)) {
    const found = candidates.get(id);
    if (!found.ok) continue;
    const { id: _id, createdAt: _createdAt, ...candidate } = found.value;
    const isOfIt = candidate.model.revision === revision;
    candidates.insert({ ...candidate, model: { document: copy.id, revision: isOfIt ? copy.revision : NO_REVISION } });
  }
}

/** `Edge copy`, then `Edge copy 2`, also of a copy. */
export function titleOfCopy(title: string, taken: ReadonlySet<string>): string {
  const own = title.replace(/ copy(?: \d+)?$/, '').slice(0, LONGEST_TITLE - 12);
  for (let count = 1; ; count++) {
    const next = `${own} copy${count === 1 ? '' : ` ${count}`}`;
    if (!taken.has(next)) return next;
  }
}
