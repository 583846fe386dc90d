import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { toFile } from '#core/document/document.ts';
import { drawFabric } from '#core/fabric/draw.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { dataflowDesign, sequentialDesign } from '#core/stages/modes.ts';
import { variedFabric } from '#core/stages/search/crossover.ts';
import { predictDesign } from '#core/stages/time.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import {
  aBank,
  aChannel,
  aCore,
  aFabric,
  aGraph,
  anEnd,
  aStream,
  aTask,
  aTensor,
} from '../../../tests/support/random-task-graph.ts';
import { CROSSOVER_GRIDS, type CrossoverInputs, crossoverStudy } from './crossover.ts';

/** What streams saves a trip off chip where banks are small; alone each task has all lanes. */
const graph = aGraph([aTask('produce', { firings: 256, work: 64 }), aTask('consume', { firings: 256, work: 64 })], {
  streams: [aStream(anEnd(0), anEnd(1), { depth: 4, bits: 512 })],
  tensors: [aTensor('weights', 4096, { task: 0, direction: 'load' })],
});
const fabric = aFabric([aCore('core', 16)], { banks: [aBank('bank', 65_536)], channels: [aChannel('dram')] });
const inputs: CrossoverInputs = {
  tasks: toFile(drawTaskGraph(graph, 't')),
  fabric: toFile(drawFabric(fabric, 'f')),
  variant: 'as-built',
  grid: 'coarse',
};
const services = { mip: withoutMip, control: uncontrolled };

describe('a crossover study', () => {
  it('is of a grid that holds the drawn fabric, with the figures of its designs at every point', () => {
    const made = crossoverStudy(inputs, services);
    if (!made.ok) throw new Error(made.error.message);
    const { points, memoryBytes, efficiencies, drawn, stoppedEarly } = made.value;
    expect(drawn).toEqual({ memoryBytes: 65_536, bytesPerTick: 64 });
    expect(points.map((point) => [point.memoryBytes, point.efficiency])).toEqual(
      memoryBytes.flatMap((bytes) => efficiencies.map((part) => [bytes, part])),
    );
    expect(points).toContainEqual(expect.objectContaining({ memoryBytes: 65_536, efficiency: 1 }));
    expect(stoppedEarly).toBe(false);
    for (const point of points) {
      const varied = variedFabric(fabric, point.memoryBytes, point.efficiency);
      for (const [mode, design] of [
        ['sequential', sequentialDesign(graph, varied, 'as-built')],
        ['dataflow', dataflowDesign(graph, varied, 'as-built')],
      ] as const)
        if (design.ok)
          expect(point.modes.find((one) => one.mode === mode)?.predicted).toBe(
            predictDesign(graph, varied, design.value).cycles,
          );
      // Best first, by what decided.
      const cycles = point.modes.map(({ predicted, simulated }) => simulated ?? predicted);
      expect(cycles).toEqual([...cycles].sort((a, b) => a - b));
    }
  });

  it('every point of the coarse grid is one of the fine grid', () => {
    const axes = CROSSOVER_GRIDS.map((grid) => {
      const made = crossoverStudy({ ...inputs, grid }, services);
      if (!made.ok) throw new Error(made.error.message);
      return made.value;
    });
    const [coarse, fine] = axes;
    expect(fine?.memoryBytes).toEqual(expect.arrayContaining([...coarse!.memoryBytes]));
    expect(fine?.efficiencies).toEqual(expect.arrayContaining([...coarse!.efficiencies]));
    expect(fine?.points).toHaveLength(81);
  });

  it('stopped, it holds the points it has; without any, and without banks, it says why', () => {
    let asked = 0;
    const control = { report: () => {}, cancelled: () => asked > 3 };
    const some = crossoverStudy(inputs, { mip: withoutMip, control: { ...control, report: () => void asked++ } });
    expect(some).toMatchObject({ ok: true, value: { stoppedEarly: true } });
    if (some.ok) expect(some.value.points.length).toBeLessThan(25);
    const none = crossoverStudy(inputs, { mip: withoutMip, control: { report: () => {}, cancelled: () => true } });
    expect(none).toMatchObject({ ok: false, error: { code: 'crossover.stopped' } });
    const bare = toFile(drawFabric({ ...fabric, banks: [] }, 'f'));
    expect(crossoverStudy({ ...inputs, fabric: bare }, services)).toMatchObject({
      error: { code: 'crossover.no-banks' },
    });
  });
});
