/**
 * What the scheduler is tested against: random small graphs, and an exhaustive search that knows only the
 * definition of a schedule (which tensors are on chip at each step), none of the gaps, bounds or solvers.
 */
import type { Rng } from '#core/base/rng.ts';
import type { ScheduleMode, ScheduleOperator, ScheduleProblem, ScheduleTensor } from '#core/schedule/problem.ts';

/** 2 … `maximum` operators, some with two results, shared operands, side outputs, unused inputs and results. */
export function randomProblem(rng: Rng, maximum: number): ScheduleProblem {
  const scale = 1 + rng.below(5);
  const tensors: { id: number; name: string; shape: number[]; bytes: number; kind: ScheduleTensor['kind'] }[] = [];
  const tensor = (kind: ScheduleTensor['kind']): number => {
    const bytes = scale * (1 + rng.below(7));
    return tensors.push({ id: tensors.length, name: `t${tensors.length}`, shape: [bytes], bytes, kind }) - 1;
  };
  for (let inputs = 1 + rng.below(2); inputs > 0; inputs--) tensor('input');
  const ops: ScheduleOperator[] = [];
  for (let id = 0, count = 2 + rng.below(maximum - 1); id < count; id++) {
    const operands = new Set<number>();
    for (let wanted = 1 + rng.below(3); wanted > 0; wanted--) {
      // Mostly recent tensors, so that the graphs are deep as well as wide.
      const back = rng.below(4) === 0 ? rng.below(tensors.length) : rng.below(Math.min(4, tensors.length));
      operands.add(tensors.length - 1 - back);
    }
    const outputs = [tensor('act')];
    if (rng.below(8) === 0) outputs.push(tensor('act'));
    ops.push({ id, name: `op${id}`, type: 'Op', inputs: [...operands], outputs, weightBytes: rng.below(3) * scale });
  }
  const used = new Set(ops.flatMap((op) => op.inputs));
  for (const one of tensors)
    if (one.kind === 'act' && (used.has(one.id) ? rng.below(10) === 0 : rng.below(10) > 0)) one.kind = 'output';
  return { name: 'random', bytesPerElement: 1, tensors, ops };
}

/** A relabelling-free copy with every byte count multiplied. */
export function scaledProblem(problem: ScheduleProblem, factor: number): ScheduleProblem {
  return {
    ...problem,
    tensors: problem.tensors.map((tensor) => ({ ...tensor, bytes: tensor.bytes * factor })),
    ops: problem.ops.map((op) => ({ ...op, weightBytes: op.weightBytes * factor })),
  };
}

/** A copy whose sizes are large and share no divisor, as unpadded tensors have them. */
export function unevenProblem(problem: ScheduleProblem, rng: Rng): ScheduleProblem {
  return {
    ...problem,
    tensors: problem.tensors.map((tensor) => ({ ...tensor, bytes: tensor.bytes * 300_007 + rng.below(1_000) })),
    ops: problem.ops.map((op) => ({ ...op, weightBytes: op.weightBytes * 300_007 })),
  };
}

/** Any topological order, uniformly chosen step by step. */
export function randomOrder(problem: ScheduleProblem, rng: Rng): readonly number[] {
  const made = new Set(problem.tensors.filter((tensor) => tensor.kind === 'input').map((tensor) => tensor.id));
  const left = new Set(problem.ops);
  const order: number[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((op) => op.inputs.every((id) => made.has(id)));
    const op = ready[rng.below(ready.length)]!;
    left.delete(op);
    order.push(op.id);
    for (const id of op.outputs) made.add(id);
  }
  return order;
}

/**
 * Least non-compulsory bytes by dynamic programming over (operators run, tensors on chip, tensors read so far),
 * over every order or over the one given; null when no schedule fits.
 */
export function exhaustiveOptimum(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  S: number,
  order?: readonly number[],
): number | null {
  const { tensors, ops } = problem;
  const makerOf = new Map(ops.flatMap((op) => op.outputs.map((id) => [id, op.id] as const)));
  let layer = new Map<string, { run: number; onChip: number; read: number; cost: number }>([
    ['', { run: 0, onChip: 0, read: 0, cost: 0 }],
  ]);
  for (let step = 0; step < ops.length; step++) {
    const next: typeof layer = new Map();
    for (const state of layer.values()) {
      for (const op of ops) {
        if (state.run & (1 << op.id) || (order && order[step] !== op.id)) continue;
        if (op.inputs.some((id) => makerOf.has(id) && !(state.run & (1 << makerOf.get(id)!)))) continue;
        const run = state.run | (1 << op.id);
        const touched = [...new Set([...op.inputs, ...op.outputs])].reduce((set, id) => set | (1 << id), 0);
        const mayBe = state.onChip | touched;
        // Every subset of what may be on chip during this step.
        for (let present = mayBe; ; present = (present - 1) & mayBe) {
          const isComplete = mode === 'stream' || (present & touched) === touched;
          let load = mode === 'strict+weights' ? op.weightBytes : 0;
          for (const tensor of tensors) if (present & (1 << tensor.id)) load += tensor.bytes;
          if (isComplete && load <= S) {
            let { read, cost } = state;
            for (const id of op.inputs) {
              if (state.onChip & present & (1 << id)) continue;
              const tensor = tensors[id]!;
              const isFirst = !(read & (1 << id));
              if (tensor.kind === 'input') cost += isFirst ? 0 : tensor.bytes;
              else cost += tensor.bytes * (isFirst && tensor.kind === 'act' ? 2 : 1);
              read |= 1 << id;
            }
            const key = `${run},${present},${read}`;
            const known = next.get(key);
            if (!known || known.cost > cost) next.set(key, { run, onChip: present, read, cost });
          }
          if (present === 0) break;
        }
      }
    }
    layer = next;
  }
  const costs = [...layer.values()].map((state) => state.cost);
  return costs.length === 0 ? null : Math.min(...costs);
}
