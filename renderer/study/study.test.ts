// @vitest-environment happy-dom
// @vitest-environment-options {"settings":{"handleDisabledFileLoadingAsSuccess":true}}
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { frontOf } from '#core/study/pareto.ts';
import type { StudyPoint, StudyView } from '#core/study/study.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { useSession } from '../client/session-store.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { documentChange, settingsChange } from './apply.ts';
import { axesOfNodes, axisCandidates, axisOfParameter, firstAxes } from './axes.ts';
import { NO_BRUSHES } from './brush.ts';
import { columnsOf, numbersOf } from './columns.ts';
import { useStudyDraft } from './draft-store.ts';
import ParallelPlot from './ParallelPlot.vue';
import PointCard from './PointCard.vue';
import PointsTable from './PointsTable.vue';
import { extentOf, scaleOf } from './scale.ts';
import { useStudies } from './studies-store.ts';
import { drawnPoints, spec, studyHost, studyView } from './test-support.ts';

const settled = (check: () => void) => vi.waitFor(check, { timeout: 3000 });

async function opened(study: StudyView, points: readonly StudyPoint[]) {
  const { host, asked } = studyHost(study, points);
  useSession().attach(host);
  const [project, studies] = [useProject(), useStudies()];
  host.connect();
  await settled(() => expect(project.view).not.toBeNull());
  await settled(() => expect(studies.studies).toHaveLength(1));
  return { studies, asked, documents: useDocuments() };
}

beforeEach(() => {
  localStorage.clear();
  setActivePinia(createPinia());
});

describe('studies of the project', () => {
  it('bring points by page once they are looked at, and only what is new after that', async () => {
    const points = drawnPoints(5300);
    const study = studyView({ done: 5200 });
    const { studies, asked } = await opened(study, points.slice(0, 5200));
    expect(asked).toEqual([]);
    studies.points('s1');
    await settled(() => expect(studies.points('s1').count).toBe(5200));
    expect(asked).toEqual(['points 0', 'points 5000']);
    const objectives = study.metrics.filter(({ id }) => study.spec.objectives.includes(id));
    expect(studies.points('s1').front).toEqual(frontOf(points.slice(0, 5200), objectives));
  });

  it('go when they are removed', async () => {
    const { studies } = await opened(studyView(), []);
    await studies.remove('s1');
    expect(studies.studies).toEqual([]);
    expect(studies.get('s1')).toBeNull();
  });
});

