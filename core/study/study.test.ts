/** Points of studies: expansion, keys, figures against the estimate and the run they come from; the driver out of order; fronts. */
import { describe, expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import { toFile } from '#core/document/document.ts';
import { FABRIC_PRESETS } from '#core/fabric/presets.ts';
import { buildModel } from '#core/model/build.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import { DEFAULT_SIMULATION, SIMULATION_MODES } from '#core/run/fabric/settings.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { TASK_PRESETS } from '#core/taskgraph/presets.ts';
import { techniques } from '#core/technique/registry.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { type PointOutcome, StudyDriver, type StudyTask } from './driver.ts';
import { checkObjectives, studyMetrics } from './metrics.ts';
import { dominates, frontOf, ParetoFront } from './pareto.ts';
import { pointInputs, pointKey, runOutcome } from './points.ts';
import { ProgramPoints } from './program-points.ts';
import { SimulationPoints } from './simulation-points.ts';
import { changedFile, checkAxes, expand, pointChanges, settingSpecs } from './space.ts';
import { planStudy } from './start.ts';
import type { StudyAxis, StudyPoint, StudySpec } from './study.ts';

const architecture = toFile(presetById('systolic-32x32')!.build('a'));
const model = (() => {
  const sketch = new Sketch();
  const image = sketch.add('input', 'image', { shape: [1, 16, 28, 28] });
  const first = sketch.add('conv', 'first', { outChannels: 32, kernel: [3, 3] }, image);
  const relu = sketch.add('activation', 'relu', { function: 'relu' }, first);
  sketch.add('output', 'result', {}, sketch.add('conv', 'second', { outChannels: 24, kernel: [1, 1] }, relu));
  return toFile(sketch.document('m', 'Two convolutions'));
})();
const documents = { model, architecture };
const nodeOf = (type: string) => architecture.nodes.find((node) => node.type === type)!.id;

const axis = (
  of: StudyAxis['of'],
  nodes: readonly string[],
  parameter: string,
  values: StudyAxis['values'],
): StudyAxis => ({
  of,
  nodes,
  parameter,
  title: parameter,
  unit: '',
  values,
});

const spec: StudySpec = {
  title: 'T',
  kind: 'program',
  model: 'm',
  architecture: 'a',
  settings: DEFAULT_SETTINGS,
  axes: [
    axis('architecture', [nodeOf('systolic-array')], 'rows', [8, 16, 32]),
    axis('architecture', [nodeOf('dram-channel')], 'gigabytesPerSecond', [4, 16]),
    axis('settings', [], 'format', ['int8', 'fp16']),
    axis('model', [model.nodes.find(({ name }) => name === 'second')!.id], 'outChannels', [8, 24]),
  ],
  explorer: { id: 'explorer/grid', parameters: {} },
  fidelity: 'estimate',
  objectives: ['time.cycles', 'energy.total'],
};

describe('a point', () => {
  it('sets what its axes say in copies of the documents', () => {
    const { settings, ...files } = expand(spec, documents, [0, 1, 1, 0]);
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, format: 'fp16' });
    expect(files.architecture.nodes.find(({ id }) => id === nodeOf('systolic-array'))!.parameters.rows).toBe(8);
    expect(
      files.architecture.nodes.find(({ id }) => id === nodeOf('dram-channel'))!.parameters.gigabytesPerSecond,
    ).toBe(16);
    expect(files.model.nodes.find(({ name }) => name === 'second')!.parameters.outChannels).toBe(8);
    expect(documents.model).toBe(model);
    expect(changedFile(model, {})).toBe(model);
  });

  it('sets the scratchpad and the scheduler of a run', () => {
    const axes = [axis('settings', [], 'scratchpadBytes', [4096]), axis('settings', [], 'scheduler.mode', ['strict'])];
    expect(checkAxes({ ...spec, axes }, documents)).toBeNull();
    expect(pointChanges({ ...spec, axes }, [0, 0]).settings).toEqual({
      ...DEFAULT_SETTINGS,
      scratchpadBytes: 4096,
      scheduler: { id: 'scheduler/portfolio', parameters: { mode: 'strict' } },
    });
    expect(settingSpecs('program', DEFAULT_SETTINGS).map(({ id }) => id)).toContain('scheduler.nodeLimit');
  });

  it('has the key of another only where nothing that counts differs', () => {
    const seeds = { ...spec, axes: [axis('settings', [], 'seed', [1, 2])] };
    expect(pointKey(seeds, [0])).toBe(pointKey(seeds, [1]));
    expect(pointKey({ ...seeds, fidelity: 'run' }, [0])).not.toBe(pointKey({ ...seeds, fidelity: 'run' }, [1]));
    expect(pointKey(spec, [0, 0, 0, 0])).not.toBe(pointKey(spec, [0, 0, 1, 0]));
  });

  it('has the figures of the estimate of its documents, made from nothing', () => {
    const points = new ProgramPoints(spec, documents);
    for (const choice of [
      [0, 0, 0, 0],
      [2, 1, 1, 1],
      [1, 0, 1, 0],
      [0, 0, 0, 0],
    ]) {
      const { metrics, failure } = points.evaluate(choice);
      expect(failure).toBeNull();
      expect(Object.keys(metrics).sort()).toEqual(
        studyMetrics('program', 'estimate')
          .map(({ id }) => id)
          .sort(),
      );
      const inputs = pointInputs(spec, documents, choice);
      if ('tasks' in inputs) throw new Error('a program was asked for');
      const asDocument = (file: typeof model) => ({
        ...file,
        nodes: new Map(file.nodes.map((node) => [node.id, node])),
        links: new Map(file.links.map((link) => [link.id, link])),
      });
      const { graph } = buildModel(asDocument(inputs.model));
      const { machine } = resolveMachine(asDocument(inputs.architecture));
      const compiler = { passes: techniques.pass, units: techniques.unit };
      const estimate = estimateModel(graph!, machine!, compiler, inputs.settings);
      if (!estimate.ok) throw new Error(estimate.error.message);
      expect(metrics['time.cycles']).toBe(estimate.value.cycles);
      expect(metrics['time.seconds']).toBe(estimate.value.cycles / 1e9);
      expect(metrics['offchip.bytes']).toBe(estimate.value.bytes);
      expect(metrics['hardware.macs']).toBe([8, 16, 32][choice[0]!]! * 32);
      // Off chip alone, LPDDR4 (core/energy/dram.ts), is part of it; arithmetic comes on top.
      const offChip = estimate.value.bytes * machine!.channels[0]!.joulesPerByte;
      expect(metrics['energy.total']).toBeGreaterThan(offChip);
    }
  });

  it('fails by itself where its documents make no sense', () => {
    const broken = new ProgramPoints(spec, { model, architecture: { ...architecture, links: [] } });
    expect(broken.evaluate([0, 0, 0, 0])).toMatchObject({ metrics: {}, run: null });
    expect(broken.evaluate([0, 0, 0, 0]).failure).toMatch(/\w/);
    const tiny = {
      ...spec,
      axes: [axis('architecture', [nodeOf('systolic-array')], 'inputBufferBytes', [1, 65536])],
    };
    const points = new ProgramPoints(tiny, documents);
    expect(points.evaluate([0]).failure).toMatch(/buffer/);
    expect(points.evaluate([1]).failure).toBeNull();
  });

  it('of a run has its headline and what the drawing alone decides', () => {
    const inputs = pointInputs({ ...spec, fidelity: 'run' }, documents, [1, 0, 0, 0]);
    const headline = { 'time.cycles': 7, 'power.leakage': 1, 'area.total': 2 };
    const { metrics, run } = runOutcome({ ...spec, fidelity: 'run' }, inputs, { id: 'r', headline });
    expect(run).toBe('r');
    expect(metrics).toMatchObject({ 'time.cycles': 7, 'area.total': 2, 'hardware.macs': 512 });
    expect(metrics['power.leakage']).toBeUndefined();
  });
});

