/**
 * Studies of a project: the specification, the documents as they were when it began, and points in the order they were asked
 * for. Points and the explorer's state after them are written together, so that a study goes on exactly where it was.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Json } from '#core/base/value.ts';
import type { StudyDocuments } from '#core/study/space.ts';
import type { StudyMetric, StudyPoint, StudySpec, StudyState, StudyView } from '#core/study/study.ts';
import { packJson, unpackJson } from './codec.ts';
import type { Db } from './database.ts';
import { newId, now } from './id.ts';

/** What a study is of, and at which revisions it was taken. */
export interface FrozenStudy extends StudyDocuments {
  readonly revisions: { readonly model: number; readonly architecture: number };
}

export interface NewStudy {
  readonly spec: StudySpec;
  readonly metrics: readonly StudyMetric[];
  readonly planned: number | null;
  readonly inputs: FrozenStudy;
}

/** What follows the points there are. */
export interface StudyAdvance {
  readonly points: readonly StudyPoint[];
  /** How many there are with them. */
  readonly done: number;
  /** Of the explorer, after them. */
  readonly state: Json;
  readonly reused: number;
}

export interface StudyStore {
  list(): readonly StudyView[];
  get(id: string): StudyView | null;
  /** Begins as running. */
  insert(study: NewStudy): StudyView;
  inputs(id: string): FrozenStudy | null;
  /** As last advanced; null before. */
  explorerState(id: string): Json;
  /** From the `from`-th on, at most so many. */
  points(id: string, from: number, most: number): readonly StudyPoint[];
  point(id: string, index: number): StudyPoint | null;
  /** One transaction; nothing happens when the study has gone. */
  advance(id: string, advance: StudyAdvance): void;
  setState(id: string, state: StudyState, failure: Problem | null): StudyView | null;
  /** Out of sight: `restore` brings it back until `purge`. */
  remove(id: string): Result<null, Problem>;
  /** As it was. */
  restore(id: string): Result<StudyView, Problem>;
  /** Forgets those that were removed. */
  purge(): void;
}

export interface StudyRow {
  readonly id: string;
  readonly number: number;
  readonly spec: string;
  readonly metrics: string;
  readonly inputs: Uint8Array;
  readonly explorer_state: string;
  readonly state: StudyState;
  /** JSON. */
  readonly failure: string | null;
  readonly planned: number | null;
  readonly reused: number;
  readonly created_at: string;
}

/** The column explorer_state; null before the first point. */
export interface StoredState {
  /** Points it has been told of. */
  readonly after: number;
  readonly explorer: Json;
}

export interface StudyPointRow {
  readonly study: string;
  readonly position: number;
  readonly choice: string;
  readonly metrics: string;
  readonly failure: string | null;
  readonly run: string | null;
}

type Listed = Omit<StudyRow, 'inputs' | 'explorer_state'> & { readonly done: number };

export const studyMissing = (): Problem => problem('study.missing', 'There is no such study in this project');

/** Of a project of a schema without studies, which is open for reading only. */
const NONE: StudyStore = {
  list: () => [],
  get: () => null,
  insert: () => {
    throw new Error('a project that is open for reading takes no studies');
  },
  inputs: () => null,
  explorerState: () => null,
  points: () => [],
  point: () => null,
  advance: () => {},
  setState: () => null,
  remove: () => err(studyMissing()),
  restore: () => err(studyMissing()),
  purge: () => {},
};

const COLUMNS = `id, number, spec, metrics, state, failure, planned, reused, created_at,
  coalesce((SELECT max(position) + 1 FROM study_points WHERE study = studies.id), 0) AS done`;

