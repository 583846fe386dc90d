// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import { toFile } from '#core/document/document.ts';
import { programLevers } from '#core/explain/levers.ts';
import { CAUSE_TITLES, limitsOfRun } from '#core/explain/limits.ts';
import { toRunData } from '#core/report/run-data.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { largeModel } from '../../tests/support/large-model.ts';
import BandwidthPanel from './BandwidthPanel.vue';
import { useLevers } from './lever-store.ts';
import MemoryMapPanel from './MemoryMapPanel.vue';
import RunLevers from './RunLevers.vue';
import RunLimits from './RunLimits.vue';
import { useRuns } from './runs-store.ts';
import TimelinePanel from './TimelinePanel.vue';
import { fakeHost, project, runView } from './test-support.ts';

const [model, architecture] = [largeModel(12), presetById('systolic-32x32')!.build('architecture')].map(toFile);
const ran = runPipeline(
  { model: model!, architecture: architecture!, settings: { ...DEFAULT_SETTINGS, values: 'never' } },
  { mip: withoutMip, control: uncontrolled, appVersion: 'test' },
);
if (!ran.ok) throw new Error(ran.error.message);
const result: RunResult = ran.value;
const data = toRunData(result);

async function withRun() {
  const runs = useRuns();
  const host = fakeHost({ fetchResult: () => Promise.resolve(JSON.stringify(result)) });
  runs.connect(host);
  runs.adopt(project([runView('a'), runView('b', { number: 2, headline: { 'time.cycles': 900 } })]));
  runs.open('a');
  await new Promise((resolve) => setTimeout(resolve));
  await nextTick();
  return runs;
}
const card = () => document.querySelector('[role="dialog"]');
/** Presses what is labelled so, and gives what then stands in the card. */
async function explainedBy(view: ReturnType<typeof mount>, label: RegExp): Promise<string> {
  const button = view.findAll('button.number').find((one) => label.test(one.attributes('aria-label') ?? ''));
  if (!button) throw new Error(`nothing is labelled ${label}`);
  await button.trigger('click');
  await nextTick();
  const text = card()?.textContent ?? '';
  await button.trigger('click');
  expect(card()).toBeNull();
  return text;
}

beforeEach(() => setActivePinia(createPinia()));

describe('what limits a run', () => {
  const limits = limitsOfRun(data)!.limits.filter(({ share }) => share >= 0.005);

  it('stands cause by cause, with demand, bound and the operators that take part', async () => {
    const runs = await withRun();
    const view = mount(RunLimits, { props: { data, architecture: 'a' }, attachTo: document.body });
    expect(view.find('.sentence').text()).toContain(CAUSE_TITLES[limits[0]!.cause]);
    const rows = view.findAll('tbody tr');
    expect(rows.map((row) => row.find('th').text())).toEqual(limits.map(({ cause }) => CAUSE_TITLES[cause]));
    for (const [at, limit] of limits.entries()) {
      expect(rows[at]!.text()).toContain(formatQuantity(limit.demand, limit.unit));
      expect(rows[at]!.text()).toContain(limit.contributors[0]?.name ?? '');
    }
    await view.find('.who .name').trigger('click');
    expect(runs.selectedOperator).toBe(limits[0]!.contributors[0]!.operator);
    const place = view.find('tbody th .link');
    if (place.exists()) {
      await place.trigger('click');
      expect(view.emitted('reveal')?.[0]).toEqual(['a', limits.find(({ node }) => node)!.node]);
    }
    view.unmount();
  });

  it('goes phase by phase over the whole run; a phase selects its main operator', async () => {
    const runs = await withRun();
    const view = mount(RunLimits, { props: { data, architecture: 'a' } });
    const phases = view.findAll('.phase');
    const widths = phases.map((phase) =>
      Number.parseFloat(/width: ([\d.]+)%/.exec(phase.attributes('style') ?? '')![1]!),
    );
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100, 3);
    const { phases: known } = limitsOfRun(data)!.attribution;
    const at = known.findIndex(({ operator }) => operator >= 0);
    await phases[at]!.trigger('click');
    expect(runs.selectedOperator).toBe(known[at]!.operator);
  });

  it('explains its figures', async () => {
    await withRun();
    const view = mount(RunLimits, { props: { data, architecture: 'a' }, attachTo: document.body });
    const [first] = limits;
    expect(await explainedBy(view, /, cycles: /)).toContain(formatExact(first!.cycles, 'cycles'));
    expect(await explainedBy(view, /, share: /)).toContain('cycles it limits ÷ cycles of the run');
    expect(await explainedBy(view, /, demand: /)).toContain(first!.why);
    view.unmount();
  });
});

