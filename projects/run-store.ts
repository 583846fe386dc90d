/**
 * Runs of a project: state, frozen inputs, result, and headline metrics in rows that SQL can query. A run is whole
 * by itself: its documents may change or go. Results are stored as they are sent: gzip JSON.
 */
import type { Metric } from '#core/base/metric.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { RunKind, RunState, RunView } from '#core/contract/views.ts';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import type { SimulationInputs } from '#core/run/fabric/result.ts';
import type { RunInputs } from '#core/run/result.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { packJson, unpackJson } from './codec.ts';
import type { Db } from './database.ts';
import { newId, now } from './id.ts';

export interface NewRun {
  readonly key: string;
  /** Equal for runs that differ in the scratchpad's capacity alone. */
  readonly family: string;
  readonly title: string;
  readonly model: RunView['model'];
  readonly architecture: RunView['architecture'];
  readonly inputs: RunInputs | SimulationInputs;
}

/** What is kept of the inputs beside the run: enough to list it. */
export interface RunSort {
  readonly kind: RunKind;
  readonly settings: NewRun['inputs']['settings'];
}

export function sortOf(inputs: NewRun['inputs']): RunSort {
  return { kind: 'tasks' in inputs ? 'simulation' : 'program', settings: inputs.settings };
}

/** What is kept of a finished run. */
export interface FinishedRun {
  /** Gzip JSON of the RunResult. */
  readonly result: Uint8Array;
  readonly key: string;
  readonly totals: readonly Pick<Metric, 'id' | 'title' | 'value' | 'unit' | 'badge'>[];
  readonly stageMilliseconds: Readonly<Record<string, number>>;
  readonly convergence: readonly ConvergenceSample[];
}

export interface RunStore {
  list(): readonly RunView[];
  get(id: string): RunView | null;
  /** Freezes the inputs and queues the run. */
  insert(run: NewRun): RunView;
  /** Ids of queued runs, the next one first. */
  queued(): readonly string[];
  /** Puts a queued run before another, or last; nothing happens where one of them is not queued. */
  reorder(id: string, before: string | null): void;
  /** Whether the user wants nothing new to start. */
  isPaused(): boolean;
  setPaused(isPaused: boolean): void;
  /** The next queued run with its inputs (gzip JSON), or null. */
  nextQueued(): { readonly id: string; readonly inputs: Uint8Array } | null;
  setRunning(id: string): RunView | null;
  /** Of a running one, whose work is left where it is. */
  setQueued(id: string): RunView | null;
  /** 'done', or 'cancelled' when it was stopped and this is the best so far. */
  saveResult(id: string, state: 'done' | 'cancelled', run: FinishedRun): RunView | null;
  /** Ends without a result. */
  end(id: string, state: 'failed' | 'cancelled', failure: Problem | null): RunView | null;
  /** A finished run from elsewhere, done at once. */
  import(run: Omit<NewRun, 'inputs'>, sort: RunSort, finished: FinishedRun): RunView;
  /** Out of sight: `restore` brings it back until `purge`. */
  remove(id: string): Result<null, Problem>;
  /** As it was; one that waited waits again. */
  restore(id: string): Result<RunView, Problem>;
  /** Forgets those that were removed. */
  purge(): void;
  /** Gzip JSON of the RunResult, or null when the run has none. */
  result(id: string): Uint8Array | null;
  /** Gzip JSON of the inputs of a run without a result, or null. */
  inputs(id: string): Uint8Array | null;
  /** The newest run with this key that is done or on its way, or null. */
  byKey(key: string): RunView | null;
  /** How the search for its schedule went; empty where that is not known. */
  convergence(id: string): readonly ConvergenceSample[];
  /** Itself and the runs of its family, by number. */
  siblings(id: string): readonly string[];
  /** The last study of its scratchpad, its own or that of a sibling; or null. */
  curve(id: string): ScheduleCurve | null;
  /** Nothing happens when the run has gone. */
  saveCurve(id: string, curve: ScheduleCurve): void;
}

