/**
 * Opening the SQLite file of a project: one owner at a time (an exclusive lock the system drops with the process),
 * WAL with synchronous=FULL so that what was committed stays, migrations with a backup before the first.
 */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fileProblem } from './atomic-file.ts';
import { fileTime } from './id.ts';
import type { Migration } from './schema/migration.ts';
import { MIGRATIONS } from './schema/migrations.ts';

export type Db = Database.Database;

/** 'WEFT' in ASCII: `file` and other tools tell a project from any other database by it. */
export const APPLICATION_ID = 0x57454654;

/** How long another owner may take to let go, milliseconds. */
const LOCK_TIMEOUT = 300;

/** The few causes that callers treat differently. */
export type DatabaseFault = 'in-use' | 'damaged' | 'not-a-project' | 'unreadable';

export function faultOf(error: unknown): DatabaseFault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'in-use';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB') || code === 'SQLITE_FORMAT')
    return 'damaged';
  return 'unreadable';
}

/** A failed database call as a problem the user can act on. */
export function databaseProblem(path: string, error: unknown): Problem {
  switch (faultOf(error)) {
    case 'in-use':
      return problem('project.in-use', `${path} is open in another Weft; close it there first`, {
        where: { file: path },
      });
    case 'damaged':
      return problem('project.damaged', `${path} is damaged`, { where: { file: path } });
    default:
      return fileProblem('project.unreadable', `${path} could not be opened`, path, error);
  }
}

/** Opens for writing and takes the lock; throws SqliteError. Creates the file when `create`. */
export function openWritable(path: string, create = false): Db {
  const db = new Database(path, { fileMustExist: !create, timeout: LOCK_TIMEOUT });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    // The lock is taken by the first transaction; without one a second owner would be noticed too late.
    db.exec('BEGIN IMMEDIATE; COMMIT');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens without any right to change; throws SqliteError. */
export function openReadOnly(path: string): Db {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: LOCK_TIMEOUT });
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  return db;
}

export function schemaVersion(db: Db): number {
  return Number(db.pragma('user_version', { simple: true }));
}

export function isProject(db: Db): boolean {
  return Number(db.pragma('application_id', { simple: true })) === APPLICATION_ID;
}

/** True when SQLite finds the file's structure whole. */
export function isWhole(db: Db): boolean {
  return db.pragma('quick_check(1)', { simple: true }) === 'ok';
}

/**
 * Brings the schema up to date, each step in an immediate transaction. Before the first step an existing project
 * is copied to `<path>.before-v<n>-<time>`.
 * @returns the backup's path, or null when nothing had to be done or there was nothing to keep.
 */
export function migrate(
  db: Db,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Result<string | null, Problem> {
  const from = schemaVersion(db);
  const due = migrations.filter((migration) => migration.version > from);
  if (due.length === 0) return ok(null);
  let backup: string | null = null;
  if (from > 0) {
    backup = `${path}.before-v${migrations.length}-${fileTime()}`;
    try {
      if (!existsSync(backup)) db.prepare('VACUUM INTO ?').run(backup);
    } catch (error) {
      return err(
        fileProblem('project.backup-failed', `No copy of ${path} could be made before updating it`, path, error),
      );
    }
  }
  for (const migration of due) {
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${migration.version}`);
    }).immediate();
  }
  return ok(backup);
}
