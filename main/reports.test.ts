/** Reports of studies and comparisons over the real router and worker, and of the closed project on the command line. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { places } from '#projects/places.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { createBackend } from './backend.ts';
import { runCommand } from './cli/command.ts';
import { reportCommand } from './cli/report.ts';
import { createRouter } from './services/router.ts';

const folder = temporaryFolder();
const backend = createBackend({
  kind: 'local',
  places: places(folder.path),
  examples: resolve(import.meta.dirname, '../projects/examples'),
  worker: new URL('./jobs/worker.ts', import.meta.url),
});
const api = createRouterClient(createRouter(backend));
afterAll(async () => {
  await backend.close();
  folder.remove();
});

const textOf = (blob: string) => readFileSync(backend.temp.get(blob)!.path, 'utf8');
const pause = () => new Promise((next) => setTimeout(next, 20));

it('a study and two runs leave as pages, Markdown and a row a point or an operator', async () => {
  const project = await api.projects.openExample({ slug: 'mlp-two-cores' });
  const idOf = (kind: string) => project.documents.find((one) => one.kind === kind)!.id;
  const [model, architecture] = [idOf('model'), idOf('architecture')];
  const rows = [4, 8, 16, 32];
  const { id: study } = await api.studies.start({
    spec: {
      title: 'Rows of the arrays',
      kind: 'program',
      model,
      architecture,
      settings: DEFAULT_SETTINGS,
      axes: [
        { of: 'architecture', nodes: ['core0'], parameter: 'rows', title: 'Rows', unit: '', values: rows },
        { of: 'architecture', nodes: ['core0'], parameter: 'columns', title: 'Columns', unit: '', values: rows },
      ],
      explorer: { id: 'explorer/grid', parameters: {} },
      fidelity: 'estimate',
      objectives: ['time.cycles', 'area.total'],
    },
  });
  while ((await api.studies.list())[0]?.state === 'running') await pause();
  const { id: run } = await api.runs.start({ model, architecture, settings: DEFAULT_SETTINGS });
  while ((await api.runs.list())[0]?.finishedAt === null) await pause();

  const csv = await api.reports.study({ study, format: 'csv' });
  expect(csv.name).toMatch(/study-1\.csv$/);
  expect(textOf(csv.blob).trimEnd().split('\r\n')).toHaveLength(1 + rows.length ** 2);
  const page = await api.reports.study({ study, format: 'html', sections: ['front'] });
  expect(page.sections.map(({ id }) => id)).toEqual(['axes', 'front', 'points', 'appendix']);
  expect(textOf(page.blob)).toContain('Rows of the arrays');
  expect(textOf(page.blob)).not.toContain('What was swept');

  const both = await api.reports.comparison({ run, base: run, format: 'csv' });
  const operators = textOf(both.blob).trimEnd().split('\r\n');
  expect(operators[0]).toMatch(/^operator,A \S+ \[\w+\],B /);
  expect(operators.length).toBeGreaterThan(1);
  expect((await api.reports.comparison({ run, base: run, format: 'markdown' })).mediaType).toBe('application/zip');
  const problemOf = (call: Promise<unknown>) =>
    call.then(
      () => 'none',
      (fault: { data?: { code?: string } }) => fault.data?.code,
    );
  expect(await problemOf(api.reports.study({ study: 'none', format: 'csv' }))).toBe('study.missing');
  expect(await problemOf(api.reports.comparison({ run, base: 'none', format: 'csv' }))).toBe('run.no-result');
  expect(await problemOf(api.reports.study({ study, format: 'pdf' }))).toBe('export.no-printer');

  await api.projects.close();
  const err: string[] = [];
  const out = join(folder.path, 'points.csv');
  const report = (...args: string[]) =>
    runCommand(reportCommand, [project.path, ...args], { out: () => {}, err: (text) => err.push(text) });
  expect(await report('--study', '1', '--format', 'csv', '--out', out)).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe(textOf(csv.blob));
  expect(await report('--study', '7', '--format', 'html')).toBe(1);
  expect(err.at(-1)).toContain('1 Rows of the arrays');
  expect(await report('--study', '1', '--format', 'perfetto')).toBe(2);
});