describe('a study being put together', () => {
  it('begins with something worth sweeping, and starts as it stands', async () => {
    const { asked } = await opened(studyView(), []);
    const draft = useStudyDraft();
    draft.begin({ kind: 'program', model: 'm', architecture: 'a' });
    await settled(() => expect(draft.axes.length).toBe(3));
    expect(draft.axes.map(({ candidate }) => candidate.spec.id)).toEqual(['rows', 'columns', 'gigabytesPerSecond']);
    expect(draft.obstacle).toBeNull();
    expect(draft.plan?.planned).toBe(125);
    const study = await draft.start();
    expect(study).toMatchObject({ id: 's2', state: 'running' });
    expect(asked).toContain(`start ${draft.title}`);
  });

  it('of one parameter begins with that alone, with values around what is drawn', async () => {
    const { documents } = await opened(studyView(), []);
    const draft = useStudyDraft();
    const subject = { kind: 'program', model: 'm', architecture: 'a' } as const;
    draft.begin(subject);
    await settled(() => expect(draft.axes.length).toBe(3));
    const nodes = [...documents.get('a')!.state.document.nodes.values()];
    const array = nodes.find(({ type }) => type === 'systolic-array')!;
    draft.begin(subject, { nodes: [array.id], parameter: 'rows' });
    expect(draft.axes.map(({ candidate, values }) => [candidate.spec.id, candidate.nodes, values])).toEqual([
      ['rows', [array.id], { ok: true, value: [8, 16, 32, 64, 128] }],
    ]);
    expect(draft.obstacle).toBeNull();
  });

  it('says what stands in the way', async () => {
    await opened(studyView(), []);
    const draft = useStudyDraft();
    draft.begin({ kind: 'program', model: 'm', architecture: null });
    expect(draft.obstacle).toBe('A study takes an architecture: the project has none yet');
    draft.choose('m', 'a');
    await settled(() => expect(draft.axes.length).toBe(3));
    const [axis] = draft.axes;
    draft.setEntry(axis!.candidate.id, { form: 'list', text: 'many' });
    expect(draft.obstacle).toMatch(/Rows must be a number/);
    draft.removeAxis(axis!.candidate.id);
    expect(draft.obstacle).toBeNull();
    for (const { id } of draft.metrics) draft.toggleObjective(id);
    expect(draft.objectives.length).toBeLessThanOrEqual(4);
  });

  it('offers all nodes of a type together, and every setting', async () => {
    const { documents } = await opened(studyView(), []);
    await documents.open('a');
    await documents.open('m');
    const architecture = toFile(documents.get('a')!.state.document);
    const twice = {
      ...architecture,
      nodes: [...architecture.nodes, ...architecture.nodes.map((node) => ({ ...node, id: `${node.id}-2` }))],
    };
    const files = { model: toFile(documents.get('m')!.state.document), architecture: twice };
    const candidates = axisCandidates({ kind: 'program', settings: DEFAULT_SETTINGS }, files);
    const [rows] = firstAxes('program', candidates);
    expect(rows?.nodes).toHaveLength(2);
    expect(candidates.filter(({ of }) => of === 'settings').map(({ spec: { id } }) => id)).toContain('scratchpadBytes');
    expect(new Set(candidates.map(({ id }) => id)).size).toBe(candidates.length);
    const swept = axesOfNodes(candidates, rows!.nodes);
    expect(swept.map(({ spec, nodes }) => [spec.id, nodes])).toEqual([
      ['rows', rows!.nodes],
      ['columns', rows!.nodes],
    ]);
    expect(axesOfNodes(candidates, rows!.nodes.slice(1))[0]?.nodes).toEqual(rows!.nodes.slice(1));
    // One parameter, whatever it is of.
    expect(axisOfParameter(candidates, rows!.nodes, 'dataflow').map(({ spec, nodes }) => [spec.id, nodes])).toEqual([
      ['dataflow', rows!.nodes],
    ]);
    expect(axisOfParameter(candidates, rows!.nodes, 'absent')).toEqual([]);
  });
});

