/**
 * How long scheduling takes and how far it is from the bound: `node tests/bench/schedule.ts`. The networks of
 * ../shared/data/schedule where they are, and attention by heads at 936 and 2,448 operators.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { uncontrolled } from '#core/base/control.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { largestWorkingSet } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { technique } from '#core/techniques/scheduler/order-residency/technique.ts';
import { sharedPath } from '../support/shared.ts';

type Target = readonly [mode: ScheduleMode, S: number];

/** Transformer layers whose heads are operators of their own; int8, so one byte an element. */
function attentionByHeads(layers: number, heads: number, sequence: number, width: number): ScheduleProblem {
  const tensors: ScheduleProblem['tensors'][number][] = [];
  const ops: ScheduleProblem['ops'][number][] = [];
  const tensor = (bytes: number, kind: 'input' | 'act' | 'output'): number =>
    tensors.push({ id: tensors.length, name: `t${tensors.length}`, shape: [bytes], bytes, kind }) - 1;
  const op = (type: string, inputs: number[], bytes: number, kind: 'act' | 'output' = 'act'): number => {
    const output = tensor(bytes, kind);
    ops.push({ id: ops.length, name: `${type}${ops.length}`, type, inputs, outputs: [output], weightBytes: 0 });
    return output;
  };
  const whole = sequence * width;
  const head = whole / heads;
  let x = tensor(whole, 'input');
  for (let layer = 0; layer < layers; layer++) {
    const attended = Array.from({ length: heads }, () => {
      const [q, k, v] = ['Q', 'K', 'V'].map((name) => op(name, [x], head)) as [number, number, number];
      return op('PV', [op('Softmax', [op('QK', [q, k], sequence ** 2)], sequence ** 2), v], head);
    });
    const sum = op('Add', [x, op('Projection', [op('Concat', attended, whole)], whole)], whole);
    const hidden = op('FFN1', [sum], whole * 4);
    x = op('Add', [sum, op('FFN2', [hidden], whole)], whole, layer === layers - 1 ? 'output' : 'act');
  }
  return { name: `${layers} layers × ${heads} heads`, bytesPerElement: 1, tensors, ops };
}

function cases(): (readonly [ScheduleProblem, readonly Target[]])[] {
  const folder = sharedPath('data/schedule');
  const known = (folder ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.json') && !name.includes('.schedules.'))
    .map((name) => {
      const problem: ScheduleProblem & { goldens: { mode: ScheduleMode; S: number }[] } = JSON.parse(
        readFileSync(`${folder}/${name}`, 'utf8'),
      );
      return [problem, problem.goldens.map(({ mode, S }) => [mode, S] as const)] as const;
    });
  const large = [attentionByHeads(12, 12, 128, 768), attentionByHeads(24, 16, 256, 1024)].map((problem) => {
    const least = largestWorkingSet(problem, 'strict')!.bytes;
    const targets: Target[] = [['strict', least], ...[128, 256, 512].map((KiB) => ['stream', KiB * 1024] as const)];
    return [problem, targets] as const;
  });
  return [...known, ...large];
}

const mip = await loadHighs();
const parameters = defaultParameters(technique.manifest.parameters);
const rows = cases().flatMap(([problem, targets]) =>
  targets.map(([mode, S]) => {
    const begun = performance.now();
    const result = scheduleAndVerify(technique, problem, { mode, S, parameters, mip, control: uncontrolled });
    const milliseconds = Math.round(performance.now() - begun);
    if (!result.ok) return { network: problem.name, mode, S, fault: result.error[0]?.message };
    const { objective, bound, baselines } = result.value;
    const gap = objective > 0 ? `${(((objective - bound) / objective) * 100).toFixed(1)} %` : '0';
    const belady = baselines['fileOrder+belady'];
    return {
      network: problem.name,
      operators: problem.ops.length,
      mode,
      S,
      objective,
      bound,
      gap,
      belady,
      ms: milliseconds,
    };
  }),
);
console.table(rows);
