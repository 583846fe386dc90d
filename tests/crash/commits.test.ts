/** P-02: an edit is one commit, and nothing else is; each is in the log on disk when it is acknowledged. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createProject } from '#projects/project.ts';
import { createRng, emptyModel, nextOperation, temporaryFolder } from './edits.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** Commits in a write-ahead log: frames that say how large the database is after them (sqlite.org/fileformat2.html, 4.1). */
function commitsIn(path: string): number {
  const log = readFileSync(path);
  if (log.length < 32) return 0;
  const page = log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + 24 + page <= log.length; at += 24 + page) {
    // Frames of an earlier round of the log have its salt.
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    if (log.readUInt32BE(at + 4) !== 0) commits++;
  }
  return commits;
}

it('P-02 at most one commit a gesture: every operation of 200 is exactly one, on disk before it is acknowledged', () => {
  const path = join(folder.path, 'p.weft');
  const made = createProject(path, 'Commits', [emptyModel()]);
  if (!made.ok) throw new Error(made.error.message);
  const { documents } = made.value;
  const rng = createRng(7);
  let before = commitsIn(`${path}-wal`);
  for (let i = 0; i < 200; i++) {
    const state = documents.state('model')!;
    const stepped = documents.step('model', state.revision, nextOperation(state, rng));
    if (!stepped.ok) throw new Error(stepped.error.message);
    // Read from the file, as another process would after this one died.
    const now = commitsIn(`${path}-wal`);
    expect(now - before).toBe(1);
    before = now;
  }
  made.value.close();
});
