/** Runs are of a kind: programs of a model on an architecture, or simulations of a task graph on a fabric. */
import type { Migration } from './migration.ts';

export const runKinds: Migration = {
  version: 4,
  name: 'run kinds',
  sql: `ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'program' CHECK (kind IN ('program', 'simulation'))`,
};
