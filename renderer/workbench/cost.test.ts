// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import { buildModel } from '#core/model/build.ts';
import { diamondHit, paintRoofline, ridgeOf, rooflineHit, rooflinePlace } from '#core/report/figures/paint-roofline.ts';
import type { Surface } from '#core/report/figures/surface.ts';
import { inkOf } from '#core/report/palette.ts';
import { toRunData } from '#core/report/run-data.ts';
import type { RunResult } from '#core/run/result.ts';
import { techniques } from '#core/technique/registry.ts';
import { largeModel } from '../../tests/support/large-model.ts';
import CertificateCard from './CertificateCard.vue';
import CyclesPanel from './CyclesPanel.vue';
import { deviationText } from './cycles-rows.ts';
import EnergyPanel from './EnergyPanel.vue';
import ProgramPanel from './ProgramPanel.vue';
import { programLinks } from './program-links.ts';
import { rooflineOf, simulatedPoints, stopsOf } from './roofline.ts';
import { useRuns } from './runs-store.ts';
import { costedRun, type FakeHost, fakeHost, PREAMBLE, project, runView } from './test-support.ts';

let calls: FakeHost['calls'] = [];
const settled = () => new Promise((resolve) => setTimeout(resolve));

async function withRun(result: RunResult = costedRun(), program: readonly string[] = []) {
  const runs = useRuns();
  const host = fakeHost({ fetchResult: () => Promise.resolve(JSON.stringify(result)), program });
  runs.connect(host);
  calls = host.calls;
  runs.adopt(project([runView('a')]));
  runs.open('a');
  await settled();
  await nextTick();
  return runs;
}

beforeEach(() => setActivePinia(createPinia()));

describe('certificate', () => {
  const played = {
    isVerified: true,
    isExact: false,
    outputs: [{ name: 'logits', elements: 1000, maximumError: 3.25e-6, relativeError: 4e-7, isExact: false }],
    elements: 1000,
    maximumError: 3.25e-6,
    relativeError: 4e-7,
    tolerance: 1e-4,
    commands: 812,
    bytesMoved: 4096,
    orders: ['simulated time', 'row order'],
    reference: 'plain reference',
    statement: 'Values verified.',
    fault: null,
    firstWrong: null,
    numbers: { file: null, owners: 3, random: 3, seed: 1 },
  } as const satisfies RunResult['certificate'];

  it('tells outputs, numbers and the largest error', () => {
    const card = mount(CertificateCard, { props: { certificate: played, canVerify: true } });
    expect(card.text()).toContain('values verified');
    expect(card.text()).toContain('Values verified on 1 output, 1,000 numbers: maximum error 3.25e-6');
    expect(card.find('tbody tr').text()).toContain('within 1e-4');
    expect(card.findAll('button').map((button) => button.text())).not.toContain('Verify now');
  });

  it('of a wrong program shows the first wrong element and its command', async () => {
    const firstWrong = { tensor: 'logits', index: 17, expected: 1.5, got: null, command: 811 };
    const fault = { order: 'row order', problem: { message: 'Element 17 is wrong' } };
    const certificate = { ...played, isVerified: false, firstWrong, fault } as unknown as typeof played;
    const card = mount(CertificateCard, { props: { certificate, canVerify: true } });
    expect(card.classes()).toContain('wrong');
    expect(card.text()).toContain('element 17 of logits is not a number, not 1.5');
    await card.find('button').trigger('click');
    expect(card.emitted('command')).toEqual([[811]]);
  });

  it('that was skipped says why and offers to do it', async () => {
    const card = mount(CertificateCard, { props: { certificate: { skipped: 'It takes long.' }, canVerify: true } });
    expect(card.text()).toContain('values not verified');
    expect(card.text()).toContain('It takes long.');
    await card.find('button').trigger('click');
    expect(card.emitted('verify')).toHaveLength(1);
    await card.setProps({ canVerify: false });
    expect(card.find('button').exists()).toBe(false);
  });
});

