/** The first schema: documents with their operation log, runs with metrics and artifacts. */
import type { Migration } from './migration.ts';

export const initial: Migration = {
  version: 1,
  name: 'initial',
  sql: `
    CREATE TABLE meta (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT;

    -- snapshot: gzip JSON {file, entries, cursor} at snapshot_revision; later revisions are in operations.
    CREATE TABLE documents (
      id TEXT PRIMARY KEY,
      position INTEGER NOT NULL,
      kind TEXT NOT NULL,
      title TEXT NOT NULL,
      revision INTEGER NOT NULL,
      snapshot_revision INTEGER NOT NULL,
      snapshot BLOB NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;

    -- patch: JSON list of record changes; checksum: CRC-32 of the other fields.
    CREATE TABLE operations (
      document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
      revision INTEGER NOT NULL,
      type TEXT NOT NULL,
      label TEXT NOT NULL,
      gesture TEXT,
      patch TEXT NOT NULL,
      at TEXT NOT NULL,
      checksum INTEGER NOT NULL,
      UNIQUE (document, revision)
    ) STRICT;

    -- Documents of a run are named, not referenced: a run is whole without them.
    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      number INTEGER NOT NULL UNIQUE,
      key TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
      title TEXT NOT NULL,
      model_document TEXT NOT NULL,
      model_revision INTEGER NOT NULL,
      architecture_document TEXT NOT NULL,
      architecture_revision INTEGER NOT NULL,
      settings TEXT NOT NULL,
      created_at TEXT NOT NULL,
      finished_at TEXT,
      failure TEXT,
      stage_ms TEXT NOT NULL DEFAULT '{}',
      imported INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE run_metrics (
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      id TEXT NOT NULL,
      title TEXT NOT NULL,
      value REAL NOT NULL,
      unit TEXT NOT NULL,
      badge TEXT NOT NULL,
      UNIQUE (run, id)
    ) STRICT;

    -- 'inputs': gzip JSON RunInputs, frozen at the start; 'result': gzip JSON RunResult.
    CREATE TABLE artifacts (
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      media_type TEXT NOT NULL,
      bytes BLOB NOT NULL,
      UNIQUE (run, name)
    ) STRICT;
  `,
};
