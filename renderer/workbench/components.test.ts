// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import type { RunView as RunViewData } from '#core/contract/views.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { fixtureRun } from '../../tests/support/run-fixture.ts';
import ComparePanel from './ComparePanel.vue';
import CurvePanel from './CurvePanel.vue';
import { useExplained } from './explain-store.ts';
import OperatorsPanel from './OperatorsPanel.vue';
import RunSettings from './RunSettings.vue';
import RunsList from './RunsList.vue';
import RunView from './RunView.vue';
import { useRuns } from './runs-store.ts';
import ScheduleBadge from './ScheduleBadge.vue';
import SchedulePanel from './SchedulePanel.vue';
import TimelinePanel from './TimelinePanel.vue';
import { type FakeHost, fakeHost, project, runView } from './test-support.ts';

const KiB = 1024;
const curve: ScheduleCurve = {
  format: 'weft-curve/1',
  name: 'test',
  mode: 'stream',
  technique: { id: 'scheduler/test', version: '1' },
  limits: { MR: 128 * KiB, MH: 256 * KiB, MP: 1024 * KiB, isMPExact: true },
  points: [
    { S: 64 * KiB, objective: null, bound: null, optimal: false, stop: 'infeasible', baselines: {} },
    {
      S: 256 * KiB,
      objective: 600 * KiB,
      bound: 300 * KiB,
      optimal: false,
      stop: 'nodes',
      baselines: { 'fileOrder+lru': 1200 * KiB },
    },
    {
      S: 512 * KiB,
      objective: 88 * KiB,
      bound: 88 * KiB,
      optimal: true,
      stop: 'proven',
      baselines: { 'fileOrder+lru': 88 * KiB },
    },
    { S: 1024 * KiB, objective: 0, bound: 0, optimal: true, stop: 'proven', baselines: {} },
  ],
};

let calls: FakeHost['calls'] = [];

async function withRun(rest: Partial<RunViewData> = {}, blocks = 6, study?: ScheduleCurve) {
  const runs = useRuns();
  const host = fakeHost({
    fetchResult: () => Promise.resolve(JSON.stringify(fixtureRun({ blocks }))),
    ...(study && { curve: study }),
  });
  runs.connect(host);
  calls = host.calls;
  runs.adopt(project([runView('a', rest), runView('b', { number: 2 })]));
  runs.open('a');
  await new Promise((resolve) => setTimeout(resolve));
  await nextTick();
  return runs;
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => setActivePinia(createPinia()));

describe('operators table', () => {
  const names = (panel: ReturnType<typeof mount>) =>
    panel.findAll('tbody tr.row').map((row) => row.findAll('td')[1]?.text());

  it('sorts by a column, largest first, and back', async () => {
    await withRun();
    const panel = mount(OperatorsPanel);
    expect(names(panel).slice(0, 3)).toEqual(['conv1', 'add1', 'conv2']);
    const busy = panel.findAll('th').find((head) => head.text().startsWith('Busy'));
    await busy?.find('button').trigger('click');
    expect(busy?.attributes('aria-sort')).toBe('descending');
    expect(names(panel)[0]).toBe('conv1');
    expect(names(panel).at(-1)).toBe('add6');
    await busy?.find('button').trigger('click');
    expect(busy?.attributes('aria-sort')).toBe('ascending');
    expect(names(panel)[0]).toBe('add1');
  });

  it('selects by click and by keyboard, in every linked view', async () => {
    const runs = await withRun();
    const panel = mount(OperatorsPanel);
    await panel.findAll('tbody tr.row')[2]?.trigger('click');
    expect(runs.selectedOperator).toBe(2);
    await panel.find('table').trigger('keydown', { key: 'ArrowDown' });
    expect(runs.selectedOperator).toBe(3);
    expect(panel.find('[aria-selected="true"]').text()).toContain('add2');
    expect(panel.find('table').attributes('aria-activedescendant')).toBe('operator-3');
    await panel.find('table').trigger('keydown', { key: 'Escape' });
    expect(runs.selectedOperator).toBeNull();
  });

  it('explains the figure the keyboard is on', async () => {
    const runs = await withRun();
    runs.selectedOperator = 0;
    const panel = mount(OperatorsPanel);
    for (let press = 0; press < 3; press++) await panel.find('table').trigger('keydown', { key: 'ArrowRight' });
    const text = panel.find('.explained').text();
    expect(text).toContain('conv1: MACs 115,605,504 MAC (counted) = m × n × k × groups');
  });

  it('takes a figure of the selected row apart when it is pressed, or with Enter', async () => {
    const runs = await withRun();
    runs.selectedOperator = 0;
    const panel = mount(OperatorsPanel, { attachTo: document.body });
    const figures = panel.findAll('[aria-selected="true"] button.number');
    expect(figures.length).toBe(runs.activeData?.result.columns.length);
    for (let press = 0; press < 3; press++) await panel.find('table').trigger('keydown', { key: 'ArrowRight' });
    await panel.find('table').trigger('keydown', { key: 'Enter' });
    await nextTick();
    expect(document.querySelector('[role="dialog"]')?.getAttribute('aria-label')).toBe(
      'How MACs of conv1 is calculated',
    );
    panel.unmount();
  });

  it('filters by words', async () => {
    await withRun();
    const panel = mount(OperatorsPanel);
    await panel.find('input').setValue('array add3');
    expect(names(panel)).toEqual([]);
    await panel.find('input').setValue('Vector add3');
    expect(names(panel)).toEqual(['add3']);
    expect(panel.find('.count').text()).toBe('1 of 12');
  });

  it('mounts only the rows in view', async () => {
    await withRun({}, 1500);
    const panel = mount(OperatorsPanel);
    expect(panel.findAll('tbody tr.row').length).toBeLessThan(60);
    expect(panel.find('table').attributes('aria-rowcount')).toBe('3001');
  });
});

