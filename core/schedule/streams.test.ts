import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { verdictOf } from '#core/report/verdict.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { schedulerById } from '#core/technique/registry.ts';
import type { ScheduleOperator, ScheduleProblem } from './problem.ts';
import { scheduleAndVerify } from './scheduler.ts';
import { hasStreams, withoutStreams } from './streams.ts';

const tensor = (id: number, bytes: number, kind: 'input' | 'act' | 'output') => ({
  id,
  name: `t${id}`,
  shape: [bytes],
  bytes,
  kind,
});
const op = (
  id: number,
  inputs: readonly number[],
  outputs: readonly number[],
  more: Partial<ScheduleOperator> = {},
) => ({
  id,
  name: `op${id}`,
  type: 'conv',
  inputs,
  outputs,
  weightBytes: 0,
  ...more,
});

/** x → a → y, and a → z: a is read twice. */
function fork(streams: readonly (readonly number[])[]): ScheduleProblem {
  return {
    name: 'fork',
    bytesPerElement: 1,
    tensors: [tensor(0, 10, 'input'), tensor(1, 100, 'act'), tensor(2, 20, 'output'), tensor(3, 30, 'output')],
    ops: [op(0, [0], [1]), op(1, [1], [2]), op(2, [1], [3])].map((one, index) =>
      streams[index]!.length > 0 ? { ...one, streams: streams[index]! } : one,
    ),
  };
}

function solved(instance: ScheduleProblem, S: number, mode: 'strict' | 'strict+weights' = 'strict') {
  const scheduler = schedulerById('scheduler/portfolio');
  if (!scheduler.ok) throw new Error(scheduler.error.message);
  const parameters = { ...defaultParameters(scheduler.value.manifest.parameters), mode };
  const made = scheduleAndVerify(scheduler.value, instance, {
    mode,
    S,
    parameters,
    mip: withoutMip,
    control: uncontrolled,
  });
  if (!made.ok) throw new Error(made.error[0]!.message);
  return made.value;
}

describe('what streams is counted by hand', () => {
  it.each([
    // a stays: nothing but x in, y and z out.
    { streams: [[], [], []], S: 130, nonCompulsory: 0 },
    // Kept for the reader that holds it, a is on chip for the one that would stream it too.
    { streams: [[], [1], []], S: 130, nonCompulsory: 0 },
    // Written as it is made, loaded whole by both readers one after the other: one load.
    { streams: [[1], [], []], S: 130, nonCompulsory: 200 },
    // Streamed by everybody: one write, two reads.
    { streams: [[1], [1], [1]], S: 30, nonCompulsory: 300 },
    // The graph input streams as it would be loaded: once in any case.
    { streams: [[0], [], []], S: 130, nonCompulsory: 0 },
  ])('$streams', ({ streams, S, nonCompulsory }) => {
    const answer = solved(fork(streams), S);
    expect(answer).toMatchObject({ mode: 'strict', objective: nonCompulsory, bound: nonCompulsory, compulsory: 60 });
    expect(answer.split ?? 0).toBe(streams.filter((list) => list.length > 0).length);
    expect(verdictOf(answer).badge).toBe('proven optimal');
  });

  it('weights that stream take no room', () => {
    const heavy = { ...fork([[], [], []]), ops: fork([[], [], []]).ops.map((one) => ({ ...one, weightBytes: 1000 })) };
    const light = { ...heavy, ops: heavy.ops.map((one) => ({ ...one, streamsWeights: true })) };
    expect(hasStreams(heavy, 'strict+weights')).toBe(false);
    expect(solved(light, 130, 'strict+weights')).toMatchObject({ objective: 0, split: 3 });
  });
});

describe('the problem without streams', () => {
  it('keeps operators, order and bytes; tokens stand for what lies off chip', () => {
    const { problem, idOf } = withoutStreams(fork([[1], [1], []]));
    expect(problem.ops).toHaveLength(3);
    expect([...idOf]).toEqual([0, 1, 3, 4]);
    expect(problem.tensors[1]).toMatchObject({ bytes: 100, kind: 'input' });
    expect(problem.tensors[2]).toMatchObject({ bytes: 0, kind: 'act' });
    expect(problem.ops.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [[0], [2]],
      [[2], [3]],
      [[1, 2], [4]],
    ]);
  });

  it('has an answer for any choice of what streams, and never below the schedule where all is held', () => {
    const rng = createRng(11);
    for (let trial = 0; trial < 300; trial++) {
      const tensors = [tensor(0, 1 + rng.below(50), 'input')];
      const ops: ScheduleOperator[] = [];
      for (let id = 0; id < 6; id++) {
        const inputs = [...new Set([rng.below(tensors.length), rng.below(tensors.length)])];
        tensors.push(tensor(id + 1, 1 + rng.below(50), id === 5 || rng.below(4) === 0 ? 'output' : 'act'));
        const touched = [...inputs, id + 1];
        const streams = touched.filter(() => rng.below(3) === 0);
        ops.push(op(id, inputs, [id + 1], streams.length > 0 ? { streams } : {}));
      }
      const instance = { name: 'random', bytesPerElement: 1, tensors, ops };
      const held = { ...instance, ops: ops.map(({ streams: _none, ...rest }) => rest) };
      // scheduleAndVerify recounts objective, compulsory bytes and places on the problem with streams.
      const S = 150 + rng.below(100);
      const { objective, optimal, proof } = solved(instance, S);
      expect(objective).toBeGreaterThanOrEqual(solved(held, S).bound);
      expect(proof.startsWith('Optimal')).toBe(optimal);
    }
  });
});