describe('cycle models', () => {
  it('stand side by side with the simulated cycles, in rows and in total', async () => {
    const runs = await withRun();
    const panel = mount(CyclesPanel, { attachTo: document.body });
    const rows = panel.findAll('tbody tr.row');
    expect(rows).toHaveLength(6);
    const cells = rows[0]!.findAll('td').map((cell) => cell.text());
    expect(cells.slice(1, 7)).toEqual(['conv1', '12.5 kcycles', '12.5 kcycles', '0 %', '18.8 kcycles', '+50 %']);
    const totals = panel.findAll('tfoot td').map((cell) => cell.text());
    expect(totals.slice(2, 7)).toEqual(['75.3 kcycles', '75.3 kcycles', '0 %', '113 kcycles', '+50 %']);
    await rows[2]!.trigger('click');
    expect(runs.selectedOperator).toBe(4);
    const figures = panel.findAll('[aria-selected="true"] button.number');
    expect(figures.map((one) => one.text())).toEqual(['12.5 kcycles', '12.5 kcycles', '0 %', '18.8 kcycles', '+50 %']);
    await figures.at(-1)!.trigger('click');
    const card = document.querySelector('[role="dialog"]')!;
    expect(card.textContent).toContain('= (bandwidth-bound − simulated) ÷ simulated');
    expect(card.textContent).toContain('= (18.8 kcycles − 12.5 kcycles) ÷ 12.5 kcycles');
    expect(card.textContent).toContain('= 50 % (0.5)');
    panel.unmount();
  });

  it('say what each counts, with its own rationale', async () => {
    await withRun();
    const panel = mount(CyclesPanel, { global: { stubs: { PopUp: { template: '<div class="pop"><slot /></div>' } } } });
    expect(panel.text()).toContain('Every fold fills, streams and drains the rows and columns it uses');
    expect(panel.text()).toContain('+50 % to simulated; 33.3 % of it stalls');
    await panel
      .findAll('button')
      .find((button) => button.text() === 'How drain-aware counts')
      ?.trigger('click');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(panel.find('.pop').text()).toContain('2r + c + T − 2');
  });

  it('are absent from older runs, which is said', async () => {
    const { arrayModels: _, ...older } = costedRun();
    await withRun(older);
    expect(mount(CyclesPanel).text()).toContain('run again');
  });

  it.each([
    [0.0312, '+3.1 %'],
    [-0.12, '−12 %'],
    [0, '0 %'],
    [12.5, '+1,250 %'],
  ])('deviation %f is %s', (share, text) => expect(deviationText(share)).toBe(text));
});

describe('energy', () => {
  it('goes by level with share and source; what is not checked is marked', async () => {
    await withRun();
    const panel = mount(EnergyPanel);
    const [macs, offChip] = panel.findAll('.levels tbody tr');
    expect(macs?.text()).toMatch(/MACs.*75 %.*0\.3 pJ a MAC at 45 nm/);
    expect(macs?.find('.unverified').exists()).toBe(false);
    expect(offChip?.find('.unverified').exists()).toBe(true);
    expect(offChip?.text()).toContain('a data sheet');
    expect(panel.text()).toContain('2.50 mm²');
  });

  it('goes by operator, largest first when asked, and adds up', async () => {
    const runs = await withRun();
    const panel = mount(EnergyPanel);
    const head = panel.findAll('.grid th').find((each) => each.text().startsWith('Energy'));
    await head?.find('button').trigger('click');
    const first = panel.findAll('.grid tbody tr.row')[0];
    expect(first?.findAll('td')[2]?.text()).toBe('61 µJ');
    await first?.trigger('click');
    expect(runs.selectedOperator).toBe(0);
    const total = 6 * 6.1e-5 + 6 * 4.2e-6;
    expect(panel.find('tfoot').text()).toContain(`${(total * 1e6).toFixed(0)} µJ`);
  });
});