describe('run view', () => {
  it('shows every total with its badge, and how it is calculated, its terms followed', async () => {
    const runs = await withRun();
    const view = mount(RunView, { props: { runId: 'a' }, attachTo: document.body });
    const totals = runs.activeData?.result.totals ?? [];
    const cards = view.findAll('.metric');
    expect(cards).toHaveLength(totals.length);
    for (const [at, metric] of totals.entries()) {
      const card = cards[at];
      const figure = card?.find('button.number');
      expect(figure?.attributes('aria-label')).toContain(formatExact(metric.value, metric.unit));
      expect(card?.find('.badge').text()).toContain(metric.badge);
      await figure?.trigger('click');
      expect(document.querySelector('[role="dialog"]')?.textContent).toContain(metric.provenance.formula);
      await figure?.trigger('click');
      expect(document.querySelector('[role="dialog"]')).toBeNull();
    }
    await cards[1]?.find('button.number').trigger('click');
    const dialog = () => document.querySelector('[role="dialog"]');
    expect(dialog()?.textContent).toContain('102 kcycles ÷ 500 MHz');
    const [cycles, clock] = dialog()?.querySelectorAll<HTMLButtonElement>('dd button') ?? [];
    clock?.click();
    await nextTick();
    expect(useExplained().asked).toEqual({ document: 'architecture', node: 'array' });
    await cards[1]?.find('button.number').trigger('click');
    dialog()?.querySelector<HTMLButtonElement>('dd button')?.click();
    await nextTick();
    expect(cycles).toBeDefined();
    expect(dialog()?.getAttribute('aria-label')).toBe('How Cycles is calculated');
    expect(view.find('.seal').text()).toBe('✓ proven optimal');
    view.unmount();
  });

  it('says that the figures are stale once an input has moved on', async () => {
    const runs = await withRun();
    const view = mount(RunView, { props: { runId: 'a' } });
    expect(view.find('.stale').exists()).toBe(false);
    runs.documentRevised('architecture', 9);
    await nextTick();
    expect(view.text()).toContain('The architecture has changed since this run');
  });

  it('shows progress with meaning and stops keeping the best', async () => {
    const progress = {
      phase: 'schedule',
      fraction: 0.42,
      message: 'Ordering',
      figures: { incumbent: 1024, gap: 0.031 },
    };
    const runs = await withRun({ state: 'running', progress });
    const view = mount(RunView, { props: { runId: 'a' } });
    expect(view.text()).toContain('1,024 B');
    expect(view.text()).toContain('3.1 %');
    await view
      .findAll('button')
      .find((button) => button.text() === 'Stop, keep best')
      ?.trigger('click');
    expect(runs.active?.state).toBe('cancelled');
  });

  it('says what failed, where, why and how to mend it', async () => {
    const fix = { title: 'Set the scratchpad to 2.5 MiB', edits: [{ type: 'remove-node', node: 'x' }] } as const;
    const failure = problem('schedule.infeasible', 'conv3 does not fit', {
      where: { document: 'architecture', node: 'spm' },
      facts: { 'demand B': 2_408_448, 'bound B': 1_048_576 },
      fixes: [fix],
    });
    await withRun({ state: 'failed', failure });
    const view = mount(RunView, { props: { runId: 'a' } });
    for (const part of ['conv3 does not fit', 'spm', '2,408,448', '1,048,576']) expect(view.text()).toContain(part);
    await view.find('.link').trigger('click');
    expect(view.emitted('reveal')).toEqual([['architecture', 'spm']]);
    await view
      .findAll('button')
      .find((button) => button.text() === fix.title)
      ?.trigger('click');
    expect(view.emitted('apply')).toEqual([['architecture', fix]]);
  });
});