describe('a point applied', () => {
  it('is one undoable step that says what it changes; what is as drawn is left alone', async () => {
    const { documents } = await opened(studyView(), []);
    await documents.open('a');
    const before = documents.get('a')!.state.document;
    const array = [...before.nodes.values()].find(({ type }) => type === 'systolic-array')!;
    const point = {
      index: 4,
      choice: [0, 1],
      metrics: { 'time.cycles': 9, 'area.total': 2 },
      failure: null,
      run: null,
    };
    const study = studyView({
      spec: spec({
        axes: [
          {
            of: 'architecture',
            nodes: [array.id, 'gone'],
            parameter: 'rows',
            title: 'Rows',
            unit: '',
            values: [8, 16],
          },
          {
            of: 'settings',
            nodes: [],
            parameter: 'scratchpadBytes',
            title: 'Scratchpad',
            unit: 'B',
            values: [1024, 65536],
          },
        ],
      }),
    });
    const change = documentChange(before, { [array.id]: { rows: 8, columns: 32 }, gone: { rows: 8 } }, 'Apply it');
    expect(change.lines).toMatchObject([{ what: `${array.name}: rows`, before: '32', after: '8' }]);
    expect(change.missing).toBe(1);
    expect(settingsChange(study.spec, point.choice, DEFAULT_SETTINGS).lines).toMatchObject([
      { what: 'Scratchpad', before: 'as drawn', after: '64 KiB' },
    ]);

    const card = mount(PointCard, { props: { study, point, columns: columnsOf(study), isOnFront: true } });
    await flushPromises();
    expect(card.text()).toContain('32 → 8');
    expect(card.text()).toContain('1 of the swept nodes are no longer drawn');
    await card.find('button.primary').trigger('click');
    const after = documents.get('a')!.state;
    expect(after.document.nodes.get(array.id)?.parameters.rows).toBe(8);
    expect(after.revision).toBe(1);
    const [notice] = useNotices().notices.filter(({ action }) => action);
    await useNotices().accept(notice!);
    expect(documents.get('a')!.state.document.nodes.get(array.id)?.parameters.rows).toBe(32);
    card.unmount();
  });

  it('of settings alone is taken back by its notice, unless they were changed since', async () => {
    await opened(studyView(), []);
    const runs = useRuns();
    const { notices, accept } = useNotices();
    const axis = {
      of: 'settings',
      nodes: [],
      parameter: 'scratchpadBytes',
      title: 'Scratchpad',
      unit: 'B',
      values: [65536],
    } as const;
    const study = studyView({ spec: spec({ axes: [axis] }) });
    const point = { index: 0, choice: [0], metrics: {}, failure: null, run: null };
    const card = mount(PointCard, { props: { study, point, columns: columnsOf(study), isOnFront: false } });
    const applied = async () => {
      await card.find('button.primary').trigger('click');
      expect(runs.settings.scratchpadBytes).toBe(65536);
      return useNotices().notices.findLast(({ action }) => action)!;
    };
    expect(notices).toEqual([]);
    await accept(await applied());
    expect(runs.settings).toEqual(DEFAULT_SETTINGS);
    const notice = await applied();
    runs.settings = { ...runs.settings, seed: 5 };
    await accept(notice);
    expect(runs.settings).toMatchObject({ scratchpadBytes: 65536, seed: 5 });
    card.unmount();
  });

  it('says where a drawing it changes is gone, rather than that it has these values', async () => {
    await opened(studyView(), []);
    const study = studyView({ spec: spec({ architecture: 'gone' }) });
    const card = mount(PointCard, {
      props: { study, point: drawnPoints(1)[0]!, columns: columnsOf(study), isOnFront: false },
    });
    await flushPromises();
    expect(card.text()).toContain('no longer in the project');
    expect(card.find('button.primary').attributes('disabled')).toBeDefined();
    card.unmount();
  });

  it('takes the scheduler of the study along where its parameters are swept', () => {
    const axis = {
      of: 'settings',
      nodes: [],
      parameter: 'scheduler.mode',
      title: 'Mode',
      unit: '',
      values: ['strict'],
    } as const;
    const current = { ...DEFAULT_SETTINGS, scheduler: { id: 'scheduler/other', parameters: { own: 1 } } };
    const { settings, lines } = settingsChange(spec({ axes: [axis] }), [0], current);
    expect(settings).toMatchObject({
      scheduler: { id: DEFAULT_SETTINGS.scheduler.id, parameters: { mode: 'strict' } },
    });
    expect(lines.map(({ what, after }) => [what, after])).toEqual([
      ['Scheduler', DEFAULT_SETTINGS.scheduler.id],
      ['Mode', 'strict'],
    ]);
  });

  it('becomes a run that is opened', async () => {
    const { asked } = await opened(studyView(), []);
    const [point] = drawnPoints(1);
    const study = studyView();
    const card = mount(PointCard, { props: { study, point: point!, columns: columnsOf(study), isOnFront: false } });
    await card.findAll('footer button')[1]!.trigger('click');
    await settled(() => expect(card.emitted('openRun')).toEqual([['r1']]));
    expect(asked).toContain('run 0');
    card.unmount();
  });

  it('becomes documents of their own, which a notice takes away again', async () => {
    await opened(studyView(), []);
    const study = studyView();
    const [point] = drawnPoints(1);
    const card = mount(PointCard, { props: { study, point: point!, columns: columnsOf(study), isOnFront: false } });
    await card.findAll('footer button')[2]!.trigger('click');
    await settled(() => expect(card.emitted('openDocuments')).toEqual([[['copy']]]));
    expect(useNotices().notices.at(-1)).toMatchObject({ problem: { code: 'study.copied' }, action: { label: 'Undo' } });
    card.unmount();
  });
});

