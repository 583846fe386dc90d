/**
 * A project on disk: one SQLite file with one owner. Opening verifies it whole; a damaged file is copied aside,
 * what can be read is saved, and the notice says what was lost. A file of a newer Weft opens for reading only.
 */
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ProjectView } from '#core/contract/views.ts';
import type { DocumentFile } from '#core/document/document.ts';
import { fileProblem } from './atomic-file.ts';
import { type CandidateStore, createCandidateStore } from './candidate-store.ts';
import { type CheckpointStore, createCheckpointStore } from './checkpoint-store.ts';
import { type CrossoverStore, createCrossoverStore } from './crossover-store.ts';
import {
  APPLICATION_ID,
  type Db,
  databaseProblem,
  faultOf,
  isProject,
  isWhole,
  migrate,
  openReadOnly,
  openWritable,
} from './database.ts';
import { createDocumentStore, DamagedDocumentError, type DocumentStore } from './document-store.ts';
import { createFileStore, type FileStore } from './file-store.ts';
import { fileTime, now } from './id.ts';
import { createRunStore, type RunStore, recoverRuns } from './run-store.ts';
import { salvage } from './salvage.ts';
import { SCHEMA_VERSION } from './schema/migrations.ts';
import { createStudyStore, type StudyStore, stopInterruptedStudies } from './study-store.ts';

export const PROJECT_EXTENSION = '.weft';

export interface Project {
  readonly path: string;
  readonly readOnly: boolean;
  /** What was recovered, migrated or is odd about the file; null when nothing is. */
  readonly notice: Problem | null;
  readonly documents: DocumentStore;
  readonly runs: RunStore;
  readonly files: FileStore;
  readonly candidates: CandidateStore;
  readonly crossovers: CrossoverStore;
  readonly checkpoints: CheckpointStore;
  readonly studies: StudyStore;
  title(): string;
  rename(title: string): void;
  view(): ProjectView;
  /** Folds long logs, checkpoints, lets go of the file. Nothing is lost without it but time at the next opening. */
  close(): void;
}

/** A new project at `path`, with `documents` in it; the problem `project.exists` when there is a file already. */
export function createProject(
  path: string,
  title: string,
  documents: readonly DocumentFile[] = [],
): Result<Project, Problem> {
  const whole = resolve(path);
  if (existsSync(whole)) return err(problem('project.exists', `${whole} is there already`, { where: { file: whole } }));
  try {
    mkdirSync(dirname(whole), { recursive: true });
    const db = openWritable(whole, true);
    const migrated = migrate(db, whole);
    if (!migrated.ok) return migrated;
    db.transaction(() => {
      const put = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
      put.run('title', title);
      put.run('created_at', now());
      put.run('next_run', '1');
    }).immediate();
    const store = createDocumentStore(db);
    for (const file of documents) {
      const made = store.create(file);
      if (!made.ok) {
        db.close();
        removeFiles(whole);
        return made;
      }
    }
    // Into the file proper, so that its header names a project from the first moment on.
    db.pragma('wal_checkpoint(TRUNCATE)');
    return ok(assemble(whole, db, false, networkNotice(whole)));
  } catch (error) {
    return err(fileProblem('project.not-created', `${whole} could not be made`, whole, error));
  }
}

/** Opens, verifies, migrates or recovers; never leaves a file worse than it was. */
export function openProject(path: string): Result<Project, Problem> {
  const whole = resolve(path);
  const header = readHeader(whole);
  if (!header.ok) return header;
  const { isSqlite, applicationId, version } = header.value;
  if (!isSqlite || applicationId !== APPLICATION_ID || version === 0) {
    if (extname(whole) !== PROJECT_EXTENSION) return notAProject(whole);
    return recover(whole, notAProject(whole).error);
  }
  if (version > SCHEMA_VERSION)
    return openForReading(
      whole,
      problem(
        'project.newer',
        `This project was saved by a newer Weft (schema ${version}; this one knows ${SCHEMA_VERSION}); it is open for reading only`,
        { severity: 'warning', facts: { schema: version, known: SCHEMA_VERSION } },
      ),
    );
  if (!isWritable(whole))
    return openForReading(
      whole,
      problem(
        'project.not-writable',
        'The file or its folder may not be written; the project is open for reading only',
        {
          severity: 'warning',
        },
      ),
    );
  let db: Db | null = null;
  try {
    db = openWritable(whole);
    if (!isProject(db) || !isWhole(db)) throw new DamagedDocumentError('the structure of the file');
    const migrated = migrate(db, whole);
    if (!migrated.ok) {
      db.close();
      return migrated;
    }
    const backup = migrated.value;
    if (backup) db.pragma('wal_checkpoint(TRUNCATE)');
    recoverRuns(db);
    stopInterruptedStudies(db);
    return ok(assemble(whole, db, false, backup ? migratedNotice(backup) : networkNotice(whole)));
  } catch (error) {
    db?.close();
    if (isDamage(error)) return recover(whole, problem('project.damaged', `${whole} is damaged beyond reading`));
    return err(databaseProblem(whole, error));
  }
}

/** True for what a damaged file causes: SQLite's verdict, a failed checksum, JSON that is none. */
function isDamage(error: unknown): boolean {
  return error instanceof DamagedDocumentError || error instanceof SyntaxError || faultOf(error) === 'damaged';
}