describe('a schedule that does not fit', () => {
  it('can be run again with each lever of its failure', async () => {
    const levers = [
      { title: 'a scratchpad of at least 2,408,448 B', scratchpadBytes: 2_408_448 },
      { title: 'stream mode', parameters: { mode: 'stream' } },
      { title: 'a number format of 1 B an element', format: 'int8' },
    ];
    const failure = { ...problem('schedule.infeasible', 'conv3 needs more', { facts: { demand: 2_408_448 } }), levers };
    const runs = await withRun({ state: 'failed', failure });
    const { settings } = runs;
    const { id } = settings.scheduler;
    const view = mount(RunView, { props: { runId: 'a' } });
    for (const { title } of levers)
      await view
        .findAll('button')
        .find((button) => button.text() === title)
        ?.trigger('click');
    const documents = { model: 'model', architecture: 'architecture' };
    expect(calls.filter(([name]) => name === 'start')).toEqual([
      ['start', { ...documents, settings: { ...settings, scratchpadBytes: 2_408_448 } }],
      ['start', { ...documents, settings: { ...settings, scheduler: { id, parameters: { mode: 'stream' } } } }],
      ['start', { ...documents, settings: { ...settings, format: 'int8' } }],
    ]);
  });
});

describe('runs list', () => {
  it('lists newest first, with state, and opens', async () => {
    const runs = useRuns();
    runs.adopt(project([runView('a', { number: 1 }), runView('b', { number: 2, state: 'failed' })]));
    const list = mount(RunsList);
    expect(list.findAll('.title').map((title) => title.text())).toEqual(['2 Run b', '1 Run a']);
    expect(list.text()).toContain('Failed');
    await list.findAll('.main')[1]?.trigger('click');
    expect(runs.activeRun).toBe('a');
    expect(list.emitted('open')).toEqual([['a']]);
  });

  it('says what to do when there is none', () => {
    expect(mount(RunsList).text()).toContain('press Run');
  });
});

describe('schedule panel', () => {
  it('shows the proof, the bound and what is saved against each baseline', async () => {
    const runs = await withRun();
    const panel = mount(SchedulePanel);
    const { answer } = runs.activeData!.result.schedule;
    expect(panel.text()).toContain(answer.proof);
    expect(panel.text()).toContain(formatExact(answer.bound, 'B'));
    expect(panel.text()).toContain('−87.5 %');
    await panel.findAll('.chip')[4]?.trigger('click');
    expect(runs.selectedOperator).toBe(4);
  });
});

describe('schedule badge', () => {
  it.each([
    [{ objective: 40, bound: 40, optimal: true }, 'proven optimal'],
    [{ objective: 40, bound: 30, optimal: false }, 'within 25.0 % of optimal'],
    [{ objective: 40, bound: 0, optimal: false }, 'heuristic'],
  ])('%j is %s; the proof and what ended the search are told', (claim, badge) => {
    const seal = mount(ScheduleBadge, { props: { claim: { ...claim, proof: 'By hand.', stop: 'nodes' } } });
    expect(seal.text()).toContain(badge);
    const label = seal.find('button').attributes('aria-label');
    for (const part of [badge, '40 B', 'By hand.', 'node budget']) expect(label).toContain(part);
  });
});

