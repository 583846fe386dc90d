/** The model files that documents came from: name and size, and a copy for its weights where the user keeps one. */
import type { Migration } from './migration.ts';

export const files: Migration = {
  version: 2,
  name: 'files',
  sql: `
    -- choices: JSON {shapes?}, as given at the import; sha256: of the whole copy, NULL where none is kept.
    CREATE TABLE files (
      document TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      choices TEXT NOT NULL,
      sha256 TEXT
    ) STRICT;

    -- Pieces of 1 MiB, the last one shorter; checksum: CRC-32 of the bytes.
    CREATE TABLE file_chunks (
      document TEXT NOT NULL REFERENCES files (document) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      checksum INTEGER NOT NULL,
      UNIQUE (document, position)
    ) STRICT;
  `,
};
