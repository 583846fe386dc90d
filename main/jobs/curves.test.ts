import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CurveView } from '#core/contract/views.ts';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { packJson } from '#projects/codec.ts';
import { createProject, type Project } from '#projects/project.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { type Curves, createCurves } from './curves.ts';
import type { Lane } from './lane.ts';
import { CANCEL_SHOWN_AFTER_MS } from './queue.ts';

const folder = temporaryFolder();
let count = 0;
let project: Project;
let curves: Curves;
let changes: CurveView[];
let run: string;
let jobs: {
  settle: (answer: Result<unknown, unknown>) => void;
  isCancelled: boolean;
  progress: (fraction: number) => void;
}[];

/** Jobs end when the test says so. */
const lane: Lane = {
  run: (_kind, _input, onProgress = () => {}) => {
    let settle: (answer: never) => void = () => {};
    const answer = new Promise<never>((resolve) => {
      settle = resolve;
    });
    const job = {
      settle: settle as (answer: Result<unknown, unknown>) => void,
      isCancelled: false,
      progress: (fraction: number) => onProgress({ phase: 'curve', fraction, message: '' }),
    };
    jobs.push(job);
    return {
      answer,
      cancel: () => {
        job.isCancelled = true;
      },
    };
  },
  close: async () => {},
};

const range = { from: 1, to: 8, steps: 4, spacing: 'linear' } as const;
const curve: ScheduleCurve = {
  format: 'weft-curve/1',
  name: 'P',
  mode: 'stream',
  technique: { id: 'scheduler/x', version: '1' },
  limits: { MR: 0, MH: 2, MP: 4, isMPExact: true },
  points: [{ S: 4, objective: 0, bound: 0, optimal: true, stop: 'proven', baselines: {} }],
};
const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  const made = createProject(join(folder.path, `p${count++}.weft`), 'P', []);
  if (!made.ok) throw new Error(made.error.code);
  project = made.value;
  jobs = [];
  changes = [];
  curves = createCurves(project, lane, (view) => changes.push(view));
  const settings = DEFAULT_SETTINGS;
  const inputs = {
    model: toFile(emptyDocument('m', 'model', 'M')),
    architecture: toFile(emptyDocument('a', 'architecture', 'A')),
    settings,
  };
  const documents = { model: { document: 'm', revision: 1 }, architecture: { document: 'a', revision: 1 } };
  run = project.runs.insert({ key: 'k', family: 'f', title: 'T', ...documents, inputs }).id;
  project.runs.saveResult(run, 'done', {
    result: packJson({}),
    key: 'k',
    totals: [],
    stageMilliseconds: {},
    convergence: [],
  });
});
afterEach(() => {
  project.close();
});

describe('the curves of runs', () => {
  it('are computed when asked for, told while under way, and kept', async () => {
    expect(curves.view(run)).toEqual({ runs: [run], isRunning: false, progress: null, failure: null, curve: null });
    expect(curves.start(run, range)).toMatchObject({ value: { isRunning: true, curve: null } });
    jobs[0]!.progress(0.5);
    expect(changes.at(-1)).toMatchObject({ isRunning: true, progress: { fraction: 0.5 } });
    jobs[0]!.settle(ok(curve));
    await settled();
    expect(changes.at(-1)).toEqual({ runs: [run], isRunning: false, progress: null, failure: null, curve });
    expect(project.runs.curve(run)).toEqual(curve);
  });

  it('begin anew when asked again; the first study is stopped and what it says is not heard', async () => {
    curves.start(run, range);
    curves.start(run, { ...range, steps: 8 });
    expect(jobs[0]!.isCancelled).toBe(true);
    jobs[0]!.settle(ok({ ...curve, points: [] }));
    await settled();
    expect(curves.view(run)).toMatchObject({ isRunning: true, curve: null });
    jobs[1]!.settle(ok(curve));
    await settled();
    expect(curves.view(run).curve).toEqual(curve);
  });

  it('say why there is none, but not that they were stopped', async () => {
    curves.start(run, range);
    curves.cancel(run);
    expect(jobs[0]!.isCancelled).toBe(true);
    jobs[0]!.settle(err(problem('job.stopped', 'Stopped')));
    await settled();
    expect(curves.view(run)).toMatchObject({ isRunning: false, failure: null });
    curves.start(run, range);
    jobs[1]!.settle(err(problem('job.crashed', 'The work ended unexpectedly')));
    await settled();
    expect(curves.view(run)).toMatchObject({ isRunning: false, failure: { code: 'job.crashed' } });
    expect(curves.start('gone', range)).toMatchObject({ error: { code: 'run.no-result' } });
  });

  it('P-12 are shown as stopped soon, and keep what comes later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      curves.start(run, range);
      jobs[0]!.progress(0.2);
      expect(curves.cancel(run)).toMatchObject({ isRunning: true });
      vi.advanceTimersByTime(CANCEL_SHOWN_AFTER_MS);
      expect(changes.at(-1)).toMatchObject({ isRunning: false, progress: null, failure: null, curve: null });
    } finally {
      vi.useRealTimers();
    }
    jobs[0]!.progress(0.3);
    expect(curves.view(run)).toMatchObject({ isRunning: false, progress: null });
    jobs[0]!.settle(ok(curve));
    await settled();
    expect(changes.at(-1)).toMatchObject({ isRunning: false, curve });
  });

  it('leave nothing behind once the project closes', async () => {
    curves.start(run, range);
    curves.close();
    expect(jobs[0]!.isCancelled).toBe(true);
    jobs[0]!.settle(ok(curve));
    await settled();
    expect(project.runs.curve(run)).toBeNull();
  });
});