function assemble(path: string, db: Db, readOnly: boolean, notice: Problem | null, onClose = () => {}): Project {
  const documents = createDocumentStore(db);
  const runs = createRunStore(db);
  const files = createFileStore(db, readOnly);
  const candidates = createCandidateStore(db);
  const crossovers = createCrossoverStore(db);
  const checkpoints = createCheckpointStore(db);
  const studies = createStudyStore(db);
  runs.list();
  const summaries = () =>
    documents.list().map((each) => {
      const file = files.view(each.id);
      return file ? { ...each, file } : each;
    });
  const title = () =>
    db.prepare<[], { value: string }>(`SELECT value FROM meta WHERE key = 'title'`).get()?.value ??
    basename(path, PROJECT_EXTENSION);
  return {
    path,
    readOnly,
    notice,
    documents,
    runs,
    files,
    candidates,
    crossovers,
    checkpoints,
    studies,
    title,
    rename: (next) => {
      db.prepare(`INSERT OR REPLACE INTO meta (key, value) VALUES ('title', ?)`).run(next);
    },
    view: () => ({ path, title: title(), readOnly, documents: summaries(), runs: runs.list(), notice }),
    close: () => {
      if (!db.open) return;
      if (!readOnly) {
        checkpoints.purge();
        documents.purge();
        runs.purge();
        studies.purge();
        documents.compact();
        giveBack(db);
        db.pragma('wal_checkpoint(TRUNCATE)');
      }
      db.close();
      onClose();
    },
  };
}

/** Unused pages worth a rewrite of the file, bytes: a copy of a model file that was forgotten. */
const GIVE_BACK_BYTES = 16 * 2 ** 20;

/** Gives the disk what was removed, where it is much. */
function giveBack(db: Db): void {
  const unused = Number(db.pragma('freelist_count', { simple: true }));
  if (unused * Number(db.pragma('page_size', { simple: true })) < GIVE_BACK_BYTES) return;
  try {
    db.exec('VACUUM');
  } catch {
    // No room for the rewrite: the pages are used again.
  }
}

/** SQLite makes a -wal and a -shm even for readers; those that were not there go again. */
function openForReading(path: string, notice: Problem): Result<Project, Problem> {
  const made = ['-wal', '-shm'].map((suffix) => path + suffix).filter((file) => !existsSync(file));
  const tidy = () => {
    for (const file of made) {
      try {
        rmSync(file, { force: true });
      } catch {
        // A folder that may not be written keeps nothing of ours either.
      }
    }
  };
  let db: Db | null = null;
  try {
    db = openReadOnly(path);
    return ok(assemble(path, db, true, notice, tidy));
  } catch (error) {
    db?.close();
    tidy();
    return err(
      isDamage(error)
        ? problem('project.damaged', `${path} is damaged and may not be mended here: copy it to a folder of yours`)
        : databaseProblem(path, error),
    );
  }
}

/** Keeps the damaged file, saves what can be read in its place and opens that; `hopeless` when nothing can. */
function recover(path: string, hopeless: Problem): Result<Project, Problem> {
  const kept = `${path}.damaged-${fileTime()}`;
  const fresh = `${path}.recovered`;
  try {
    removeFiles(fresh);
    const saved = salvage(path, fresh);
    if (!saved) return err(hopeless);
    copyFileSync(path, kept);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${kept}-wal`);
    // The old log must be gone before the new file is in place: it would be played onto it.
    rmSync(`${path}-wal`, { force: true });
    rmSync(`${path}-shm`, { force: true });
    renameSync(fresh, path);
    const db = openWritable(path);
    recoverRuns(db);
    stopInterruptedStudies(db);
    const what = saved.lost.length > 0 ? `${saved.lost.join('; ')}.` : 'Nothing that was saved is missing.';
    return ok(
      assemble(
        path,
        db,
        false,
        problem('project.recovered', `The project file was damaged and has been recovered. ${what}`, {
          severity: 'warning',
          where: { file: path },
          facts: { original: kept, documents: saved.documents, runs: saved.runs, losses: saved.lost.length },
        }),
      ),
    );
  } catch (error) {
    return err(databaseProblem(path, error));
  }
}

interface Header {
  readonly isSqlite: boolean;
  readonly applicationId: number;
  readonly version: number;
}

/** The first hundred bytes, read before SQLite touches anything (https://sqlite.org/fileformat.html, section 1.3). */
function readHeader(path: string): Result<Header, Problem> {
  const bytes = Buffer.alloc(100);
  try {
    const handle = openSync(path, 'r');
    try {
      readSync(handle, bytes, 0, 100, 0);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return err(
      existsSync(path)
        ? fileProblem('project.unreadable', `${path} could not be opened`, path, error)
        : problem('project.missing', `There is no file ${path}`, { where: { file: path } }),
    );
  }
  return ok({
    isSqlite: bytes.toString('latin1', 0, 16) === 'SQLite format 3\0',
    version: bytes.readInt32BE(60),
    applicationId: bytes.readInt32BE(68),
  });
}

function notAProject(path: string): { readonly ok: false; readonly error: Problem } {
  return err(problem('project.not-a-project', `${path} is not a Weft project`, { where: { file: path } }));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

function migratedNotice(backup: string): Problem {
  return problem('project.migrated', `The project was brought up to date; the file as it was is ${basename(backup)}`, {
    severity: 'info',
    facts: { backup },
  });
}

/** Linux's magic numbers of NFS, CIFS, SMB2 and 9P (statfs(2)); elsewhere nothing is said. */
const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x6969, 0xff534d42, 0xfe534d42, 0x01021997]);

function networkNotice(path: string): Problem | null {
  if (process.platform !== 'linux') return null;
  try {
    if (!NETWORK_FILE_SYSTEMS.has(statfsSync(dirname(path)).type)) return null;
  } catch {
    return null;
  }
  return problem(
    'project.on-network',
    'This project lies on a network drive, where a lost connection can damage it; a local disk is safer',
    { severity: 'warning' },
  );
}
