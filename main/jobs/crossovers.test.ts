import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { problem } from '#core/base/problem.ts';
import { err, type Result } from '#core/base/result.ts';
import type { CrossoverView } from '#core/contract/views.ts';
import { toFile } from '#core/document/document.ts';
import { drawFabric } from '#core/fabric/draw.ts';
import { type CrossoverInputs, crossoverStudy } from '#core/run/fabric/crossover.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import { createProject, openProject, type Project } from '#projects/project.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import {
  aBank,
  aChannel,
  aCore,
  aFabric,
  aGraph,
  anEnd,
  aStream,
  aTask,
} from '../../tests/support/random-task-graph.ts';
import { type Crossovers, createCrossovers } from './crossovers.ts';
import type { Lane } from './lane.ts';

const folder = temporaryFolder();
let count = 0;
let project: Project;
let crossovers: Crossovers;
let changes: CrossoverView[];
let jobs: {
  readonly input: CrossoverInputs;
  readonly settle: (answer: Result<unknown, unknown>) => void;
  readonly progress: (fraction: number) => void;
  isCancelled: boolean;
}[];

/** Jobs end when the test says so. */
const lane: Lane = {
  run: (_kind, input, onProgress = () => {}) => {
    let settle: (answer: never) => void = () => {};
    const answer = new Promise<never>((resolve) => {
      settle = resolve;
    });
    const job = {
      input: input as CrossoverInputs,
      settle: settle as (answer: Result<unknown, unknown>) => void,
      isCancelled: false,
      progress: (fraction: number) => onProgress({ phase: 'crossover.model', fraction, message: '' }),
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

const tasks = drawTaskGraph(
  aGraph([aTask('produce', { firings: 64, work: 64 }), aTask('consume', { firings: 64, work: 64 })], {
    streams: [aStream(anEnd(0), anEnd(1))],
  }),
  't',
);
const fabric = drawFabric(
  aFabric([aCore('core', 16)], { banks: [aBank('bank', 65_536)], channels: [aChannel('dram')] }),
  'f',
);
const site = { tasks: 't', fabric: 'f', variant: 'as-built' } as const;
const settled = () => new Promise((resolve) => setTimeout(resolve));
const found = () => crossoverStudy(jobs.at(-1)!.input, { mip: withoutMip, control: uncontrolled });

beforeEach(() => {
  const made = createProject(join(folder.path, `p${count++}.weft`), 'P', [toFile(tasks), toFile(fabric)]);
  if (!made.ok) throw new Error(made.error.message);
  project = made.value;
  jobs = [];
  changes = [];
  crossovers = createCrossovers(project, lane, (view) => changes.push(view));
});
afterEach(() => project.close());

describe('the crossover maps of a project', () => {
  it('tell how far they are, and are kept with the revisions they are of, by variant', async () => {
    expect(crossovers.view(site)).toEqual({ ...site, isRunning: false, progress: null, failure: null, found: null });
    project.documents.step('f', 0, { type: 'do', command: { type: 'document.rename', title: 'F' } });
    expect(crossovers.start(site, 'coarse')).toMatchObject({ value: { isRunning: true, found: null } });
    expect(jobs[0]?.input).toMatchObject({ variant: 'as-built', grid: 'coarse', fabric: { title: 'F' } });
    jobs[0]!.progress(0.5);
    expect(changes.at(-1)).toMatchObject({ isRunning: true, progress: { fraction: 0.5 } });
    const study = found();
    jobs[0]!.settle(study);
    await settled();
    if (!study.ok) throw new Error(study.error.message);
    const kept = { study: study.value, revisions: { tasks: 0, fabric: 1 } };
    expect(changes.at(-1)).toMatchObject({ isRunning: false, failure: null, found: kept });
    expect(crossovers.view({ ...site, variant: 'ideal' }).found).toBeNull();

    // It is on disk, and goes with either document.
    project.close();
    const again = openProject(project.path);
    if (!again.ok) throw new Error(again.error.message);
    project = again.value;
    expect(project.crossovers.get(site)).toMatchObject(kept);
    project.documents.remove('f');
    expect(project.crossovers.get(site)).toBeNull();
    project.crossovers.save(site, kept);
    expect(project.crossovers.get(site)).toBeNull();
  });

  it('begun again, the one before is stopped and heard no more; a failure is told, a stop is none', async () => {
    crossovers.start(site, 'coarse');
    crossovers.start(site, 'fine');
    expect(jobs.map(({ isCancelled }) => isCancelled)).toEqual([true, false]);
    jobs[0]!.settle(err(problem('job.crashed', 'of the one before')));
    await settled();
    expect(crossovers.view(site)).toMatchObject({ isRunning: true, failure: null });
    crossovers.cancel(site);
    expect(jobs[1]!.isCancelled).toBe(true);
    jobs[1]!.settle(err(problem('crossover.stopped', 'nothing yet')));
    await settled();
    expect(crossovers.view(site)).toMatchObject({ isRunning: false, failure: null, found: null });
    crossovers.start(site, 'coarse');
    jobs[2]!.settle(err(problem('crossover.no-banks', 'no bank')));
    await settled();
    expect(crossovers.view(site)).toMatchObject({ isRunning: false, failure: { code: 'crossover.no-banks' } });
    expect(crossovers.start({ ...site, fabric: 't' }, 'coarse')).toMatchObject({ error: { code: 'run.no-fabric' } });
  });

  it('a project that is closed keeps nothing more', async () => {
    crossovers.start(site, 'coarse');
    crossovers.close();
    expect(jobs[0]!.isCancelled).toBe(true);
    jobs[0]!.settle(found());
    await settled();
    expect(project.crossovers.get(site)).toBeNull();
  });
});
