import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { schedulerById } from '#core/technique/registry.ts';
import type { ScheduleProblem } from './problem.ts';
import { scheduleAndVerify } from './scheduler.ts';
import { withoutStreams } from './streams.ts';

const found = schedulerById('scheduler/portfolio');
if (!found.ok) throw new Error(found.error.message);
const scheduler = found.value;
const mip = await loadHighs();

/** in → first → middle → second → out, where both operators stream `middle`. */
const problem: ScheduleProblem = {
  name: 'streamed',
  bytesPerElement: 1,
  tensors: [
    { id: 0, name: 'in', shape: [4], bytes: 4, kind: 'input' },
    { id: 1, name: 'middle', shape: [100], bytes: 100, kind: 'act' },
    { id: 2, name: 'out', shape: [4], bytes: 4, kind: 'output' },
  ],
  ops: [
    { id: 0, name: 'first', type: 'a', inputs: [0], outputs: [1], weightBytes: 0, streams: [1] },
    { id: 1, name: 'second', type: 'b', inputs: [1], outputs: [2], weightBytes: 0, streams: [1] },
  ],
};
const options = { mode: 'strict', S: 8, parameters: {}, mip, control: uncontrolled } as const;

describe('operators that stream', () => {
  it('write and read what they stream once each, whatever the scratchpad', () => {
    const answer = scheduleAndVerify(scheduler, problem, options);
    expect(answer).toMatchObject({ ok: true, value: { objective: 200, bound: 200, order: [0, 1] } });
    expect([...withoutStreams(problem).idOf]).toEqual([0, -1, 2]);
  });

  it('cannot have what they stream pinned', () => {
    const answer = scheduleAndVerify(scheduler, problem, { ...options, parameters: { pinned: '1' } });
    expect(answer).toMatchObject({
      ok: false,
      error: [{ code: 'schedule.pinned-streamed', facts: { tensor: 'middle', demand: 100, bound: 8 } }],
    });
  });
});
