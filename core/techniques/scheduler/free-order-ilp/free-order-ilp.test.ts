/** What is too large to be one programme is not built: the best given order stands, and the proof says so. */
import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { orderModelSize } from '#core/schedule/order-model.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { technique } from './technique.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

/** `count` chains of two operators from one input to one sum: nearly every order is allowed. */
function parallel(count: number): ScheduleProblem {
  const tensors: ScheduleProblem['tensors'][number][] = [];
  const ops: ScheduleProblem['ops'][number][] = [];
  const tensor = (bytes: number, kind: 'input' | 'act' | 'output' = 'act'): number =>
    tensors.push({ id: tensors.length, name: `t${tensors.length}`, shape: [bytes], bytes, kind }) - 1;
  const op = (inputs: readonly number[], output: number): number => {
    ops.push({ id: ops.length, name: `op${ops.length}`, type: 'Op', inputs, outputs: [output], weightBytes: 0 });
    return output;
  };
  const x = tensor(2, 'input');
  const wide = Array.from({ length: count }, () => op([x], tensor(8)));
  const narrow = wide.map((one) => op([one], tensor(1)));
  op([...narrow, x], tensor(2, 'output'));
  return { name: `${count} chains`, bytesPerElement: 1, tensors, ops };
}

/** Solves in stream mode, and counts the non-zeros of the largest programme on the way. */
function solved(problem: ScheduleProblem, S: number) {
  let largest = 0;
  const watched: MipSolver = {
    ...mip,
    solve: (model, options) => {
      largest = Math.max(
        largest,
        model.rows.reduce((sum, row) => sum + row.columns.length, 0),
      );
      return mip.solve(model, options);
    },
  };
  const parameters = { ...defaultParameters(technique.manifest.parameters), nodeLimit: 1 };
  const result = scheduleAndVerify(technique, problem, {
    mode: 'stream',
    S,
    parameters,
    mip: watched,
    control: uncontrolled,
  });
  if (!result.ok) throw new Error(result.error[0]!.message);
  return { answer: result.value, largest };
}

describe('order and residency as one programme', () => {
  it('is built for a small graph', () => {
    const problem = parallel(4);
    const { answer, largest } = solved(problem, 9);
    expect(answer.proof).not.toContain('not built');
    // An estimate of what is built, no less than half and no more than twice.
    expect(largest).toBeGreaterThan(orderModelSize(problem) / 2);
    expect(largest).toBeLessThan(orderModelSize(problem) * 2);
  });

  it('is not built for a large one, which has an answer all the same', () => {
    const problem = parallel(100);
    expect(orderModelSize(problem)).toBeGreaterThan(300_000);
    const { answer, largest } = solved(problem, 9);
    expect(answer.proof).toContain('non-zeros and was not built');
    // The gap models of the given orders.
    expect(largest).toBeLessThan(30_000);
    expect(answer.optimal).toBe(false);
    expect(answer.stop).toBe('nodes');
  });
});