describe('parallel coordinates', () => {
  it('keep the axis the keys act on, and take another where it has no room any longer', async () => {
    const study = studyView({ done: 8 });
    const { studies } = await opened(study, drawnPoints(8));
    studies.points('s1');
    await settled(() => expect(studies.points('s1').count).toBe(8));
    const columns = columnsOf(study).map((column) => {
      const numbers = numbersOf(column, studies.points('s1'));
      return { column, numbers, scale: scaleOf(extentOf(numbers), false, 0) };
    });
    const plot = mount(ParallelPlot, {
      props: { columns, view: studies.points('s1'), kept: null, selected: null, hovered: null, brushes: NO_BRUSHES },
    });
    const keys = plot.get('[role="application"]');
    const spoken = () => plot.get('[role="status"]').text();
    const title = (at: number) => columns[at]!.column.title;
    await keys.trigger('focus');
    await keys.trigger('keydown', { key: 'ArrowRight' });
    await keys.trigger('keydown', { key: 'ArrowRight' });
    expect(spoken()).toContain(title(2));
    await plot.setProps({ columns: columns.slice(1) });
    expect(spoken()).toContain(title(2));
    await plot.setProps({ columns: columns.slice(0, 2) });
    expect(spoken()).toContain(title(0));
    await keys.trigger('keydown', { key: 'ArrowRight' });
    expect(spoken()).toContain(title(1));
    plot.unmount();
  });
});

describe('the table of points', () => {
  it('goes through points by key and mounts only what is in view', async () => {
    const points = drawnPoints(2000);
    const study = studyView({ done: 2000 });
    const { studies } = await opened(study, points);
    studies.points('s1');
    await settled(() => expect(studies.points('s1').count).toBe(2000));
    const table = mount(PointsTable, {
      props: { study, columns: columnsOf(study), view: studies.points('s1'), kept: null, selected: null },
    });
    expect(table.findAll('tbody tr.row').length).toBeLessThan(60);
    await table.find('table').trigger('keydown', { key: 'Home' });
    const [first] = table.emitted('update:selected')![0]!;
    expect(studies.points('s1').front.has(Number(first))).toBe(true);
    table.unmount();
  });

  it('is copied with every digit of axes and figures, only what is shown', async () => {
    const bytes = {
      ...spec().axes[0]!,
      parameter: 'capacityBytes',
      title: 'Capacity',
      unit: 'B',
      values: [100_000, 100_001],
    };
    const study = studyView({ done: 40, spec: spec({ axes: [bytes, spec().axes[1]!] }) });
    const points = drawnPoints(40).map((point) => ({ ...point, choice: [point.index % 2, 1] }));
    const { studies } = await opened(study, points);
    studies.points('s1');
    await settled(() => expect(studies.points('s1').count).toBe(40));
    const writeText = vi.fn((_text: string) => Promise.resolve());
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    const kept = Uint8Array.from(points, ({ index }) => Number(index === 3 || index === 16));
    const table = mount(PointsTable, {
      props: { study, columns: columnsOf(study), view: studies.points('s1'), kept, selected: null },
    });
    expect(table.find('tbody tr.row td[title]').attributes('title')).toMatch(/^100,00[01] B$/);
    await table.find('header button').trigger('click');
    await settled(() => expect(writeText).toHaveBeenCalled());
    const lines = writeText.mock.calls[0]![0].trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(
      lines.some((line) => line.startsWith('4,100001,64,') && line.includes(`${points[3]!.metrics['time.cycles']}`)),
    ).toBe(true);
    expect(lines.some((line) => line.startsWith('17,100000,64,') && line.endsWith('Does not fit'))).toBe(true);
    vi.unstubAllGlobals();
    table.unmount();
  });
});
