/** Crossover maps: the best mode of a task graph on a fabric over memory and bandwidth. They go with either document. */
import type { Migration } from './migration.ts';

export const crossovers: Migration = {
  version: 5,
  name: 'crossovers',
  sql: `
    -- study: gzip JSON of the CrossoverStudy; revisions: what it was made of, JSON {tasks, fabric}.
    CREATE TABLE crossovers (
      tasks TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
      fabric TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
      variant TEXT NOT NULL,
      revisions TEXT NOT NULL,
      study BLOB NOT NULL,
      created_at TEXT NOT NULL,
      PRIMARY KEY (tasks, fabric, variant)
    ) STRICT;
  `,
};