const hasStudies = (db: Db): boolean =>
  db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'study_points'`).get() !== undefined;

export function createStudyStore(db: Db): StudyStore {
  if (!hasStudies(db)) return NONE;
  const all = db.prepare<[], Listed>(`SELECT ${COLUMNS} FROM studies WHERE removed_at IS NULL ORDER BY number`);
  const byId = db.prepare<[string], Listed>(`SELECT ${COLUMNS} FROM studies WHERE id = ? AND removed_at IS NULL`);
  const frozen = db.prepare<[string], Pick<StudyRow, 'inputs'>>('SELECT inputs FROM studies WHERE id = ?');
  const explorer = db.prepare<[string], Pick<StudyRow, 'explorer_state'>>(
    'SELECT explorer_state FROM studies WHERE id = ?',
  );
  // Numbers are never given twice, even after a study was removed.
  const countUp = db.prepare<[], { value: string }>(
    `INSERT INTO meta (key, value) VALUES ('next_study', '2')
     ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) RETURNING value`,
  );
  const put = db.prepare<[Omit<StudyRow, 'explorer_state' | 'state' | 'failure' | 'reused'>]>(
    `INSERT INTO studies (id, number, spec, metrics, inputs, state, planned, created_at)
     VALUES (@id, @number, @spec, @metrics, @inputs, 'running', @planned, @created_at)`,
  );
  const page = db.prepare<[string, number, number], StudyPointRow>(
    'SELECT * FROM study_points WHERE study = ? AND position >= ? ORDER BY position LIMIT ?',
  );
  const putPoints = db.prepare<[string, string]>(
    `INSERT INTO study_points (study, position, choice, metrics, failure, run)
     SELECT ?, value ->> 'index', value -> 'choice', value -> 'metrics', value ->> 'failure', value ->> 'run'
     FROM json_each(?)`,
  );
  const putState = db.prepare<[string, number, string]>(
    'UPDATE studies SET explorer_state = ?, reused = ? WHERE id = ?',
  );
  const change = db.prepare<[StudyState, string | null, string]>(
    'UPDATE studies SET state = ?, failure = ? WHERE id = ?',
  );
  const hide = db.prepare<[string, string]>('UPDATE studies SET removed_at = ? WHERE id = ? AND removed_at IS NULL');
  const show = db.prepare<[string]>('UPDATE studies SET removed_at = NULL WHERE id = ?');
  const get = (id: string): StudyView | null => {
    const row = byId.get(id);
    return row ? viewOf(row) : null;
  };
  return {
    list: () => all.all().map(viewOf),
    get,
    insert: ({ spec, metrics, planned, inputs }) => {
      const id = newId('study');
      db.transaction(() => {
        const number = Number(countUp.get()?.value ?? 2) - 1;
        put.run({
          id,
          number,
          spec: JSON.stringify(spec),
          metrics: JSON.stringify(metrics),
          inputs: packJson(inputs),
          planned,
          created_at: now(),
        });
      }).immediate();
      return get(id)!;
    },
    inputs: (id) => {
      const row = frozen.get(id);
      return row ? unpackJson<FrozenStudy>(row.inputs) : null;
    },
    explorerState: (id) =>
      (JSON.parse(explorer.get(id)?.explorer_state ?? 'null') as StoredState | null)?.explorer ?? null,
    points: (id, from, most) => page.all(id, from, most).map(pointOf),
    point: (id, index) => {
      const [row] = page.all(id, index, 1);
      return row?.position === index ? pointOf(row) : null;
    },
    advance: (id, { points, done, state, reused }) => {
      db.transaction(() => {
        const stored: StoredState = { after: done, explorer: state };
        if (putState.run(JSON.stringify(stored), reused, id).changes === 0) return;
        if (points.length > 0) putPoints.run(id, JSON.stringify(points));
      }).immediate();
    },
    setState: (id, state, failure) => {
      change.run(state, failure && JSON.stringify(failure), id);
      return get(id);
    },
    remove: (id) => (hide.run(now(), id).changes > 0 ? ok(null) : err(studyMissing())),
    restore: (id) => {
      show.run(id);
      const view = get(id);
      return view ? ok(view) : err(studyMissing());
    },
    purge: () => void db.prepare('DELETE FROM studies WHERE removed_at IS NOT NULL').run(),
  };
}

/** Studies that a process left under way when it ended: they can be resumed. */
export function stopInterruptedStudies(db: Db): void {
  if (hasStudies(db)) db.exec(`UPDATE studies SET state = 'stopped' WHERE state = 'running'`);
}

function viewOf({ spec, metrics, created_at, id, number, state, failure, planned, reused, done }: Listed): StudyView {
  return {
    id,
    number,
    spec: JSON.parse(spec) as StudySpec,
    metrics: JSON.parse(metrics) as readonly StudyMetric[],
    state,
    failure: failure === null ? null : (JSON.parse(failure) as Problem),
    done,
    planned,
    reused,
    createdAt: created_at,
  };
}

function pointOf({ position, choice, metrics, failure, run }: StudyPointRow): StudyPoint {
  return {
    index: position,
    choice: JSON.parse(choice) as readonly number[],
    metrics: JSON.parse(metrics) as Readonly<Record<string, number>>,
    failure,
    run,
  };
}
