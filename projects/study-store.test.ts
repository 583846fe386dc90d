/** Studies at rest: batches, numbers, what a dead process leaves, what damage leaves. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { problem } from '#core/base/problem.ts';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { StudyPoint } from '#core/study/study.ts';
import { temporaryFolder } from '../tests/crash/edits.ts';
import { cases } from '../tests/support/cases.ts';
import { createProject, openProject, type Project } from './project.ts';
import { salvage } from './salvage.ts';
import type { NewStudy } from './study-store.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const model = toFile(emptyDocument('m', 'model', 'Model'));
const architecture = toFile(emptyDocument('a', 'architecture', 'Architecture'));
const study: NewStudy = {
  spec: {
    title: 'Sweep',
    kind: 'program',
    model: 'm',
    architecture: 'a',
    settings: DEFAULT_SETTINGS,
    axes: [{ of: 'settings', nodes: [], parameter: 'format', title: 'Format', unit: '', values: ['int8', 'fp16'] }],
    explorer: { id: 'explorer/grid', parameters: {} },
    fidelity: 'estimate',
    objectives: ['time.cycles', 'energy.total'],
  },
  metrics: [{ id: 'time.cycles', title: 'Cycles', unit: 'cycles', better: 'less' }],
  planned: 200,
  inputs: { model, architecture, revisions: { model: 3, architecture: 4 } },
};

const point = (index: number): StudyPoint => ({
  index,
  choice: [index % 2],
  metrics: index % 7 === 0 ? {} : { 'time.cycles': index + 0.1 },
  failure: index % 7 === 0 ? "no 'schedule'" : null,
  run: index % 5 === 0 ? `run-${index}` : null,
});
const points = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => point(from + index));

function fresh(name: string): { readonly path: string; readonly project: Project } {
  const path = join(folder.path, name);
  const project = createProject(path, 'Studies', [model, architecture]);
  if (!project.ok) throw new Error(project.error.message);
  return { path, project: project.value };
}

function opened(path: string): Project {
  const project = openProject(path);
  if (!project.ok) throw new Error(project.error.message);
  return project.value;
}

describe('studies', () => {
  it('are kept with their points, page by page, and the state after them', () => {
    const { path, project } = fresh('kept.weft');
    const { studies } = project;
    const { id, number } = studies.insert(study);
    expect(number).toBe(1);
    expect(studies.explorerState(id)).toBeNull();
    studies.advance(id, { points: points(0, 70), done: 70, state: { at: 70 }, reused: 2 });
    studies.advance(id, { points: points(70, 100), done: 100, state: [100], reused: 3 });
    const view = { state: 'running', done: 100, reused: 3, planned: 200, spec: study.spec, metrics: study.metrics };
    expect(studies.get(id)).toMatchObject(view);
    expect(studies.points(id, 0, 1000)).toEqual(points(0, 100));
    expect(studies.points(id, 60, 20)).toEqual(points(60, 80));
    expect(studies.point(id, 99)).toEqual(point(99));
    expect(studies.point(id, 100)).toBeNull();
    expect(studies.inputs(id)).toEqual(study.inputs);
    const second = studies.insert(study);
    expect(second.number).toBe(2);
    expect(studies.remove(second.id).ok).toBe(true);
    expect(studies.list().map((one) => one.id)).toEqual([id]);
    expect(studies.restore(second.id)).toEqual({ ok: true, value: second });
    expect(studies.remove(second.id).ok).toBe(true);
    // As a process leaves it that dies.
    const dead = join(folder.path, 'dead.weft');
    project.close();
    copyFileSync(path, dead);
    const again = opened(dead).studies;
    expect(again.list()).toMatchObject([{ ...view, id, state: 'stopped' }]);
    expect(again.explorerState(id)).toEqual([100]);
    expect(again.insert(study).number).toBe(3);
    const failure = problem('study.broke', 'a reason');
    expect(again.setState(id, 'failed', failure)).toMatchObject({ state: 'failed', failure });
    again.advance('absent', { points: points(0, 1), done: 1, state: null, reused: 0 });
    expect(again.remove('absent').ok).toBe(false);
    // Closing forgets what was removed.
    expect(again.restore(second.id).ok).toBe(false);
  });

  it('are saved from a damaged file up to the first point that is lost, and then are done', () => {
    const { path, project } = fresh('whole.weft');
    const { id } = project.studies.insert(study);
    for (let from = 0; from < 600; from += 100)
      project.studies.advance(id, { points: points(from, from + 100), done: from + 100, state: from, reused: 0 });
    project.close();
    const bytes = readFileSync(path);
    const outcomes = new Set<string>();
    for (let page = 1; page < bytes.length / 4096; page += cases(5, 1)) {
      const damaged = join(folder.path, 'damaged.weft');
      const copy = Buffer.from(bytes);
      copy.fill(0xa5, page * 4096, page * 4096 + 4096);
      writeFileSync(damaged, copy);
      const into = join(folder.path, `saved-${page}.weft`);
      if (salvage(damaged, into) === null) continue;
      const saved = opened(into);
      const [only] = saved.studies.list();
      if (only) {
        expect(saved.studies.points(id, 0, 1000)).toEqual(points(0, only.done));
        expect(only.state).toBe(only.done < 600 ? 'done' : 'stopped');
        expect(only.planned).toBe(only.done < 600 ? only.done : 200);
      }
      outcomes.add(only ? (only.done < 600 ? 'short' : 'whole') : 'gone');
      saved.close();
    }
    expect(outcomes).toContain('short');
    expect(outcomes).toContain('whole');
  });

  it('are saved where the reason of a failure cannot be read', () => {
    const { path, project } = fresh('reason.weft');
    const { id } = project.studies.insert(study);
    project.studies.advance(id, { points: points(0, 10), done: 10, state: null, reused: 0 });
    project.studies.setState(id, 'failed', problem('study.broke', 'a reason'));
    project.close();
    const db = new Database(path);
    db.prepare(`UPDATE studies SET failure = '{"code'`).run();
    db.close();
    const into = join(folder.path, 'reason-saved.weft');
    expect(salvage(path, into)).not.toBeNull();
    expect(opened(into).studies.list()).toMatchObject([{ id, state: 'failed', failure: null, done: 10 }]);
  });
});