describe('program', () => {
  /** Operators' commands in the order of the fixture's intervals. */
  function listing(result: RunResult, extra = 0): readonly string[] {
    const operators = [...Array(result.operators.length * 2).keys()].map(
      (command) => programLinks(result.timeline)?.operatorOf(command) ?? 0,
    );
    return [
      'weft-program/1',
      'engine e0 unit "array" "Array"',
      'kernel k0 reads t0@0 makes t1@64  # conv1: image',
      ...operators.map(
        (operator, at) => `${String(at).padStart(6)} e0 execute k${operator} tile 0 slot 0 makes t1 in 9`,
      ),
      ...Array.from({ length: extra }, (_, at) => `${operators.length + at} e0 load k0 weights ${at} B compulsory`),
    ];
  }

  it('mounts and asks for only what is in view of 100,000 lines', async () => {
    const result = costedRun();
    await withRun(result, listing(result, 100_000));
    const panel = mount(ProgramPanel, { global: { stubs: { TimelinePanel: true } } });
    await settled();
    await nextTick();
    expect(panel.findAll('.row').length).toBeLessThan(60);
    expect(panel.find('.row').attributes('aria-setsize')).toBe(String(100_000 + 24 + PREAMBLE));
    expect(calls.filter(([name]) => name === 'program')).toHaveLength(1);
    await panel.find('[role="listbox"]').trigger('keydown', { key: 'End' });
    await settled();
    await nextTick();
    expect(panel.findAll('.row').at(-1)?.text()).toContain('99999 B');
    expect(calls.filter(([name]) => name === 'program').length).toBeLessThan(4);
  });

  it('begins at the top when another run is opened, wherever the one before was', async () => {
    const result = costedRun();
    const runs = await withRun(result, listing(result, 100_000));
    const panel = mount(ProgramPanel, { global: { stubs: { TimelinePanel: true } } });
    await settled();
    await panel.find('[role="listbox"]').trigger('keydown', { key: 'End' });
    await settled();
    runs.accept({ type: 'run.changed', run: runView('b', { number: 2 }) });
    runs.open('b');
    await nextTick();
    await settled();
    await settled();
    expect(panel.find('.row').attributes('id')).toBe('program-0');
  });

  it('selects command and operator by line, and follows what is picked elsewhere', async () => {
    const result = costedRun();
    const runs = await withRun(result, listing(result));
    const panel = mount(ProgramPanel, { global: { stubs: { TimelinePanel: true } } });
    await settled();
    await nextTick();
    await panel.findAll('.row')[PREAMBLE + 4]?.trigger('click');
    expect(runs.selectedCommand).toBe(4);
    expect(runs.selectedOperator).toBe(runs.programLinks?.operatorOf(4));
    expect(panel.find('.told').text()).toContain('Command 4');
    // An interval picked in the timeline.
    runs.selectCommand(7);
    await nextTick();
    expect(panel.find('[aria-selected="true"]').attributes('id')).toBe(`program-${PREAMBLE + 7}`);
    // An operator picked elsewhere is not about that command any more.
    runs.selectedOperator = runs.programLinks?.operatorOf(7) === 0 ? 1 : 0;
    expect(runs.selectedCommand).toBeNull();
  });

  it('finds text onwards, and again from the beginning', async () => {
    const result = costedRun();
    const runs = await withRun(result, listing(result, 2000));
    const panel = mount(ProgramPanel, { global: { stubs: { TimelinePanel: true } } });
    await settled();
    const find = async (text: string) => {
      await panel.find('input').setValue(text);
      await panel.find('form').trigger('submit');
      await settled();
      await settled();
    };
    await find('weights 1999 b');
    expect(runs.selectedCommand).toBe(24 + 1999);
    await find('execute k0 ');
    expect(runs.selectedOperator).toBe(0);
    expect(panel.find('[role="status"]').text()).toBe('From the beginning');
    await find('nowhere');
    expect(panel.find('[role="status"]').text()).toBe('Not found');
  });

  it('knows the intervals of a command, and the first command of an operator', () => {
    const { timeline } = costedRun(2);
    const links = programLinks(timeline)!;
    expect([...links.intervalsOf(3)]).toEqual([3]);
    expect([...links.intervalsOf(99)]).toEqual([]);
    expect(links.operatorOf(99)).toBeNull();
    expect(links.firstOf(0)).toBe(0);
    const { command: _, ...older } = timeline;
    expect(programLinks(older)).toBeNull();
  });
});

