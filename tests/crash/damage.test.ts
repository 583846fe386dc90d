/** P-03: torn writes leave a prefix. P-04: damage never crashes, is never silently dropped, keeps the original. */
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalJson } from '#core/base/canonical.ts';
import { toFile } from '#core/document/document.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { createProject, openProject, type Project } from '#projects/project.ts';
import { cases } from '../support/cases.ts';
import { createRng, emptyModel, nextOperation, temporaryFolder } from './edits.ts';

const folder = temporaryFolder();
const path = join(folder.path, 'whole.weft');
const live = join(folder.path, 'live.weft');
/** canonical JSON of the model by revision. */
const history: string[] = [];
const DOCUMENTS = ['model', 'second'] as const;
let base: Buffer;

const contentOf = (project: Project, id: string) => canonicalJson(toFile(project.documents.state(id)!.document));

beforeAll(() => {
  const made = createProject(path, 'Whole', DOCUMENTS.map(emptyModel));
  if (!made.ok) throw new Error(made.error.message);
  const project = made.value;
  const rng = createRng(7);
  history.push(contentOf(project, 'model'));
  for (let i = 0; i < 120; i++) {
    for (const id of i % 8 === 0 ? DOCUMENTS : (['model'] as const)) {
      const state = project.documents.state(id)!;
      const stepped = project.documents.step(id, state.revision, nextOperation(state, rng));
      if (!stepped.ok) throw new Error(stepped.error.message);
    }
    history.push(contentOf(project, 'model'));
  }
  // As a power cut would leave it: the log not yet folded into the file.
  copyFileSync(path, live);
  copyFileSync(`${path}-wal`, `${live}-wal`);
  project.close();
  base = readFileSync(path);
});
afterAll(folder.remove);

it(
  `P-03 opens to a prefix of the acknowledged revisions after cutting the log at ${cases(100, 2500)} offsets`,
  () => {
    const rng = createRng(3);
    const size = statSync(`${live}-wal`).size;
    for (let cut = 0; cut < cases(100, 2500); cut++) {
      const victim = join(folder.path, 'cut.weft');
      copyFileSync(live, victim);
      copyFileSync(`${live}-wal`, `${victim}-wal`);
      truncateSync(`${victim}-wal`, rng.below(size));
      const opened = openProject(victim);
      if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.message}`);
      const { revision } = opened.value.documents.state('model')!;
      expect(contentOf(opened.value, 'model')).toBe(history[revision]);
      opened.value.close();
      rmSync(victim);
    }
  },
  cases(120_000, 3_600_000),
);

it(
  `P-04 survives ${cases(60, 1500)} byte flips and cuts of the file: the original is kept and losses are told`,
  () => {
    const rng = createRng(5);
    const outcomes = { untouched: 0, recovered: 0, refused: 0, readOnly: 0 };
    for (let i = 0; i < cases(60, 1500); i++) {
      const victim = join(folder.path, 'flipped.weft');
      const bytes = Buffer.from(base);
      if (i % 6 === 5) writeFileSync(victim, bytes.subarray(0, rng.below(bytes.length)));
      else {
        // A third of the flips hit the header and schema page, where they hurt most.
        for (let flip = 0; flip <= i % 3; flip++) {
          const at = rng.below(i % 3 === 0 ? 4096 : bytes.length);
          bytes[at] = bytes[at]! ^ (1 << rng.below(8));
        }
        writeFileSync(victim, bytes);
      }
      const damaged = readFileSync(victim);
      const opened = openProject(victim);
      const kept = readdirSync(folder.path).filter((name) => name.startsWith('flipped.weft.damaged-'));
      if (!opened.ok) {
        outcomes.refused++;
        expect(opened.error.code).toMatch(/^project\.(damaged|not-a-project|unreadable)$/);
        expect(readFileSync(victim).equals(damaged)).toBe(true);
      } else {
        const project = opened.value;
        if (project.notice?.code === 'project.recovered') {
          outcomes.recovered++;
          expect(kept).toHaveLength(1);
          expect(readFileSync(join(folder.path, kept[0]!)).equals(damaged)).toBe(true);
        } else if (project.readOnly) outcomes.readOnly++;
        else {
          outcomes.untouched++;
          expect(project.documents.list()).toHaveLength(2);
        }
        // Whatever is shown was once acknowledged.
        const model = project.documents.state('model');
        if (model) expect(contentOf(project, 'model')).toBe(history[model.revision]);
        const complete = model?.revision === history.length - 1 && project.documents.list().length === 2;
        if (!complete) expect(project.notice?.message).toMatch(/lost|back at revision/);
        project.close();
      }
      for (const name of readdirSync(folder.path)) if (name.startsWith('flipped')) rmSync(join(folder.path, name));
    }
    console.info('byte flips and cuts:', outcomes);
    expect(outcomes.recovered).toBeGreaterThan(0);
  },
  cases(120_000, 3_600_000),
);

it('P-04 a kept model file comes through damage elsewhere; damage in it is told, and its document stays', async () => {
  const kept = join(folder.path, 'kept.weft');
  const made = createProject(kept, 'Kept', DOCUMENTS.map(emptyModel));
  if (!made.ok) throw new Error(made.error.message);
  const rng = createRng(11);
  const bytes = Uint8Array.from({ length: 3_000_000 }, () => rng.below(256));
  for (const document of DOCUMENTS) {
    const copied = await made.value.files.keep(document, `${document}.onnx`, bytesSource(bytes), {});
    expect(copied.ok).toBe(true);
  }
  made.value.close();
  const whole = readFileSync(kept);
  const inside = whole.lastIndexOf(Buffer.from(bytes.subarray(2_000_000, 2_000_200)));
  expect(inside).toBeGreaterThan(0);
  const spoilt = Buffer.from(whole);
  // Header and schema are gone; of the second copy a byte is another.
  spoilt.fill(0xff, 0, 200);
  spoilt[inside + 100] = spoilt[inside + 100]! ^ 1;
  writeFileSync(kept, spoilt);
  const opened = openProject(kept);
  if (!opened.ok) throw new Error(opened.error.message);
  const { files, notice } = opened.value;
  expect(opened.value.documents.list()).toHaveLength(2);
  expect(notice?.message).toMatch(/1 kept copy of a model file was lost/);
  const [whose] = DOCUMENTS.filter((document) => files.view(document)?.kept);
  expect(DOCUMENTS.map((document) => files.view(document)?.name)).toEqual(['model.onnx', 'second.onnx']);
  const source = files.source(files.identity(whose!)!.sha256)!;
  expect(Buffer.compare(source.read(0, bytes.length), bytes)).toBe(0);
  opened.value.close();
});
