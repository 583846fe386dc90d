// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { encodeColumn } from '#core/base/columns.ts';
import { formatExact } from '#core/base/quantity.ts';
import { nextChange, taskStateAt, toSimulationData, valueAt } from '#core/report/simulation/data.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { fixtureSimulation } from '../../tests/support/simulation-fixture.ts';
import { useSelection } from '../client/selection-store.ts';
import CriticalPathPanel from './CriticalPathPanel.vue';
import OffChipPanel from './OffChipPanel.vue';
import { panelsFor } from './panels.ts';
import RunsList from './RunsList.vue';
import RunTab from './RunTab.vue';
import { useRuns } from './runs-store.ts';
import SimulationCompare from './SimulationCompare.vue';
import SimulationOptions from './SimulationOptions.vue';
import SimulationPlayer from './SimulationPlayer.vue';
import StagesPanel from './StagesPanel.vue';
import StallsPanel from './StallsPanel.vue';
import StreamsPanel from './StreamsPanel.vue';
import { compareSimulations } from './simulation-compare.ts';
import { useSimulation } from './simulation-store.ts';
import { gapText, stateText } from './simulation-words.ts';
import { type FakeHost, fakeHost, project, runView } from './test-support.ts';

let host: FakeHost;
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Runs `a` (active) and `b` with these results. */
async function withRuns(a: SimulationResult = fixtureSimulation(), b = fixtureSimulation({ depth: 8 })) {
  const runs = useRuns();
  const results: Readonly<Record<string, SimulationResult>> = { a, b };
  host = fakeHost({ fetchResult: (run) => Promise.resolve(JSON.stringify(results[run] ?? a)) });
  runs.connect(host);
  const view = (id: string, number: number, result: SimulationResult) =>
    runView(id, {
      kind: 'simulation',
      number,
      model: { document: 'graph', revision: 1 },
      architecture: { document: 'fabric', revision: 1 },
      headline: { 'time.cycles': result.timeline.makespanCycles },
    });
  runs.adopt(project([view('a', 1, a), view('b', 2, b)]));
  runs.open('a');
  await settled();
  await nextTick();
  return runs;
}

beforeEach(() => setActivePinia(createPinia()));

describe('a result made ready to draw', () => {
  const data = toSimulationData(fixtureSimulation());

  it('says what every task does at every tick, and why it waits', () => {
    const { result, makespan } = data;
    for (const [index, task] of result.tasks.entries()) {
      const count = { busy: 0, get: 0, put: 0, after: 0 } as Record<string, number>;
      for (let tick = 0; tick < makespan; tick++) {
        const { state } = taskStateAt(data, index, tick);
        count[state] = (count[state] ?? 0) + 1;
      }
      expect(count.busy).toBe(task.busy);
      expect(count.get).toBe(task.stallIn);
      expect((count.put ?? 0) + (count.after ?? 0)).toBe(task.stallOut);
    }
    expect(stateText(result, taskStateAt(data, 0, 9))).toBe('waits for room in tokens');
    expect(stateText(result, taskStateAt(data, 1, 0))).toBe('waits for tokens from tokens');
    expect(taskStateAt(data, 0, makespan)).toEqual({ state: 'after', on: null });
  });

  it('has the level of a stream at a tick, and steps from change to change', () => {
    const series = data.occupancy.get('s');
    expect([0, 2, 4, 6, 8].map((tick) => valueAt(series, tick))).toEqual([0, 0, 1, 2, 2]);
    expect(valueAt(series, data.makespan)).toBeNull();
    expect(nextChange(data, 0, 1)).toBe(2);
    expect(nextChange(data, 8, -1)).toBe(6);
    expect(nextChange(data, data.makespan, 1)).toBe(data.makespan);
    expect(nextChange(data, 0, -1)).toBe(0);
  });

  it('gives tasks of a core that run at the same time a row each, those after each other one', () => {
    const both = fixtureSimulation();
    const zeros = encodeColumn(new Uint16Array(both.timeline.lane.length));
    const together = toSimulationData({ ...both, timeline: { ...both.timeline, lane: zeros } });
    expect(together.rows.filter((row) => row.lane === 0).map(({ tasks }) => tasks)).toEqual([[0], [1]]);
    expect(data.rows.map(({ tasks }) => tasks)).toEqual([[0], [1]]);
  });
});

describe('runs of either kind', () => {
  it('a simulation is never taken for a program', async () => {
    const runs = await withRuns();
    expect(runs.activeData).toBeNull();
    expect(runs.activeSimulation?.makespan).toBe(92);
    expect(panelsFor('simulation').map(({ id }) => id)).toContain('stages');
    expect(panelsFor('simulation').map(({ id }) => id)).not.toContain('timeline');
    expect(panelsFor(null).map(({ id }) => id)).not.toContain('stages');
    expect(mount(RunsList).text()).toContain('Simulation');
  });

  it('asks the host with the settings of the form', async () => {
    const runs = await withRuns();
    const form = mount(SimulationOptions);
    await form.findAll('select')[1]?.setValue('ideal');
    await runs.simulate('graph', 'fabric');
    expect(host.calls.at(-1)).toEqual([
      'simulate',
      { tasks: 'graph', fabric: 'fabric', settings: expect.objectContaining({ variant: 'ideal', mode: 'drawn' }) },
    ]);
    expect(runs.activeRun).toBe('simulated');
  });
});