describe('roofline', () => {
  const machine = resolveMachine(presetById('systolic-32x32')!.build('a')).machine!;
  const made = estimateModel(
    buildModel(largeModel(60)).graph!,
    machine,
    { passes: techniques.pass, units: techniques.unit },
    { format: 'int8', objective: 'cycles' },
  );
  const kernels = made.ok ? made.value.kernels : [];
  const roofline = rooflineOf(kernels, machine);

  it('has the ridge where peak compute meets off-chip bandwidth; no kernel is above a roof', () => {
    // 1,024 MACs a cycle at 1 GHz over 16 GB/s.
    expect(ridgeOf(roofline)).toBeCloseTo(64, 9);
    expect(roofline.points.length).toBeGreaterThan(10);
    expect(roofline.unplaced).toBe(kernels.length - roofline.points.length);
    for (const { rate, intensity } of roofline.points)
      expect(rate).toBeLessThanOrEqual(Math.min(1024, intensity * 16) * (1 + 1e-12));
  });

  it('is hit where it is painted', () => {
    const painted: number[] = [];
    const nothing = () => {};
    const surface: Surface = {
      rect: (x, _y, width) => painted.push(x + width / 2),
      line: nothing,
      text: nothing,
      path: nothing,
      clip: (_x, _y, _width, _height, draw) => draw(),
    };
    paintRoofline(surface, roofline, { width: 800, height: 300, ink: inkOf('light'), selected: new Set() });
    for (const point of roofline.points) {
      const { x, y } = rooflinePlace(roofline, 800, 300, point);
      expect(painted.some((at) => Math.abs(at - x) < 1e-6)).toBe(true);
      const hit = rooflineHit(roofline, 800, 300, x, y)!;
      expect(Math.abs(rooflinePlace(roofline, 800, 300, hit).x - x)).toBeLessThan(20);
    }
    expect(rooflineHit(roofline, 800, 300, 790, 250)).toBeNull();
  });

  it('has the operators of a run beside the estimate: hit where they lie, stepped through with their kernel', () => {
    const data = toRunData(costedRun());
    const simulated = simulatedPoints(data);
    expect(simulated.map(({ name }) => name)).toEqual(['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'conv6']);
    const [first] = simulated;
    expect(first!.rate).toBe(data.result.operators[0]!.macs / 12_544);
    const [known] = kernels.filter(({ macs }) => macs > 0);
    const nodes = [known!.nodes.at(-1)!];
    const mine = simulated.map((point, at) => ({
      ...point,
      operator: { ...point.operator, nodes: at === 0 ? nodes : [`not drawn any more ${at}`] },
    }));
    const both = rooflineOf(kernels, machine, mine);
    for (const point of mine) {
      const { x, y } = rooflinePlace(both, 800, 300, point);
      const hit = diamondHit(both, 800, 300, x, y)!;
      expect(rooflinePlace(both, 800, 300, hit)).toEqual({ x, y });
    }
    expect(diamondHit(both, 800, 300, 790, 250)).toBeNull();
    const stops = stopsOf(kernels, both);
    expect(stops).toHaveLength(both.points.length + mine.length - 1);
    expect(stops.find(({ kernel }) => kernel?.kernel === known)?.simulated).toBe(mine[0]);
    expect(stops.slice(-5).map(({ kernel, simulated: one }) => [kernel, one?.name])).toEqual(
      simulated.slice(1).map(({ name }) => [null, name]),
    );
  });
});
