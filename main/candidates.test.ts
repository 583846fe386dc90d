import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { fromFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { createProject, openProject, type Project } from '#projects/project.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { smallArray, twoConvolutions } from '../tests/support/candidates.ts';
import { createCandidates } from './candidates.ts';
import { createCopies } from './copies.ts';
import { handlers } from './jobs/handlers.ts';
import type { Lane } from './jobs/lane.ts';

const folder = temporaryFolder();
let count = 0;
let project: Project;

/** The worker's handlers, in this thread. */
const lane: Lane = {
  run: (kind, input) => {
    const handler = handlers[kind] as (input: unknown, control: typeof uncontrolled, file: null) => Promise<never>;
    return { answer: Promise.resolve().then(() => handler(input, uncontrolled, null)), cancel: () => {} };
  },
  close: async () => {},
};

beforeEach(() => {
  const documents = [
    { ...twoConvolutions(), id: 'model' },
    { ...smallArray(), id: 'architecture' },
  ];
  const made = createProject(join(folder.path, `p${count++}.weft`), 'P', documents);
  if (!made.ok) throw new Error(made.error.message);
  project = made.value;
});
afterEach(() => project.close());

it('gives a template, keeps what was checked with its report, right or wrong, and goes with its model', async () => {
  const host = () => ({ ok: true, value: project }) as const;
  const candidates = createCandidates({ lane, project: host, writable: host });
  const node = [...fromFile(twoConvolutions()).nodes.values()].find(({ name }) => name === 'conv')!.id;
  const request = { model: 'model', architecture: 'architecture', settings: DEFAULT_SETTINGS, node };
  const template = await candidates.template(request);
  if (!template.ok) throw new Error(template.error.message);
  const right = await candidates.check({ ...request, title: 'As it is', text: template.value.text });
  expect(right).toMatchObject({
    value: { node, title: 'As it is', report: { isAccepted: true }, model: { revision: 0 } },
  });
  const [first, second] = await Promise.all([
    candidates.check({ ...request, title: 'Empty', text: '' }),
    candidates.check({ ...request, title: 'At once', text: '' }),
  ]);
  expect(first).toMatchObject({ value: { report: { isAccepted: false, failedAt: 'text' } } });
  expect(second).toMatchObject({ error: { code: 'candidate.busy' } });
  expect(await candidates.check({ ...request, node: 'n999', title: 'T', text: '' })).toMatchObject({
    error: { code: 'candidate.no-operator' },
  });

  // All of it is on disk.
  project.close();
  const again = openProject(project.path);
  if (!again.ok) throw new Error(again.error.message);
  project = again.value;
  const list = candidates.list('model');
  expect(list.ok && list.value.map(({ title }) => title)).toEqual(['As it is', 'Empty']);
  const [kept] = list.ok ? list.value : [];
  expect(candidates.get(kept!.id)).toMatchObject({
    value: { text: template.value.text, report: right.ok && right.value.report },
  });

  // They go with a copy of the model, and say of which of its revisions they are.
  const copies = createCopies({
    writable: host,
    addDocument: (target, file) => {
      const added = target.documents.create({ ...file, id: 'copy' });
      if (!added.ok) throw new Error(added.error.message);
      return { ok: true, value: target.documents.list().find(({ id }) => id === 'copy')! };
    },
    changed: () => {},
  });
  expect(await copies.document('model')).toMatchObject({ ok: true, value: { id: 'copy' } });
  const copied = candidates.list('copy');
  expect(copied.ok && copied.value).toMatchObject([
    { title: 'As it is', node, model: { document: 'copy', revision: 0 }, report: { isAccepted: true } },
    { title: 'Empty', model: { document: 'copy', revision: 0 } },
  ]);
  expect(copied.ok && candidates.get(copied.value[0]!.id)).toMatchObject({ value: { text: template.value.text } });

  expect(candidates.remove(kept!.id)).toEqual({ ok: true, value: null });
  expect(candidates.remove(kept!.id)).toMatchObject({ error: { code: 'candidate.missing' } });
  expect(project.documents.remove('model').ok).toBe(true);
  project.close();
  const last = openProject(project.path);
  if (!last.ok) throw new Error(last.error.message);
  project = last.value;
  expect(candidates.list('model')).toEqual({ ok: true, value: [] });
});