describe('the tab of a simulation', () => {
  it('sets the measured beside the simulated, with what was fitted', async () => {
    await withRuns(
      fixtureSimulation({
        measured: { cycles: 80, source: 'a board', error: 0.15, calibration: 'held-aside', claim: 'twice as fast' },
      }),
    );
    const card = mount(RunTab, { props: { runId: 'a' } }).find('[aria-label="Measured and simulated"]');
    expect(card.text()).toContain('80 cycles');
    expect(card.text()).toContain('92 cycles');
    expect(card.text()).toContain('+15.0 %');
    expect(card.text()).toContain('held aside');
    expect(card.text()).toContain('twice as fast');
  });

  it('applies a lever, and shows what the run that verifies it took', async () => {
    await withRuns();
    const simulation = useSimulation();
    const tab = mount(RunTab, { props: { runId: 'a' } });
    const card = tab.find('[aria-label="What would help"]');
    await card.find('[aria-label="Apply: Make tokens 8 deep"]').trigger('click');
    expect(tab.emitted('apply')).toEqual([
      [
        'graph',
        { title: 'Make tokens 8 deep', edits: [{ type: 'set-parameter', node: 's', parameter: 'depth', value: 8 }] },
      ],
    ]);
    expect(card.find('[aria-label="Verify: Make tokens 8 deep"]').attributes('disabled')).toBeDefined();
    const lever = useRuns().activeSimulation!.result.levers[0]!;
    simulation.verifying(lever, 'a', 'b');
    await nextTick();
    expect(card.text()).toContain('92 cycles, exact');
    useRuns().open('b');
    await settled();
    expect(mount(RunTab, { props: { runId: 'b' } }).text()).toContain(
      'predicted 92 cycles, simulated 92 cycles (exact)',
    );
  });

  it('names a deadlock and its cycle in order', async () => {
    await withRuns(
      fixtureSimulation({
        deadlock: {
          tick: 4,
          kind: 'artificial',
          cycle: [0, 1],
          waits: [
            { process: 0, state: 'put', on: 0 },
            { process: 1, state: 'get', on: 0 },
          ],
        },
      }),
    );
    const card = mount(RunTab, { props: { runId: 'a' } }).find('[aria-label="Deadlock"]');
    expect(card.text()).toContain('Artificial deadlock at 4 cycles');
    expect(card.findAll('li').map((item) => item.text().replace(/\s+/g, ' '))).toEqual([
      'produce waits for room in tokens',
      'consume waits for tokens in tokens',
    ]);
    const simulation = useSimulation();
    simulation.light = 'deadlock';
    expect([...simulation.litNodes].sort()).toEqual(['c', 'p', 's']);
  });

  it('lists the designs with the gap of the time model', async () => {
    const base = fixtureSimulation();
    const considered = (['dataflow', 'sequential'] as const).map((mode, at) => ({
      mode,
      title: mode,
      design: { ...base.design, mode },
      predicted: 90,
      simulated: at === 0 ? 92 : null,
      offChipBytes: 0,
      isChosen: at === 0,
    }));
    await withRuns(fixtureSimulation({ considered, modelGap: 2 / 92 }));
    const rows = mount(RunTab, { props: { runId: 'a' } }).findAll('[aria-label="Designs considered"] tbody tr');
    expect(rows.map((row) => row.find('th').text())).toEqual(['Dataflow', 'Sequential']);
    expect(rows[0]?.text()).toContain('−2.17 %');
    expect(rows[1]?.text()).toContain('not simulated');
  });
});

