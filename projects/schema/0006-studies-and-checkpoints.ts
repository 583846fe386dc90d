/** Studies with their points, named checkpoints of documents, order of queued runs and what stopped them. */
import type { Migration } from './migration.ts';

export const studiesAndCheckpoints: Migration = {
  version: 6,
  name: 'studies and checkpoints',
  sql: `
    -- inputs: gzip JSON of the frozen documents; spec, metrics and failure: JSON; state of the explorer: JSON, to go on from.
    CREATE TABLE studies (
      id TEXT PRIMARY KEY,
      number INTEGER NOT NULL UNIQUE,
      spec TEXT NOT NULL,
      metrics TEXT NOT NULL,
      inputs BLOB NOT NULL,
      explorer_state TEXT NOT NULL DEFAULT 'null',
      state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done', 'failed')),
      failure TEXT,
      planned INTEGER,
      reused INTEGER NOT NULL DEFAULT 0,
      created_at TEXT NOT NULL,
      removed_at TEXT
    ) STRICT;

    -- choice, metrics: JSON.
    CREATE TABLE study_points (
      study TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      choice TEXT NOT NULL,
      metrics TEXT NOT NULL,
      failure TEXT,
      run TEXT,
      PRIMARY KEY (study, position)
    ) STRICT;

    -- file: gzip JSON of the document as it was at that revision.
    CREATE TABLE checkpoints (
      id TEXT PRIMARY KEY,
      document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
      revision INTEGER NOT NULL,
      title TEXT NOT NULL,
      file BLOB NOT NULL,
      created_at TEXT NOT NULL,
      removed_at TEXT
    ) STRICT;
    CREATE INDEX checkpoints_by_document ON checkpoints (document, revision);

    -- Out of sight, and deleted when the project is closed; null: there.
    ALTER TABLE documents ADD COLUMN removed_at TEXT;
    ALTER TABLE runs ADD COLUMN removed_at TEXT;

    -- Queued runs go by it, then by number; null: by number alone.
    ALTER TABLE runs ADD COLUMN queue_position REAL;
    -- How often the process died while it was running.
    ALTER TABLE runs ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0;
  `,
};