describe('scratchpad curve', () => {
  it('is computed for the range asked, and stopped', async () => {
    const runs = await withRun();
    const panel = mount(CurvePanel);
    await settled();
    expect(panel.text()).toContain('How many bytes would this model move');
    const [from, to, points] = panel.findAll('input');
    await to?.setValue('one');
    expect(panel.find('[role="alert"]').text()).toContain('To is a size');
    expect(panel.find('button[type="submit"]').attributes('disabled')).toBeDefined();
    await from?.setValue('64KiB');
    await to?.setValue('1 MiB');
    await points?.setValue('5');
    await panel.find('form').trigger('submit');
    await settled();
    const range = { from: 65_536, to: 1_048_576, steps: 5, spacing: 'geometric' };
    expect(calls).toContainEqual(['startCurve', { run: 'a', range }]);
    await panel
      .findAll('button')
      .find((button) => button.text() === 'Stop, keep points')
      ?.trigger('click');
    expect(calls).toContainEqual(['cancelCurve', { run: 'a' }]);
    runs.accept({
      type: 'curve.changed',
      curve: { runs: ['a'], isRunning: false, progress: null, failure: null, curve },
    });
    await nextTick();
    expect(panel.find('canvas').isVisible()).toBe(true);
  });

  it('is stepped along with the keys, told in words, and opens the schedule of a point', async () => {
    const runs = await withRun({}, 6, curve);
    const panel = mount(CurvePanel);
    await settled();
    const plot = panel.find('[role="application"]');
    await plot.trigger('keydown', { key: 'Home' });
    expect(panel.find('aside').text()).toContain('it needs at least 128 KiB');
    await plot.trigger('keydown', { key: 'Enter' });
    expect(calls.filter(([name]) => name === 'startAt')).toEqual([]);
    await plot.trigger('keydown', { key: 'ArrowRight' });
    const words = panel.findAll('p[role="status"]').at(-1)?.text();
    for (const part of ['262,144 B', '614,400 B', 'Gap 50.0 %', 'One KiB more saves 2 KiB', 'LRU −50 %'])
      expect(words).toContain(part);
    expect(panel.find('aside').text()).toContain('within 50.0 % of optimal');
    await plot.trigger('keydown', { key: 'Enter' });
    await settled();
    expect(calls).toContainEqual(['startAt', { run: 'a', scratchpadBytes: 262_144 }]);
    expect(runs.activeRun).toBe('at-262144');
    // The run that was opened has the same curve.
    expect(runs.curve('at-262144')?.curve).toEqual(curve);
  });
});