describe('panels', () => {
  it('stalls add up to the whole and name what was waited for', async () => {
    await withRuns();
    const panel = mount(StallsPanel);
    const [first] = panel.findAll('.row');
    expect(first?.text()).toContain('produce');
    expect(first?.text()).toContain('room in tokens');
    const widths = first!
      .findAll('.whole .state')
      .map((part) => Number.parseFloat(part.attributes('style')?.match(/width: ([\d.]+)%/)?.[1] ?? '0'));
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100);
    await first?.trigger('click');
    expect(useSimulation().task).toBe(0);
    await panel.find('.waits .link').trigger('click');
    expect(useSimulation().stream).toBe(0);
  });

  it('take their figures apart: what a task waits, what a channel moved', async () => {
    await withRuns();
    const stalls = mount(StallsPanel, { attachTo: document.body });
    const card = () => document.querySelector('[role="dialog"]')?.textContent ?? '';
    const press = (panel: typeof stalls, label: RegExp) =>
      panel
        .findAll('button.number')
        .find((one) => label.test(one.attributes('aria-label') ?? ''))
        ?.trigger('click');
    await press(stalls, /^produce, Waits for output: 72 cycles/);
    expect(card()).toContain('= 45 cycles + 27 cycles');
    expect(card()).toContain('after its end');
    stalls.unmount();
    const channels = mount(OffChipPanel, { attachTo: document.body });
    await press(channels, /^HBM 0, Utilisation/);
    expect(card()).toContain('= 10 cycles ÷ 92 cycles');
    channels.unmount();
  });

  it('streams, off-chip traffic, stages and critical path say their figures in words', async () => {
    await withRuns();
    const streams = mount(StreamsPanel);
    expect(streams.findAll('tbody tr.row').map((row) => row.text())).toEqual([expect.stringContaining('tokens')]);
    await streams.find('tbody tr.row').trigger('click');
    expect(useSimulation().stream).toBe(0);
    expect(mount(OffChipPanel).text()).toContain('640 B');
    const stages = mount(StagesPanel);
    expect(stages.find('[role="status"]').text()).toContain('2 rows in 1 stages');
    await stages.find('[role="application"]').trigger('keydown', { key: 'ArrowRight' });
    const task = useSimulation().data!.result.tasks[useSimulation().task!]!;
    const told = stages.findAll('[aria-label="Selected task"] button').map((each) => each.attributes('aria-label'));
    expect(told).toContain(`busy: ${formatExact(task.busy, 'cycles')}. Explain`);
    expect(told).toHaveLength(5);
    const path = mount(CriticalPathPanel);
    expect(path.find('[aria-label="What the path is made of"]').text()).toContain('consume busy');
    await path.findAll('tbody tr.row')[1]?.trigger('click');
    expect(useSimulation()).toMatchObject({ task: 1, tick: 2, colour: 'tick' });
  });

  it('two simulations side by side, what changed most first', async () => {
    const runs = await withRuns();
    const panel = mount(SimulationCompare);
    await panel.find('select').setValue('b');
    await settled();
    await nextTick();
    expect(runs.comparedRun).toBe('b');
    const waits = panel.findAll('table')[2]!;
    expect(waits.text()).toContain('2 → 8');
    const { tasks } = compareSimulations(fixtureSimulation(), fixtureSimulation({ depth: 8 }));
    expect(tasks.map(({ name, delta }) => [name, delta])).toEqual([
      ['produce', 0],
      ['consume', 0],
    ]);
  });
});

it('two simulations are matched by node before any is by name', () => {
  const base = fixtureSimulation();
  const [first, second] = base.tasks;
  const task = (node: string, name: string, stallIn: number) => ({
    ...first!,
    ...second!,
    node,
    name,
    stallIn,
    stallOut: 0,
  });
  const a = { ...base, tasks: [task('n1', 'x', 1), task('n2', 'y', 2), task('n3', 'z', 3)] };
  const b = { ...base, tasks: [task('n2', 'x', 12), task('n9', 'z', 23)] };
  expect(compareSimulations(a, b).tasks.map(({ name, delta }) => [name, delta])).toEqual([
    ['z', 20],
    ['y', 10],
    ['x', -1],
  ]);
});

describe('on the drawing', () => {
  it('colours by stalls, then shows the tick, and follows the selection both ways', async () => {
    await withRuns();
    const simulation = useSimulation();
    expect(simulation.overlay?.document).toBe('graph');
    expect(simulation.overlay?.values.get('p')).toBeCloseTo(72 / 92);
    expect(simulation.overlay?.values.get('s')).toBe(1);
    useSelection().set('graph', ['c']);
    await nextTick();
    expect(simulation.task).toBe(1);
    expect([...simulation.litNodes]).toEqual(['c']);
    simulation.seek(9);
    expect(simulation.overlay).toBeNull();
    expect(simulation.moments?.get('p')).toMatchObject({ text: 'no room in tokens', group: 'out' });
    expect(simulation.moments?.get('s')).toMatchObject({ text: '2 of 2', level: 1 });
    simulation.seek(1e9);
    expect(simulation.tick).toBe(92);
  });

  it('scrubs by slider and steps by changes', async () => {
    await withRuns();
    const player = mount(SimulationPlayer);
    const simulation = useSimulation();
    await player.find('input[type="range"]').setValue('7');
    expect(simulation.tick).toBe(7);
    await player.find('[aria-label="The next change"]').trigger('click');
    expect(simulation.tick).toBe(8);
    await player.find('[aria-label="Back to the beginning"]').trigger('click');
    expect(simulation.tick).toBe(0);
    expect(player.text()).toContain('/ 92 cycles');
  });
});

it('gaps are signed, and say so when there is none', () => {
  expect(gapText(92, 92)).toBe('exact');
  expect(gapText(103, 100)).toBe('+3.00 %');
  expect(gapText(90, 100)).toBe('−10.0 %');
  expect(gapText(154, 8)).toBe('+1,825 %');
});
