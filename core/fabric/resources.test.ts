import { describe, expect, it } from 'vitest';
import { TASK_PRESETS } from '#core/taskgraph/presets.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { FABRIC_PRESETS } from './presets.ts';
import { readFabric } from './read.ts';
import { bram18Of, resourceProblems, resourcesOf, uramOf } from './resources.ts';

const fabric = readFabric(FABRIC_PRESETS[0]!.build('f')).fabric!;
const graph = readTaskGraph(TASK_PRESETS[0]!.build('t')).graph!;
const place = (task: number, core: number, lanes: number) => ({ task, shares: [{ core, lanes }] });
const together = { stages: [{ tasks: [place(0, 0, 16), place(1, 1, 16)] }], spilled: [] };
const apart = { stages: [{ tasks: [place(0, 0, 16)] }, { tasks: [place(1, 1, 16)] }], spilled: [] };
const brief = (stages: ReturnType<typeof resourcesOf>) =>
  stages.map((uses) => Object.fromEntries(uses.map(({ resource, demand }) => [resource, demand])));

describe('resources', () => {
  it('memories take whole blocks: UG573', () => {
    // A BRAM18 is 1,024 × 18, a URAM 4,096 × 72.
    expect([bram18Of(1024, 18), bram18Of(1025, 18), bram18Of(1024, 19), bram18Of(512, 16, 8)]).toEqual([1, 2, 2, 8]);
    expect([uramOf(4096, 72), uramOf(4097, 72), uramOf(1, 73, 3)]).toEqual([1, 2, 6]);
  });

  it('a stage takes the lanes at work and its FIFOs; between stages a tensor lies in a bank', () => {
    expect(brief(resourcesOf(graph, fabric, together))).toEqual([{ dsp: 32, lut: 16 }]);
    // 256 neurons of 16 bits: one BRAM18, in both stages.
    expect(brief(resourcesOf(graph, fabric, apart))).toEqual([
      { dsp: 16, bram18: 1 },
      { dsp: 16, bram18: 1 },
    ]);
    expect(brief(resourcesOf(graph, fabric, { ...apart, spilled: [0] }))).toEqual([{ dsp: 16 }, { dsp: 16 }]);
  });

  it('int8 multiplies share slices two by two, where they are packed', () => {
    const narrow: TaskGraph = { ...graph, tasks: graph.tasks.map((task) => ({ ...task, format: 'int8' })) };
    expect(brief(resourcesOf(narrow, fabric, together))[0]?.dsp).toBe(16);
    expect(brief(resourcesOf(narrow, fabric, together, { isPacked: false }))[0]?.dsp).toBe(32);
  });

  it('an ASIC: cells and bytes', () => {
    const chip = { ...fabric, device: { kind: 'asic', pes: 24, sramBytes: 8 } as const };
    expect(brief(resourcesOf(graph, chip, together))).toEqual([{ pes: 32, sramBytes: 4 }]);
  });

  it('what does not fit is told: which, how much over, and what would mend it', () => {
    const small = { ...fabric, device: { kind: 'fpga', dsp: 20, bram18: 3, uram: 0, lut: 1e6 } as const };
    const deep: TaskGraph = { ...graph, streams: graph.streams.map((stream) => ({ ...stream, depth: 4096 })) };
    const stages = resourcesOf(deep, small, together);
    const problems = resourceProblems(deep, stages, 't');
    expect(problems.map(({ message }) => message)).toEqual([
      'Stage 1 takes 32 DSP slices, 12 more than the 20 there are; CC0 takes 16. To mend it: give its tasks fewer lanes, a narrower format, or a stage of their own',
      'Stage 1 takes 4 BRAM18, 1 more than the 3 there are; Neurons takes 4. To mend it: make a FIFO shallower, or let a tensor go off chip',
    ]);
    expect(problems[1]?.fixes[0]?.edits).toEqual([
      { type: 'set-parameter', node: 'neurons', parameter: 'depth', value: 32 },
    ]);
    expect(resourceProblems(graph, resourcesOf(graph, fabric, together), 't')).toEqual([]);
  });
});

describe('presets', () => {
  it.each([...FABRIC_PRESETS.map((preset) => [preset.id, preset] as const)])('%s has no problem', (_, preset) => {
    const { fabric, problems } = readFabric(preset.build('f'));
    expect(problems).toEqual([]);
    expect(fabric).not.toBeNull();
  });
  it.each([...TASK_PRESETS.map((preset) => [preset.id, preset] as const)])('%s has no problem', (_, preset) => {
    expect(readTaskGraph(preset.build('t')).problems).toEqual([]);
  });
});