describe('a point of a simulation', () => {
  it('has the cycles, energy and bytes the time model predicts of the design a run names', async () => {
    const mip = await loadHighs();
    const tasks = toFile(TASK_PRESETS[0]!.build('t'));
    const fabric = toFile(FABRIC_PRESETS[0]!.build('f'));
    const modes = SIMULATION_MODES.filter((mode) => mode !== 'best' && mode !== 'reconfigurable');
    const study: StudySpec = {
      ...spec,
      kind: 'simulation',
      settings: DEFAULT_SIMULATION,
      axes: [axis('settings', [], 'mode', [...modes, 'best'])],
    };
    const files = { model: tasks, architecture: fabric };
    expect(checkAxes(study, files)).toBeNull();
    const points = new SimulationPoints(study, files, mip);
    const cycles: number[] = [];
    for (const [index, mode] of modes.entries()) {
      const settings = { ...DEFAULT_SIMULATION, mode };
      const ran = simulationRun({ tasks, fabric, settings }, { mip, control: uncontrolled, appVersion: 't' });
      const { metrics, failure } = points.evaluate([index]);
      if (!ran.ok) {
        expect(failure).toBe(ran.error.message);
        continue;
      }
      expect(failure).toBeNull();
      expect(Object.keys(metrics).sort()).toEqual(
        studyMetrics('simulation', 'estimate')
          .map(({ id }) => id)
          .sort(),
      );
      expect(metrics['time.cycles']).toBe(ran.value.totals.find(({ id }) => id === 'time.predicted')!.value);
      cycles.push(metrics['time.cycles']!);
    }
    expect(cycles.length).toBeGreaterThan(0);
    const best = points.evaluate([modes.length]);
    expect(best.failure).toBeNull();
    expect(best.metrics['time.cycles']).toBeLessThanOrEqual(Math.min(...cycles));
  });
});