describe('what would help', () => {
  const levers = programLevers(data);
  const mounted = () => mount(RunLevers, { props: { run: useRuns().runs[0]!, data }, attachTo: document.body });

  it('stands with what is predicted, most gained first, and how that was got', async () => {
    await withRun();
    const view = mounted();
    const rows = view.findAll('tbody tr');
    expect(rows.map((row) => row.find('th').text())).toEqual(levers.map(({ title }) => title));
    expect(levers.length).toBeGreaterThan(0);
    expect(rows[0]!.text()).toContain(formatQuantity(levers[0]!.predictedCycles, 'cycles'));
    const text = await explainedBy(view, /, predicted: /);
    expect(text).toContain(levers[0]!.method);
    expect(text).toContain(formatExact(result.timeline.makespanCycles, 'cycles'));
    view.unmount();
  });

  it('is applied to the drawing as an edit that can be undone; what is not applied cannot be verified', async () => {
    await withRun();
    const view = mounted();
    const lever = levers.find(({ edits }) => edits.length > 0)!;
    await view.find(`[aria-label="Apply: ${lever.title}"]`).trigger('click');
    expect(view.emitted('apply')).toEqual([
      ['architecture', { title: lever.title, edits: lever.edits.map((edit) => ({ type: 'set-parameter', ...edit })) }],
    ]);
    expect(view.find(`[aria-label="Verify: ${lever.title}"]`).attributes('disabled')).toBeDefined();
    view.unmount();
  });

  it('has the run that verifies it beside the prediction, and leads back', async () => {
    const runs = await withRun();
    const [lever] = levers;
    useLevers().verifying(lever!, 'a', 'b');
    const view = mounted();
    expect(view.findAll('tbody tr')[0]!.text()).toContain('900 cycles');
    await view.findAll('tbody tr')[0]!.findAll('button.link').at(-1)!.trigger('click');
    expect(runs.activeRun).toBe('b');
    const other = mount(RunLevers, { props: { run: runs.runs[1]!, data } });
    expect(other.find('.verified').text()).toContain(`predicted ${formatExact(lever!.predictedCycles, 'cycles')}`);
    await other.find('.verified button.link').trigger('click');
    expect(runs.activeRun).toBe('a');
    view.unmount();
  });
});

describe('pictures say their figures below them, to be taken apart', () => {
  it('bandwidth: what each channel moved, which is what the run counted', async () => {
    await withRun();
    const view = mount(BandwidthPanel, { attachTo: document.body });
    const bytes = result.totals.find(({ id }) => id === 'offchip.bytes')!.value;
    expect(view.find('.channels').text()).toContain(formatQuantity(bytes, 'B'));
    expect(view.find('[role="status"]').text()).toContain(formatQuantity(bytes, 'B'));
    const text = await explainedBy(view, /, moved: /);
    expect(text).toContain('= loaded + stored');
    expect(text).toContain(`= ${formatExact(bytes, 'B')}`);
    view.unmount();
  });

  it('bandwidth: steps through operators, and says so where a run has none', async () => {
    const runs = await withRun();
    const view = mount(BandwidthPanel);
    await view.find('[role="application"]').trigger('keydown', { key: 'ArrowRight' });
    expect(runs.selectedOperator).toBe(0);
    runs.open(null);
    await nextTick();
    expect(view.find('.channels').exists()).toBe(false);
  });

  it('timeline: the operator, and the interval of a command', async () => {
    const runs = await withRun();
    const view = mount(TimelinePanel, { attachTo: document.body });
    expect(view.find('[aria-label="Selected"]').text()).toContain('press an interval');
    runs.selectedOperator = 0;
    await nextTick();
    const operator = result.operators[0]!;
    expect(await explainedBy(view, /first to last/)).toContain(
      formatExact(operator.endCycle - operator.startCycle, 'cycles'),
    );
    const load = data.timeline.kind.indexOf(1);
    runs.selectCommand(runs.programLinks!.commandOf[load]!);
    await nextTick();
    expect(await explainedBy(view, /load on /)).toContain('= end − start');
    expect(await explainedBy(view, /a cycle: /)).toContain('= bytes ÷ cycles');
    view.unmount();
  });

  it('memory map: what is resident at the step, tensor by tensor', async () => {
    await withRun();
    const view = mount(MemoryMapPanel, { attachTo: document.body });
    const most = Math.max(...data.memory.liveBytes);
    expect(view.find('.told').text()).toContain(formatQuantity(most, 'B'));
    expect(await explainedBy(view, /^Resident at step/)).toContain(`= ${formatExact(most, 'B')}`);
    expect(await explainedBy(view, /of the capacity/)).toContain('= resident ÷ capacity');
    view.unmount();
  });
});
