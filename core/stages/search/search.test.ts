import { describe, expect, it } from 'vitest';
import type { Control } from '#core/base/control.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { attention, fabricOf, mlp, offChip, per, stream, task } from '../../../tests/property/modes-graphs.ts';
import type { Variant } from '../design.ts';
import { type CrossoverOptions, crossover } from './crossover.ts';
import { graphProblem, type Objective } from './graph-problem.ts';
import { searchPartitions } from './partitions.ts';
import { exploreModes } from './search.ts';
import { stageFloor } from './stage-floor.ts';

const MIB = 2 ** 20;

function explored(graph: TaskGraph, fabric: Fabric, variant: Variant, objective: Objective = 'cycles') {
  const found = exploreModes(graph, fabric, { variant, objective, resimulate: 4 });
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

const stagesOf = (graph: TaskGraph, fabric: Fabric, variant: Variant) =>
  explored(graph, fabric, variant).considered[0]!.design.stages.map(({ tasks }) =>
    tasks.map((placed) => graph.tasks[placed.task]!.name).join(),
  );

const lanesOf = (graph: TaskGraph, fabric: Fabric, variant: Variant, name: string) =>
  explored(graph, fabric, variant)
    .considered[0]!.design.stages.flatMap(({ tasks }) => tasks)
    .find((placed) => graph.tasks[placed.task]!.name === name)!
    .shares.map(({ lanes }) => lanes);

describe('published schedules (InTAR, arXiv 2502.08807)', () => {
  it('MLP as built: F1 on both cores, then F2 into F3 on one each', () => {
    const fabric = fabricOf([16, 16], MIB);
    expect(stagesOf(mlp(), fabric, 'as-built')).toEqual(['F1', 'F2,F3']);
    expect(lanesOf(mlp(), fabric, 'as-built', 'F1')).toEqual([16, 16]);
    expect(lanesOf(mlp(), fabric, 'as-built', 'F2')).toEqual([16]);
    expect(lanesOf(mlp(), fabric, 'as-built', 'F3')).toEqual([16]);
  });

  it('MLP ideal: sequential, as 90,112 cycles of 32 lanes cannot be beaten', () => {
    const { considered, search } = explored(mlp(), fabricOf([16, 16], MIB), 'ideal');
    expect(considered[0]).toMatchObject({ mode: 'sequential', isChosen: true });
    expect(search.isProven).toBe(true);
    // Bounds: the work of all lanes, and what fills and switches of three tasks add to it.
    expect(considered[0]!.simulated!).toBeGreaterThanOrEqual(90_112);
    expect(considered[0]!.simulated!).toBeLessThan(90_112 * 1.005);
  });

  it('attention where off-chip traffic is dear: Q, then K into QKᵀ, then V, then SV, in both variants', () => {
    // 640 KiB hold Q and the scores, or V and them; never two projections.
    for (const [variant, bytesPerTick] of [
      ['as-built', 0.2],
      ['ideal', 0.3],
    ] as const) {
      const fabric = fabricOf([16, 16], 640 * 1024, { channel: { bytesPerTick } });
      const macs = stagesOf(attention(), fabric, variant)
        .map((stage) =>
          stage
            .split(',')
            .filter((name) => name !== 'softmax')
            .join(),
        )
        .filter((stage) => stage !== '');
      expect(macs, variant).toEqual(['Q', 'K,QKt', 'V', 'SV']);
      expect(lanesOf(attention(), fabric, variant, 'Q'), variant).toEqual([16, 16]);
      expect(lanesOf(attention(), fabric, variant, 'V'), variant).toEqual([16, 16]);
      expect(lanesOf(attention(), fabric, variant, 'SV'), variant).toEqual([16, 16]);
    }
  });

  it('the published attention schedule is among the best played, and never better than what is chosen', () => {
    const fabric = fabricOf([16, 16], 640 * 1024, { channel: { bytesPerTick: 0.2 } });
    const { considered } = explored(attention(), fabric, 'as-built');
    const published = considered.find(({ title }) => title === 'reconfigurable: Q | K → QKt | softmax | V | SV');
    expect(published?.simulated).not.toBeNull();
    expect(considered[0]!.simulated!).toBeLessThanOrEqual(published!.simulated!);
  });
});

describe('what is considered', () => {
  it('has one chosen, the best simulated, and sequential and dataflow beside it', () => {
    for (const variant of ['as-built', 'ideal'] as const) {
      const { considered, modelGap } = explored(attention(), fabricOf([16, 16], 4 * MIB), variant);
      expect(considered.filter(({ isChosen }) => isChosen)).toHaveLength(1);
      const simulated = considered.map(({ simulated: cycles }) => cycles!);
      expect(simulated[0]).toBe(Math.min(...simulated));
      expect(considered.map(({ mode }) => mode)).toEqual(expect.arrayContaining(['sequential', 'dataflow']));
      expect(modelGap).toBe(
        Math.max(...considered.map((one) => Math.abs(one.predicted - one.simulated!) / one.simulated!)),
      );
    }
  });

  it('is the same twice', () => {
    const fabric = fabricOf([16, 16], 700 * 1024, { channel: { bytesPerTick: 0.3 } });
    expect(explored(attention(), fabric, 'ideal')).toEqual(explored(attention(), fabric, 'ideal'));
  });

  it('by off-chip bytes, of those that move least takes the fastest', () => {
    const fabric = fabricOf([16, 16], 640 * 1024, { channel: { bytesPerTick: 0.3 } });
    const { considered } = explored(attention(), fabric, 'as-built', 'off-chip');
    // Weights three times 2 MiB, inputs three times and the result once 512 KiB.
    expect(considered[0]!.offChipBytes).toBe(3 * 2 * MIB + 4 * 512 * 1024);
  });

  it('by energy, static power makes the fastest the best where it is all there is', () => {
    const drawn = fabricOf([16, 16], 4 * MIB);
    const fabric = {
      ...drawn,
      cores: drawn.cores.map((core) => ({ ...core, joulesPerOperation: {} })),
      banks: drawn.banks.map((bank) => ({ ...bank, joulesPerByte: 0 })),
      channels: drawn.channels.map((channel) => ({ ...channel, joulesPerByte: 0 })),
    };
    const byEnergy = explored(mlp(), fabric, 'as-built', 'energy').considered[0]!;
    expect(byEnergy.design).toEqual(explored(mlp(), fabric, 'as-built').considered[0]!.design);
  });

  it('says why nothing can be built', () => {
    const graph = mlp();
    const wrong = { ...graph, tasks: graph.tasks.map((drawn) => ({ ...drawn, format: 'fp32' as const })) };
    const found = exploreModes(wrong, fabricOf([16, 16], MIB), {
      variant: 'ideal',
      objective: 'cycles',
      resimulate: 4,
    });
    expect(found.ok ? null : found.error.code).toBe('stages.no-core');
  });

  it('refuses a graph without tasks', () => {
    const nothing = { title: '', tasks: [], streams: [], tensors: [], note: null };
    const found = exploreModes(nothing, fabricOf([1], 1), { variant: 'ideal', objective: 'cycles', resimulate: 1 });
    expect(found.ok ? null : found.error.code).toBe('stages.no-tasks');
  });

  it('does not put more tasks together than there are lanes', () => {
    const tasks = Array.from({ length: 5 }, (_, index) => task(`T${index}`, { firings: 16, work: 8 }));
    const graph = { title: '', tasks, streams: [], tensors: [], note: null };
    const { considered } = explored(graph, fabricOf([2], MIB), 'as-built');
    expect(considered.every(({ mode }) => mode !== 'dataflow')).toBe(true);
    for (const { design } of considered)
      for (const stage of design.stages) expect(stage.tasks.length).toBeLessThanOrEqual(2);
  });

  it('a cycle of streams stays together', () => {
    const tasks = ['A', 'B', 'C'].map((name) => task(name, { firings: 64, work: 32 }));
    const back = { ...stream('back', per(1, 'firing', 1), per(0, 'firing', 1), 4), initial: 2 };
    const graph: TaskGraph = {
      title: '',
      tasks,
      streams: [
        stream('ab', per(0, 'firing', 1), per(1, 'firing', 1)),
        back,
        stream('bc', per(1, 'firing', 1), per(2, 'firing', 1)),
      ],
      tensors: [offChip('c', 1024, 2, 'store', 'async')],
      note: null,
    };
    const { units } = graphProblem(graph, fabricOf([16, 16], MIB), 'as-built', 'cycles');
    expect(units).toEqual([[0, 1], [2]]);
    expect(explored(graph, fabricOf([16, 16], MIB), 'as-built').considered[0]!.simulated).toBeGreaterThan(0);
  });

  it('stops when asked to, with what it has', () => {
    const control: Control = { report: () => {}, cancelled: () => true };
    const options = { variant: 'ideal', objective: 'cycles', resimulate: 4, control } as const;
    const found = exploreModes(attention(), fabricOf([16, 16], MIB), options);
    expect(found.ok && found.value.considered.length > 0 && found.value.search.isCancelled).toBe(true);
  });
});

describe('floors of the stage problem', () => {
  it('are below every price', () => {
    for (const variant of ['as-built', 'ideal'] as const)
      for (const objective of ['cycles', 'energy', 'off-chip'] as const)
        for (const graph of [mlp(), attention()]) {
          const { problem } = graphProblem(graph, fabricOf([16, 16], MIB), variant, objective);
          const floors = { primary: stageFloor(problem.floor.primary), cycles: stageFloor(problem.floor.cycles) };
          for (let set = 1; set < 2 ** problem.tasks; set++) {
            const tasks = Array.from({ length: problem.tasks }, (_, index) => index).filter((at) => (set >> at) & 1);
            const price = problem.price(tasks);
            if (price === null) continue;
            for (const part of ['primary', 'cycles'] as const) {
              expect(floors[part].stage(set)).toBeLessThanOrEqual(price[part] * (1 + 1e-12));
              const { rows, perStage, alone } = problem.floor[part];
              for (const at of tasks) expect(perStage + alone[at]!).toBeLessThanOrEqual(price[part] * (1 + 1e-12));
              for (const row of rows)
                expect(perStage + tasks.reduce((sum, at) => sum + row[at]!, 0)).toBeLessThanOrEqual(
                  price[part] * (1 + 1e-12),
                );
            }
          }
        }
  });

  it('let heads that are alike be told apart by number alone', () => {
    const heads = Array.from({ length: 12 }, (_, index) => task(`H${index}`, { firings: 64, work: 4096 }));
    const graph = { title: '', tasks: heads, streams: [], tensors: [], note: null };
    const { problem } = graphProblem(graph, fabricOf([16, 16], MIB), 'ideal', 'cycles');
    expect(new Set(problem.classes).size).toBe(1);
    const { counts } = searchPartitions(problem, { count: 1 });
    expect(counts.states).toBeLessThanOrEqual(13 * 5);
  });
});

describe('crossover', () => {
  const options: CrossoverOptions = {
    variant: 'ideal',
    memoryBytes: [256, 512, 1024, 2048, 4096].map((kibibytes) => kibibytes * 1024),
    efficiencies: [0.25, 0.5, 1],
  };
  const fabric = fabricOf([16, 16], 4 * MIB, { channel: { bytesPerTick: 1.2 } });

  it('has a point for each pair, the best mode first, borders simulated', () => {
    const map = crossover(attention(), fabric, options);
    if (!map.ok) throw new Error(map.error.message);
    const { points } = map.value;
    expect(points).toHaveLength(15);
    const width = options.efficiencies.length;
    points.forEach(({ modes, isSimulated }, index) => {
      const cycles = modes.map(({ simulated, predicted }) => simulated ?? predicted);
      expect(cycles).toEqual([...cycles].sort((a, b) => a - b));
      const beside = [index % width > 0 ? index - 1 : -1, index - width];
      for (const other of beside)
        if (points[other] && points[other].modes[0]!.mode !== modes[0]!.mode)
          expect(isSimulated && points[other].isSimulated).toBe(true);
    });
    expect(new Set(points.map(({ modes }) => modes[0]!.mode)).size).toBeGreaterThan(1);
    expect(crossover(attention(), fabric, options)).toEqual(map);
  });

  it('is sequential with memory and bandwidth in plenty, not where they are short', () => {
    const map = crossover(mlp(), fabricOf([16, 16], MIB), { ...options, memoryBytes: [MIB], efficiencies: [1] });
    expect(map.ok && map.value.points[0]!.modes[0]!.mode).toBe('sequential');
    const short = crossover(attention(), fabric, { ...options, memoryBytes: [640 * 1024], efficiencies: [0.25] });
    expect(short.ok && short.value.points[0]!.modes[0]!.mode).toBe('reconfigurable');
  });

  it('refuses what cannot be varied, and a grid without sense', () => {
    const code = (some: Fabric, rest: Partial<CrossoverOptions> = {}) => {
      const map = crossover(mlp(), some, { ...options, ...rest });
      return map.ok ? null : map.error.code;
    };
    expect(code({ ...fabric, banks: [] })).toBe('crossover.no-banks');
    expect(code({ ...fabric, channels: [] })).toBe('crossover.no-channels');
    expect(code(fabric, { efficiencies: [] })).toBe('crossover.grid');
    expect(code(fabric, { efficiencies: [1.5] })).toBe('crossover.grid');
    expect(code(fabric, { memoryBytes: [0] })).toBe('crossover.grid');
  });

  it('cancelled, holds what was decided', () => {
    let asked = 0;
    const control: Control = { report: () => {}, cancelled: () => asked++ > 40 };
    const map = crossover(attention(), fabric, { ...options, control });
    expect(map.ok && map.value.isCancelled).toBe(true);
    expect(map.ok && map.value.points.length).toBeLessThan(15);
  });
});
