/** Candidates of operators: texts that were checked, and what the check said. */
import type { Migration } from './migration.ts';

export const candidates: Migration = {
  version: 3,
  name: 'candidates',
  sql: `
    -- report: gzip JSON of the CandidateReport; checked: what it was checked against, JSON {architecture, revisions, settings}.
    CREATE TABLE candidates (
      id TEXT PRIMARY KEY,
      document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
      node TEXT NOT NULL,
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      checked TEXT NOT NULL,
      report BLOB NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX candidates_by_document ON candidates (document, node);
  `,
};
