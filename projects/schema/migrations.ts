/** Every step of the schema, in order. */
import { initial } from './0001-initial.ts';
import { files } from './0002-files.ts';
import { candidates } from './0003-candidates.ts';
import { runKinds } from './0004-run-kinds.ts';
import { crossovers } from './0005-crossovers.ts';
import { studiesAndCheckpoints } from './0006-studies-and-checkpoints.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  initial,
  files,
  candidates,
  runKinds,
  crossovers,
  studiesAndCheckpoints,
];
export const SCHEMA_VERSION = MIGRATIONS.length;