export interface RunRow {
  readonly id: string;
  readonly number: number;
  readonly key: string;
  readonly state: RunState;
  readonly title: string;
  readonly model_document: string;
  readonly model_revision: number;
  readonly architecture_document: string;
  readonly architecture_revision: number;
  readonly settings: string;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly failure: string | null;
  readonly stage_ms: string;
  readonly imported: number;
  readonly kind: RunKind;
  /** A schema of before has none. */
  readonly removed_at?: string | null;
}

/** A run's place among those that wait: its number, until it was moved. */
const QUEUE_ORDER = 'coalesce(queue_position, number)';

const isThere = ({ removed_at }: RunRow): boolean => removed_at == null;
const missing = (): Problem => problem('run.missing', 'There is no such run in this project');

export function createRunStore(db: Db): RunStore {
  const metricsOf = db.prepare<[string], { id: string; value: number }>(
    'SELECT id, value FROM run_metrics WHERE run = ? ORDER BY rowid',
  );
  const anyById = db.prepare<[string], RunRow>('SELECT * FROM runs WHERE id = ?');
  const byId = (id: string): RunRow | null => {
    const row = anyById.get(id);
    return row && isThere(row) ? row : null;
  };
  const artifact = db.prepare<[string, string], { bytes: Buffer }>(
    'SELECT bytes FROM artifacts WHERE run = ? AND name = ?',
  );
  const putArtifact = db.prepare('INSERT OR REPLACE INTO artifacts (run, name, media_type, bytes) VALUES (?, ?, ?, ?)');
  const insertRow = db.prepare<[Omit<RunRow, 'number'>]>(
    `INSERT INTO runs (id, number, key, state, title, model_document, model_revision, architecture_document,
                       architecture_revision, settings, created_at, finished_at, failure, stage_ms, imported, kind)
     VALUES (@id, (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'next_run'), @key, @state, @title,
             @model_document, @model_revision, @architecture_document, @architecture_revision, @settings,
             @created_at, @finished_at, @failure, @stage_ms, @imported, @kind)`,
  );
  // Numbers are never given twice, even after a run was removed.
  const countUp = db.prepare(`UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'next_run'`);
  const finish = db.prepare<[string, string, string, string | null, string, string]>(
    'UPDATE runs SET state = ?, key = ?, finished_at = coalesce(finished_at, ?), failure = ?, stage_ms = ? WHERE id = ?',
  );

  function view(row: RunRow): RunView {
    const headline: Record<string, number> = {};
    for (const metric of metricsOf.iterate(row.id)) headline[metric.id] = metric.value;
    return {
      id: row.id,
      kind: row.kind,
      number: row.number,
      title: row.title,
      state: row.state,
      key: row.key,
      model: { document: row.model_document, revision: row.model_revision },
      architecture: { document: row.architecture_document, revision: row.architecture_revision },
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      progress: null,
      failure: row.failure === null ? null : (JSON.parse(row.failure) as Problem),
      headline,
      stageMilliseconds: JSON.parse(row.stage_ms) as Record<string, number>,
      imported: row.imported === 1,
    };
  }

  function get(id: string): RunView | null {
    const row = byId(id);
    return row && view(row);
  }

  function insert(run: Omit<NewRun, 'inputs'>, { kind, settings }: RunSort, imported: boolean): string {
    const id = newId('run');
    insertRow.run({
      id,
      key: run.key,
      state: 'queued',
      title: run.title,
      model_document: run.model.document,
      model_revision: run.model.revision,
      architecture_document: run.architecture.document,
      architecture_revision: run.architecture.revision,
      settings: JSON.stringify(settings),
      created_at: now(),
      finished_at: null,
      failure: null,
      stage_ms: '{}',
      imported: imported ? 1 : 0,
      kind,
    });
    countUp.run();
    putArtifact.run(id, 'family', 'text/plain', Buffer.from(run.family));
    return id;
  }

  function save(id: string, state: 'done' | 'cancelled', run: FinishedRun): void {
    finish.run(state, run.key, now(), null, JSON.stringify(run.stageMilliseconds), id);
    putArtifact.run(id, 'result', 'application/json', run.result);
    // The result holds its inputs.
    db.prepare(`DELETE FROM artifacts WHERE run = ? AND name = 'inputs'`).run(id);
    if (run.convergence.length > 0) putArtifact.run(id, 'convergence', 'application/json', packJson(run.convergence));
    db.prepare('DELETE FROM run_metrics WHERE run = ?').run(id);
    db.prepare(
      `INSERT INTO run_metrics (run, id, title, value, unit, badge)
       SELECT ?, value ->> 'id', value ->> 'title', CAST(value ->> 'value' AS REAL), value ->> 'unit', value ->> 'badge'
       FROM json_each(?)`,
    ).run(id, JSON.stringify(run.totals.filter((metric) => Number.isFinite(metric.value))));
  }

  function siblings(id: string): readonly string[] {
    return db
      .prepare<[string], RunRow>(
        `SELECT runs.* FROM artifacts mine
         JOIN artifacts theirs ON theirs.name = 'family' AND theirs.bytes = mine.bytes
         JOIN runs ON runs.id = theirs.run
         WHERE mine.run = ? AND mine.name = 'family' ORDER BY runs.number`,
      )
      .all(id)
      .filter(isThere)
      .map((row) => row.id);
  }

  const queuedRows = () =>
    db
      .prepare<[], { id: string; place: number }>(
        `SELECT id, ${QUEUE_ORDER} AS place FROM runs WHERE state = 'queued' AND removed_at IS NULL ORDER BY place`,
      )
      .all();

  function setState(id: string, state: 'running' | 'queued'): RunView | null {
    db.prepare('UPDATE runs SET state = ? WHERE id = ?').run(state, id);
    return get(id);
  }

  return {
    list: () => db.prepare<[], RunRow>('SELECT * FROM runs ORDER BY number').all().filter(isThere).map(view),
    get,
    insert: (run) => {
      const id = db
        .transaction(() => {
          const made = insert(run, sortOf(run.inputs), false);
          putArtifact.run(made, 'inputs', 'application/json', packJson(run.inputs));
          return made;
        })
        .immediate();
      return get(id)!;
    },
    nextQueued: () => {
      const row = db
        .prepare<[], { id: string; bytes: Buffer }>(
          `SELECT runs.id, artifacts.bytes FROM runs JOIN artifacts ON artifacts.run = runs.id AND artifacts.name = 'inputs'
           WHERE state = 'queued' AND removed_at IS NULL ORDER BY ${QUEUE_ORDER} LIMIT 1`,
        )
        .get();
      return row ? { id: row.id, inputs: row.bytes } : null;
    },
    queued: () => queuedRows().map((row) => row.id),
    reorder: (id, before) => {
      const rows = queuedRows();
      const moved = rows.find((row) => row.id === id);
      if (!moved || id === before) return;
      const order = rows.filter((row) => row !== moved);
      const at = before === null ? order.length : order.findIndex((row) => row.id === before);
      if (at < 0) return;
      order.splice(at, 0, moved);
      // The same places are given out anew: they stay distinct, and below those of runs to come.
      const place = db.prepare('UPDATE runs SET queue_position = ? WHERE id = ?');
      db.transaction(() => {
        for (const [index, row] of order.entries()) place.run(rows[index]!.place, row.id);
      }).immediate();
    },
    isPaused: () => db.prepare(`SELECT 1 FROM meta WHERE key = 'queue_paused'`).get() !== undefined,
    setPaused: (isPaused) => {
      if (isPaused) db.prepare(`INSERT OR REPLACE INTO meta (key, value) VALUES ('queue_paused', '1')`).run();
      else db.prepare(`DELETE FROM meta WHERE key = 'queue_paused'`).run();
    },
    setRunning: (id) => setState(id, 'running'),
    setQueued: (id) => setState(id, 'queued'),
    saveResult: (id, state, run) => {
      // A run removed while it was running has nowhere to put its result.
      if (!byId(id)) return null;
      db.transaction(() => save(id, state, run)).immediate();
      return get(id);
    },
    end: (id, state, failure) => {
      const row = byId(id);
      if (!row) return null;
      finish.run(state, row.key, now(), failure && JSON.stringify(failure), row.stage_ms, id);
      return get(id);
    },
    import: (run, sort, finished) => {
      const id = db
        .transaction(() => {
          const made = insert(run, sort, true);
          save(made, 'done', finished);
          return made;
        })
        .immediate();
      return get(id)!;
    },
    remove: (id) => {
      if (!byId(id)) return err(missing());
      db.prepare('UPDATE runs SET removed_at = ? WHERE id = ?').run(now(), id);
      return ok(null);
    },
    restore: (id) => {
      db.prepare('UPDATE runs SET removed_at = NULL WHERE id = ?').run(id);
      const row = byId(id);
      return row ? ok(view(row)) : err(missing());
    },
    purge: () => void db.prepare('DELETE FROM runs WHERE removed_at IS NOT NULL').run(),
    result: (id) => (byId(id) ? (artifact.get(id, 'result')?.bytes ?? null) : null),
    inputs: (id) => (byId(id) ? (artifact.get(id, 'inputs')?.bytes ?? null) : null),
    byKey: (key) => {
      const row = db
        .prepare<[string], RunRow>(
          `SELECT * FROM runs WHERE key = ? AND state IN ('done', 'queued', 'running') AND removed_at IS NULL
           ORDER BY number DESC LIMIT 1`,
        )
        .get(key);
      return row ? view(row) : null;
    },
    convergence: (id) =>
      (byId(id) && unpacked<readonly ConvergenceSample[]>(artifact.get(id, 'convergence')?.bytes)) || [],
    siblings,
    curve: (id) => {
      if (!byId(id)) return null;
      const [newest] = siblings(id)
        .toReversed()
        .flatMap((run) => artifact.get(run, 'curve') ?? []);
      return unpacked<ScheduleCurve>((artifact.get(id, 'curve') ?? newest)?.bytes);
    },
    saveCurve: (id, curve) => {
      if (byId(id)) putArtifact.run(id, 'curve', 'application/json', packJson(curve));
    },
  };
}

