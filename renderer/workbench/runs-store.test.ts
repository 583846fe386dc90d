// @vitest-environment happy-dom
import { ORPCError } from '@orpc/client';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, watchEffect } from 'vue';
import { problem } from '#core/base/problem.ts';
import type { ProjectView, RunView } from '#core/contract/views.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import { useNotices } from '../client/notices-store.ts';
import { useRemovedRuns } from '../history/removed-runs.ts';
import { hasResult } from './run-state.ts';
import { useRuns } from './runs-store.ts';
import { fakeHost, project, runView } from './test-support.ts';

const settled = async () => {
  await new Promise((resolve) => setTimeout(resolve));
  await nextTick();
};

describe('runs store', () => {
  beforeEach(() => setActivePinia(createPinia()));

  it('follows the project and live events', () => {
    const runs = useRuns();
    runs.adopt(project([runView('a', { number: 1 })]));
    runs.accept({ type: 'run.changed', run: runView('b', { number: 2, state: 'running' }) });
    runs.accept({ type: 'run.changed', run: runView('a', { number: 1, title: 'renamed' }) });
    expect(runs.runs.map(({ id, title, state }) => [id, title, state])).toEqual([
      ['a', 'renamed', 'done'],
      ['b', 'Run b', 'running'],
    ]);
    runs.accept({ type: 'run.removed', run: 'a' });
    expect(runs.runs.map(({ id }) => id)).toEqual(['b']);
    runs.accept({ type: 'project.changed', project: null });
    expect(runs.runs).toEqual([]);
  });

  it('starts a run with the chosen settings and opens it', async () => {
    const runs = useRuns();
    const host = fakeHost();
    runs.connect(host);
    const started = await runs.start('model', 'architecture');
    expect(host.calls).toEqual([
      ['start', { model: 'model', architecture: 'architecture', settings: DEFAULT_SETTINGS }],
    ]);
    expect(runs.activeRun).toBe(started?.id);
    expect(runs.active?.state).toBe('queued');
  });

  it('takes the candidates chosen for a model into its runs, and forgets them with the project', async () => {
    const runs = useRuns();
    const host = fakeHost();
    runs.connect(host);
    runs.adopt(project([]));
    const candidate = { id: 'c1', title: 'Fast', operator: 'conv', text: 'weft-candidate/1' };
    runs.chooseCandidate('model', 'n1', candidate);
    runs.chooseCandidate('model', 'n2', { ...candidate, id: 'c2' });
    runs.chooseCandidate('model', 'n2', null);
    await runs.start('model', 'architecture');
    await runs.start('other', 'architecture');
    runs.adopt(project([]));
    expect(runs.settingsFor('model').candidates).toEqual({ n1: candidate.text });
    runs.adopt({ ...project([]), path: '/projects/second' });
    expect(runs.settingsFor('model')).toEqual(DEFAULT_SETTINGS);
    expect(host.calls.map(([, input]) => input)).toMatchObject([
      { model: 'model', settings: { ...DEFAULT_SETTINGS, candidates: { n1: candidate.text } } },
      { model: 'other', settings: DEFAULT_SETTINGS },
    ]);
    expect(host.calls[1]).toEqual([
      'start',
      { model: 'other', architecture: 'architecture', settings: DEFAULT_SETTINGS },
    ]);
  });

  it('verifies what a run froze, and opens the run that does', async () => {
    const runs = useRuns();
    const host = fakeHost();
    runs.connect(host);
    runs.adopt(project([runView('a')]));
    await runs.verify('a');
    expect(host.calls).toContainEqual(['verify', { run: 'a' }]);
    expect(runs.activeRun).toBe('verified-a');
  });

  it('follows the course of a search while it runs, and takes what was kept of it afterwards', async () => {
    const runs = useRuns();
    const kept = [
      { seconds: 0.1, incumbent: 90, bound: 10 },
      { seconds: 0.2, incumbent: 80, bound: 10 },
    ];
    let asked = 0;
    runs.connect(fakeHost({ convergence: () => (asked++ === 0 ? kept.slice(0, 1) : kept) }));
    const running = (figures: Record<string, number>) =>
      runView('a', { state: 'running', progress: { phase: 'schedule', fraction: 0.5, message: '', figures } });
    runs.adopt(project([running({})]));
    expect(runs.course('a')).toEqual([]);
    await settled();
    expect(runs.course('a')).toEqual(kept.slice(0, 1));
    runs.accept({ type: 'run.changed', run: running({ incumbent: 85, bound: 10, seconds: 0.15 }) });
    expect(runs.course('a').at(-1)).toEqual({ seconds: 0.15, incumbent: 85, bound: 10 });
    runs.accept({ type: 'run.changed', run: runView('a') });
    expect(runs.course('a')).toEqual([]);
    await settled();
    expect(runs.course('a')).toEqual(kept);
  });

  it('opens another scratchpad of a run as a run that shares its curve', async () => {
    const runs = useRuns();
    const host = fakeHost();
    runs.connect(host);
    runs.adopt(project([runView('a')]));
    expect(runs.curve('a')).toBeNull();
    await settled();
    runs.accept({ type: 'curve.changed', curve: { ...runs.curve('a')!, isRunning: true } });
    await runs.openAt('a', 4096);
    expect(runs.activeRun).toBe('at-4096');
    expect(runs.curve('at-4096')).toMatchObject({ runs: ['a', 'at-4096'], isRunning: true });
    expect(host.calls.filter(([name]) => name === 'curve')).toEqual([['curve', { run: 'a' }]]);
  });

  it('keeps the Problem of a refused call', async () => {
    const runs = useRuns();
    const refusal = problem('run.no-scratchpad', 'The architecture has no scratchpad');
    runs.connect(fakeHost({ start: () => Promise.reject(new ORPCError('PROBLEM', { status: 422, data: refusal })) }));
    expect(await runs.start('model', 'architecture')).toBeNull();
    expect(runs.lastProblem).toEqual(refusal);
  });

  it('says so when there is no host', async () => {
    const runs = useRuns();
    expect(await runs.start('model', 'architecture')).toBeNull();
    expect(runs.lastProblem?.code).toBe('host.not-connected');
  });

  it('loads the result of the open run once', async () => {
    const runs = useRuns();
    const host = fakeHost();
    const fetched = vi.spyOn(host, 'fetchResult');
    runs.connect(host);
    runs.adopt(project([runView('a')]));
    runs.open('a');
    await settled();
    expect(runs.result('a').state).toBe('ready');
    expect(runs.result('a').state).toBe('ready');
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(runs.activeData?.result.key).toBe(fixtureRun().key);
  });

  it('loads it when a running run ends, and not before', async () => {
    const runs = useRuns();
    const host = fakeHost();
    const fetched = vi.spyOn(host, 'fetchResult');
    runs.connect(host);
    runs.adopt(project([runView('a', { state: 'running' })]));
    runs.open('a');
    await settled();
    expect(fetched).not.toHaveBeenCalled();
    runs.accept({ type: 'run.changed', run: runView('a') });
    await settled();
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(runs.activeData).not.toBeNull();
  });

  it('shows a result that cannot be read as a Problem and tries again when asked again', async () => {
    const runs = useRuns();
    const host = fakeHost({ fetchResult: () => Promise.resolve('{') });
    runs.connect(host);
    runs.adopt(project([runView('a')]));
    runs.result('a');
    await settled();
    expect(runs.loaded('a')?.state).toBe('failed');
    runs.connect(fakeHost());
    runs.result('a');
    await settled();
    expect(runs.loaded('a')?.state).toBe('ready');
  });

  it('asks once for a result that cannot be read, however often it is looked at, and again when it is opened', async () => {
    const runs = useRuns();
    const host = fakeHost({ fetchResult: () => Promise.reject(new Error('gone')) });
    const fetched = vi.spyOn(host, 'fetchResult');
    runs.connect(host);
    runs.adopt(project([runView('a')]));
    const looked = effectScope();
    looked.run(() => watchEffect(() => void runs.result('a')));
    for (let turn = 0; turn < 5; turn++) await settled();
    expect(fetched).toHaveBeenCalledTimes(1);
    runs.open('a');
    for (let turn = 0; turn < 5; turn++) await settled();
    expect(fetched).toHaveBeenCalledTimes(2);
    looked.stop();
  });

  it('forgets old results but never the open one', async () => {
    const runs = useRuns();
    runs.connect(fakeHost());
    const ids = [...'abcdefghij'];
    runs.adopt(project(ids.map((id) => runView(id))));
    runs.open('a');
    for (const id of ids) runs.result(id);
    await settled();
    expect(runs.loaded('a')?.state).toBe('ready');
    expect(ids.filter((id) => runs.loaded(id) !== null).length).toBeLessThanOrEqual(8);
  });

  it('cross-probes: node → operator → nodes and component', async () => {
    const runs = useRuns();
    runs.connect(fakeHost());
    runs.adopt(project([runView('a')]));
    runs.open('a');
    await settled();
    runs.selectNode('r3');
    expect(runs.selectedOperator).toBe(2);
    expect([...runs.highlightedNodes]).toEqual(['n3', 'r3']);
    expect([...runs.highlightedComponents]).toEqual(['array', 'dram', 'spm']);
    runs.selectNode('not there');
    expect(runs.selectedOperator).toBeNull();
    expect(runs.highlightedNodes.size).toBe(0);
  });

  it('colours nodes by the chosen metric', async () => {
    const runs = useRuns();
    runs.connect(fakeHost());
    runs.adopt(project([runView('a')]));
    runs.open('a');
    await settled();
    expect(runs.overlay).toBeNull();
    runs.overlayMetric = 'busyCycles';
    expect(runs.overlay).toMatchObject({ document: 'model', unit: 'cycles', minimum: 0, maximum: 12_544 });
    expect(runs.overlay?.values.get('r1')).toBe(12_544);
    expect(runs.overlay?.values.get('n2')).toBe(3_136);
    expect(runs.overlay?.colour(12_544)).toBe('rgb(253 231 37)');
    expect(runs.architectureOverlay?.values.get('array')).toBeCloseTo(
      (6 * 12_544) / runs.activeData!.timeline.makespanCycles,
    );
  });

  it('tells which inputs have moved on', () => {
    const runs = useRuns();
    const run = runView('a');
    runs.adopt(project([run]));
    expect(runs.staleness(run)).toEqual({ model: false, architecture: false });
    runs.documentRevised('model', 4);
    expect(runs.staleness(run)).toEqual({ model: true, architecture: false });
  });

  it('imports by upload and exports by download', async () => {
    const runs = useRuns();
    const host = fakeHost();
    runs.connect(host);
    await runs.importRun(new File(['{}'], 'run.json'));
    expect(runs.active?.imported).toBe(true);
    await runs.exportRun('a', 'html', null);
    expect(host.calls).toEqual([
      ['upload', 'run.json'],
      ['import', { upload: 'upload-1' }],
      ['export', { run: 'a', format: 'html' }],
      ['download', 'blob-1', 'run.html'],
    ]);
  });

  it('cancels and removes', async () => {
    const runs = useRuns();
    runs.connect(fakeHost());
    runs.adopt(project([runView('a', { state: 'running' })]));
    runs.open('a');
    await runs.cancel('a');
    expect(runs.active?.state).toBe('cancelled');
    await runs.remove('a');
    expect(runs.runs).toEqual([]);
    expect(runs.activeRun).toBeNull();
  });

  it('brings a deleted run back by its notice, on screen if it was', async () => {
    const runs = useRuns();
    const notices = useNotices();
    runs.connect(fakeHost());
    runs.adopt(project([runView('a', { state: 'done' })]));
    runs.open('a');
    await useRemovedRuns().remove(runs.runs[0]!);
    expect(runs.runs).toEqual([]);
    const [notice] = notices.notices;
    expect(notice?.action?.label).toBe('Undo');
    await notices.accept(notice!);
    expect(runs.active?.id).toBe('a');
    expect(notices.notices).toEqual([]);
  });

  it('knows which runs have a result', () => {
    const of = (rest: Partial<RunView>) => hasResult(runView('a', rest));
    expect(of({ state: 'done' })).toBe(true);
    expect(of({ state: 'cancelled', headline: { 'time.cycles': 1 } })).toBe(true);
    expect(of({ state: 'cancelled', headline: {} })).toBe(false);
    expect(of({ state: 'failed' })).toBe(false);
  });

  it('closes the open run when its project is closed', () => {
    const runs = useRuns();
    runs.adopt(project([runView('a')]));
    runs.open('a');
    const other: ProjectView = project([]);
    runs.adopt(other);
    expect(runs.activeRun).toBeNull();
  });
});