describe('a plan', () => {
  it('says how many points there will be, and which metrics', () => {
    const plan = planStudy(spec, documents);
    expect(plan.ok && plan.value.planned).toBe(24);
    expect(plan.ok && plan.value.objectives.map(({ id }) => id)).toEqual(spec.objectives);
    expect(checkObjectives({ ...spec, objectives: ['time.cycles'] })?.code).toBe('study.objectives');
    expect(checkObjectives({ ...spec, objectives: ['time.cycles', 'time.cycles'] })?.code).toBe('study.objectives');
  });
});

const outcome = (cycles: number): PointOutcome => ({
  metrics: { 'time.cycles': cycles, 'energy.total': -cycles },
  failure: null,
  run: null,
});

describe('the driver', () => {
  const plan = planStudy(spec, documents);
  if (!plan.ok) throw new Error(plan.error.message);
  const { explore, objectives } = plan.value;
  const keyOf = (choice: readonly number[]) => choice.join();

  it('keeps points in the order asked, whoever is done first, and goes on from any of them', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed);
      let exploration = explore(null);
      let driver = new StudyDriver({ objectives, keyOf });
      let points: StudyPoint[] = [];
      let open: StudyTask[] = [];
      for (let step = 0; !exploration.isDone() || driver.pending > 0; step++) {
        open.push(...driver.add(exploration.ask(rng.below(5))));
        const [task] = open.splice(rng.below(open.length), 1);
        if (task) driver.tell(task, outcome(task.choice.reduce((sum, value) => 10 * sum + value, 0)));
        const kept = driver.kept();
        points.push(...kept.points);
        exploration.tell(kept.explored);
        if (step % 9 !== 8) continue;
        // What is under way is lost with the process.
        exploration = explore(JSON.parse(JSON.stringify(exploration.state())));
        points = JSON.parse(JSON.stringify(points));
        driver = new StudyDriver({ objectives, keyOf, known: points });
        open = [];
      }
      expect(points.map(({ index }) => index)).toEqual(Array.from({ length: 24 }, (_, index) => index));
      expect(new Set(points.map(({ choice }) => keyOf(choice))).size).toBe(24);
      for (const { choice, metrics } of points)
        expect(metrics['time.cycles']).toBe(choice.reduce((sum, value) => 10 * sum + value, 0));
    }
  });

  it('evaluates what comes to the same once', () => {
    const driver = new StudyDriver({ objectives, keyOf: ([rows, bandwidth]) => `${rows} ${bandwidth}` });
    const tasks = driver.add(explore(null).ask(100));
    expect(tasks).toHaveLength(6);
    expect(driver.kept().points).toEqual([]);
    for (const task of tasks.toReversed()) driver.tell(task, outcome(task.choice[0]!));
    const { points, reused } = driver.kept();
    expect(points).toHaveLength(24);
    for (const { choice, metrics } of points) expect(metrics['time.cycles']).toBe(choice[0]);
    expect(reused).toBe(18);
    expect(driver.pending).toBe(0);
  });

  it('makes no point of a choice that is asked for twice', () => {
    const choices = [[0], [1], [0]];
    const driver = new StudyDriver({ objectives, keyOf });
    const tasks = driver.add(choices);
    expect(tasks.map(({ choice }) => choice)).toEqual([[0], [1]]);
    for (const task of tasks) driver.tell(task, { metrics: {}, failure: 'no', run: null });
    const { points, explored, reused } = driver.kept();
    expect(points.map(({ choice }) => choice)).toEqual([[0], [1]]);
    expect(reused).toBe(1);
    expect(explored).toEqual(choices.map((choice) => ({ choice, objectives: null })));
  });
});

describe('a front', () => {
  it('is what nothing dominates, ties included, in any order of adding', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng(seed);
      const values = Array.from({ length: 40 }, () => [rng.below(7), rng.below(7), rng.below(4)]);
      const expected = values.flatMap((one, index) => (values.some((other) => dominates(other, one)) ? [] : index));
      const front = new ParetoFront<number>();
      values.forEach((one, index) => {
        front.add(one, index);
      });
      expect(front.items().toSorted((a, b) => a - b)).toEqual(expected);
    }
  });

  it('takes more of what is better more, and leaves out what failed', () => {
    const metrics = [
      { id: 'a', title: 'A', unit: '', better: 'less' },
      { id: 'b', title: 'B', unit: '', better: 'more' },
    ] as const;
    const point = (index: number, a: number, b: number, failure: string | null = null): StudyPoint => ({
      index,
      choice: [index],
      metrics: failure === null ? { a, b } : {},
      failure,
      run: null,
    });
    const points = [point(0, 1, 1), point(1, 2, 2), point(2, 2, 1), point(3, 0, 9, 'no'), point(4, 1, 1)];
    expect([...frontOf(points, metrics)]).toEqual([0, 1, 4]);
  });
});
