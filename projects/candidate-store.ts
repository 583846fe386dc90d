/** Candidates of a project: the text, what the check said of it, and what it was checked against. They go with their model. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CandidateReport } from '#core/candidate/report.ts';
import type { CandidateTextView, CandidateView } from '#core/contract/views.ts';
import { packJson, unpackJson } from './codec.ts';
import type { Db } from './database.ts';
import { newId, now } from './id.ts';

export interface CandidateRow {
  readonly id: string;
  readonly document: string;
  readonly node: string;
  readonly title: string;
  readonly text: string;
  readonly checked: string;
  readonly report: Uint8Array;
  readonly created_at: string;
}

export type NewCandidate = Omit<CandidateTextView, 'id' | 'createdAt'>;

export interface CandidateStore {
  /** Of one model, oldest first, without texts. */
  list(document: string): readonly CandidateView[];
  get(id: string): Result<CandidateTextView, Problem>;
  /** Problems: `document.missing`, should the model be gone. */
  insert(candidate: NewCandidate): Result<CandidateView, Problem>;
  remove(id: string): Result<null, Problem>;
}

const missing = (): Problem => problem('candidate.missing', 'This candidate is gone');
const gone = (): Problem => problem('document.missing', 'The model of this candidate is gone');

/** Of a project of a schema without candidates, which is open for reading only: it has none. */
const NONE: CandidateStore = {
  list: () => [],
  get: () => err(missing()),
  insert: () => err(gone()),
  remove: () => err(missing()),
};

export function createCandidateStore(db: Db): CandidateStore {
  if (!db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'candidates'`).get()) return NONE;
  const all = db.prepare<[string], CandidateRow>('SELECT * FROM candidates WHERE document = ? ORDER BY rowid');
  const byId = db.prepare<[string], CandidateRow>('SELECT * FROM candidates WHERE id = ?');
  const hasDocument = db.prepare<[string], unknown>('SELECT 1 FROM documents WHERE id = ?');
  const put = db.prepare<[CandidateRow]>(
    `INSERT INTO candidates (id, document, node, title, text, checked, report, created_at)
     VALUES (@id, @document, @node, @title, @text, @checked, @report, @created_at)`,
  );
  const drop = db.prepare<[string]>('DELETE FROM candidates WHERE id = ?');
  return {
    list: (document) => all.all(document).map(viewOf),
    get: (id) => {
      const row = byId.get(id);
      return row ? ok({ ...viewOf(row), text: row.text }) : err(missing());
    },
    insert: ({ node, title, text, report, model, architecture, settings }) => {
      if (!hasDocument.get(model.document)) return err(gone());
      const row: CandidateRow = {
        id: newId('candidate'),
        document: model.document,
        node,
        title,
        text,
        checked: JSON.stringify({ model, architecture, settings }),
        report: packJson(report),
        created_at: now(),
      };
      put.run(row);
      return ok(viewOf(row));
    },
    remove: (id) => (drop.run(id).changes > 0 ? ok(null) : err(missing())),
  };
}

type Checked = Pick<CandidateView, 'model' | 'architecture' | 'settings'>;

function viewOf({ id, node, title, checked, report, created_at }: CandidateRow): CandidateView {
  const against = JSON.parse(checked) as Checked;
  return { id, node, title, ...against, report: unpackJson<CandidateReport>(report), createdAt: created_at };
}