/** Null where there is nothing, and where damage to what can be made again has left nothing to read. */
function unpacked<T>(bytes: Uint8Array | undefined): T | null {
  if (!bytes) return null;
  try {
    return unpackJson<T>(bytes);
  } catch {
    return null;
  }
}

/** How often a process may die with a run before the run is thought to be the cause. */
const MOST_INTERRUPTIONS = 2;

/**
 * Runs that a process left unfinished when it died: what waited still waits, what was running waits again, once. A run
 * that was under way at the second death fails, so that one that takes the process with it cannot do so for ever.
 */
export function recoverRuns(db: Db): void {
  const interrupted = problem(
    'run.interrupted',
    `Weft ended ${MOST_INTERRUPTIONS} times while this run was under way, so it is not tried again by itself; start it anew if that had another cause`,
    { facts: { interruptions: MOST_INTERRUPTIONS } },
  );
  const damaged = problem('run.damaged', 'What this run was to work on was lost when the project file was damaged');
  db.transaction(() => {
    db.prepare(`UPDATE runs SET state = 'queued', interruptions = interruptions + 1 WHERE state = 'running'`).run();
    const fail = (failure: Problem, which: string) =>
      db
        .prepare(`UPDATE runs SET state = 'failed', finished_at = ?, failure = ? WHERE state = 'queued' AND ${which}`)
        .run(now(), JSON.stringify(failure));
    fail(interrupted, `interruptions >= ${MOST_INTERRUPTIONS}`);
    fail(damaged, `NOT EXISTS (SELECT 1 FROM artifacts WHERE run = runs.id AND name = 'inputs')`);
  }).immediate();
}