describe('runs side by side', () => {
  const adding = 'select[aria-label="Add a run"]';
  const view = (panel: ReturnType<typeof mount>, title: string) =>
    panel
      .findAll('[role="tab"]')
      .find((tab) => tab.text() === title)
      ?.trigger('click');
  const shown = async () => {
    await settled();
    await nextTick();
  };
  /** Two runs: the second of another scratchpad, with its second operator three times as long. */
  async function withTwo() {
    const runs = useRuns();
    const one = fixtureRun();
    const { schedule } = one;
    const other = {
      ...one,
      schedule: { ...schedule, answer: { ...schedule.answer, S: 262_144, intervals: [] } },
      operators: one.operators.map((operator, at) =>
        at === 1 ? { ...operator, busyCycles: operator.busyCycles * 3 } : operator,
      ),
      totals: one.totals.map((metric) =>
        metric.id === 'time.cycles' ? { ...metric, value: metric.value / 2 } : metric,
      ),
    };
    const results = [one, other, other].map((result) => JSON.stringify(result));
    runs.connect(fakeHost({ fetchResult: (run) => Promise.resolve(results['abc'.indexOf(run)]!) }));
    runs.adopt(project([runView('a'), runView('b', { number: 2 }), runView('c', { number: 3 })]));
    runs.open('a');
    await settled();
    const panel = mount(ComparePanel);
    await panel.find(adding).setValue('b');
    await shown();
    return { runs, panel };
  }

  it('say what to do when there is nothing to compare with', async () => {
    const runs = await withRun();
    runs.accept({ type: 'run.removed', run: 'b' });
    const panel = mount(ComparePanel);
    await settled();
    expect(panel.text()).toContain('Run this model again with other settings');
  });

  it('set totals of several runs against a base, the best of each marked', async () => {
    const { panel } = await withTwo();
    const cycles = () => panel.findAll('tbody tr').find((row) => row.text().startsWith('Cycles'));
    expect(cycles()?.findAll('td')[1]?.text()).toMatch(/best.*−.*−50.0 %/);
    await panel.find(adding).setValue('c');
    await shown();
    expect(cycles()?.findAll('td')).toHaveLength(3);
    expect(cycles()?.findAll('.mark')).toHaveLength(2);
    await panel.find('select').setValue('b');
    await shown();
    expect(panel.find('thead th:nth-child(2)').text()).toContain('Run 2 · base');
    expect(cycles()?.findAll('td')[1]?.text()).toMatch(/\+.*\+100 %/);
  });

  it('list operators by what changed most, hide what is equal, and select in every view', async () => {
    const { runs, panel } = await withTwo();
    await view(panel, 'Operators');
    expect(panel.findAll('tbody tr').map((row) => row.find('th').text())).toEqual(['add1']);
    expect(panel.text()).toContain('11 equal within the tolerance');
    expect(panel.find('tbody tr').text()).toMatch(/\+6.27 kcycles\+200 %/);
    await panel.find('tbody button').trigger('click');
    expect(runs.selectedOperator).toBe(1);
    expect(panel.findAll('tr.picked')).toHaveLength(1);
  });

  it('colour the drawing by the difference on a scale as long to either side, until another colouring is chosen', async () => {
    const { runs, panel } = await withTwo();
    await panel.find('button[aria-pressed="false"].quiet').trigger('click');
    const { overlay } = runs;
    expect([overlay?.minimum, overlay?.maximum]).toEqual([-6272, 6272]);
    expect(overlay?.values.get('n2')).toBe(6272);
    expect(overlay?.colour(0)).toBe('rgb(247 247 247)');
    runs.overlayMetric = 'macs';
    await nextTick();
    expect(runs.overlay?.title).toBe('MACs');
  });

  it('draw timelines on one scale', async () => {
    const { panel } = await withTwo();
    await view(panel, 'Timelines');
    expect(panel.findAll('canvas')).toHaveLength(1);
    expect(panel.find('.panel p[role="status"]').text()).toMatch(/run 1 takes .*, run 2 takes /);
  });

  it('set schedules side by side; a tensor picked stands out and selects its operator', async () => {
    const { runs, panel } = await withTwo();
    await view(panel, 'Schedules');
    expect(panel.findAll('canvas')).toHaveLength(2);
    const [figures, tensors] = panel.findAll('table');
    expect(figures?.findAll('tbody tr').map((row) => row.text())).toEqual([
      expect.stringMatching(/^Scratchpad.*−256 KiB$/),
    ]);
    expect(tensors?.findAll('tbody tr').length).toBeGreaterThan(2);
    const made = tensors?.findAll('tbody tr').findIndex((row) => row.findAll('td')[1]?.text() !== '') ?? -1;
    await tensors?.findAll('tbody button')[made]?.trigger('click');
    expect(tensors?.findAll('tr.picked')).toHaveLength(1);
    expect(runs.selectedOperator).not.toBeNull();
  });

  it('tell what differs between their inputs', async () => {
    const { panel } = await withTwo();
    await view(panel, 'Inputs');
    expect(panel.text()).toContain('Nothing that a run takes differs');
  });

  it('say why one of them cannot be read; a simulation compared elsewhere is not among them', async () => {
    const { runs, panel } = await withTwo();
    runs.accept({ type: 'run.changed', run: runView('s', { kind: 'simulation', number: 9 }) });
    runs.comparedRun = 's';
    await shown();
    expect(panel.text()).not.toContain('Run 9');
    runs.connect(fakeHost({ fetchResult: () => Promise.reject(new Error('the file is gone')) }));
    runs.accept({ type: 'run.changed', run: runView('d', { number: 4 }) });
    await nextTick();
    await panel.find(adding).setValue('d');
    await shown();
    expect(panel.text()).toContain('the file is gone');
  });

  it('may be a point of the curve, which becomes a run', async () => {
    const runs = await withRun({}, 6, curve);
    const panel = mount(ComparePanel);
    await settled();
    await panel.find(adding).setValue('point:262144');
    await settled();
    expect(calls).toContainEqual(['startAt', { run: 'a', scratchpadBytes: 262_144 }]);
    expect([runs.activeRun, runs.comparedRun]).toEqual(['a', 'at-262144']);
    expect(panel.text()).toContain('Queued');
  });
});

describe('panels without a result', () => {
  it('say why there is nothing', async () => {
    expect(mount(TimelinePanel).text()).toContain('press Run');
    await withRun({ state: 'failed' });
    expect(mount(TimelinePanel).text()).toContain('The run failed');
  });
});

describe('timeline', () => {
  it('steps through operators with the keyboard and says what is selected', async () => {
    const runs = await withRun();
    const panel = mount(TimelinePanel);
    await panel.find('[role="application"]').trigger('keydown', { key: 'ArrowRight' });
    await panel.find('[role="application"]').trigger('keydown', { key: 'ArrowRight' });
    expect(runs.selectedOperator).toBe(1);
    expect(panel.find('p[role="status"]').text()).toContain('add1 runs from 17,152 cycles to 20,288 cycles');
  });

  it('finds operators and lanes, and goes from match to match', async () => {
    const runs = await withRun();
    const panel = mount(TimelinePanel);
    const field = panel.find('input[type="search"]');
    await field.setValue('conv');
    expect(panel.find('.found').text()).toBe('6 operators');
    await field.trigger('keydown', { key: 'Enter' });
    expect(runs.selectedOperator).toBe(0);
    await field.trigger('keydown', { key: 'Enter' });
    expect([runs.selectedOperator, panel.find('.found').text()]).toEqual([2, '2 of 6 operators']);
    await field.trigger('keydown', { key: 'Enter', shiftKey: true });
    expect(runs.selectedOperator).toBe(0);
    await field.setValue('dram');
    expect(panel.find('.found').text()).toBe('1 lane');
    await field.trigger('keydown', { key: 'Escape' });
    expect(panel.find('.found').text()).toBe('');
  });

  it('zooms to the selection and measures it with the keys', async () => {
    const runs = await withRun();
    runs.selectedOperator = 2;
    const panel = mount(TimelinePanel);
    const figure = panel.find('[role="application"]');
    const { startCycle, endCycle } = fixtureRun().operators[2]!;
    await figure.trigger('keydown', { key: 'z' });
    const shown = /Showing ([\d,]+) cycles to ([\d,]+) cycles/.exec(panel.find('p[role="status"]').text());
    const [from, to] = [1, 2].map((at) => Number(shown?.[at]?.replaceAll(',', '')));
    expect(from).toBeLessThanOrEqual(startCycle);
    expect(to).toBeGreaterThanOrEqual(endCycle);
    expect(to! - from!).toBeLessThan(1.3 * (endCycle - startCycle));
    await figure.trigger('keydown', { key: 'm' });
    expect(panel.find('.measured').text()).toMatch(
      /Span12,544 cyclesTime25.1 µs.*Array 32×32100 % busyVector unit0 % busy/,
    );
    await figure.trigger('keydown', { key: 'Escape' });
    expect(panel.find('[aria-label="Measured span"]').exists()).toBe(false);
  });
});

describe('run settings', () => {
  it('makes a field for every declared parameter and leaves defaults out of the settings', async () => {
    const runs = useRuns();
    const form = mount(RunSettings);
    const before = runs.settings;
    const format = form.findAll('select')[0];
    await format?.setValue('fp16');
    expect(runs.settings).toEqual({ ...before, format: 'fp16' });
    const mode = form.findAll('select').find((field) => field.html().includes('strict'));
    await mode?.setValue('strict');
    expect(runs.settings.scheduler.parameters).toEqual({ mode: 'strict' });
    await mode?.setValue('stream');
    expect(runs.settings.scheduler.parameters).toEqual({});
  });

  it('verifies values where it is quick unless told otherwise', async () => {
    const runs = useRuns();
    const before = runs.settings;
    const form = mount(RunSettings);
    const check = form.findAll('select').find((field) => field.html().includes('always'));
    await check?.setValue('always');
    expect(runs.settings).toEqual({ ...before, values: 'always' });
    await check?.setValue('automatic');
    expect(runs.settings).toEqual(before);
  });

  it('refuses what the declaration does not allow', async () => {
    const runs = useRuns();
    const form = mount(RunSettings);
    const check = form.findAll('label').find((label) => label.text().startsWith('Another scratchpad'));
    await check?.find('input').setValue(true);
    expect(runs.settings.scratchpadBytes).toBe(1_048_576);
    const field = form.findAll('input').find((input) => input.element.value === '1048576');
    await field?.setValue('0');
    await field?.trigger('change');
    expect(runs.settings.scratchpadBytes).toBe(1_048_576);
    expect(field?.attributes('aria-invalid')).toBe('true');
    expect(form.text()).toContain('must be at least 1 B');
  });
});
