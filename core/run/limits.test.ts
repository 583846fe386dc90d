import { expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { limitsOf } from './limits.ts';

/** x → a → b → y, 4 bytes each; a and b come from element-wise operators. */
const chain: ScheduleProblem = {
  name: 'chain',
  bytesPerElement: 1,
  tensors: (['input', 'act', 'act', 'output'] as const).map((kind, id) => ({
    id,
    name: 'xaby'[id]!,
    shape: [4],
    bytes: 4,
    kind,
  })),
  ops: [0, 1, 2].map((id) => ({ id, name: `op${id}`, type: 'add', inputs: [id], outputs: [id + 1], weightBytes: 0 })),
};
const target = { mode: 'strict', S: 0, granule: 1 } as const;

it('are operand and result beside each other, and one of them where results are made in place', () => {
  expect(limitsOf(chain, target, uncontrolled)).toEqual({ MR: 8, MH: 8, MP: 8, isMPExact: true });
  const flags = { inPlace: true, aliasConcat: false, doubleBuffer: false, pinned: [] };
  const inPlace = { ...chain, ops: chain.ops.map((op) => ({ ...op, inPlace: op.inputs })) };
  expect(limitsOf(inPlace, { ...target, flags }, uncontrolled)).toMatchObject({ MR: 4, MP: 4, isMPExact: true });
  const pinned = limitsOf(chain, { ...target, flags: { ...flags, inPlace: false, pinned: [0] } }, uncontrolled);
  expect(pinned).toMatchObject({ MR: 8 });
});

it('leave out what operators stream in strict modes', () => {
  // op1 holds its result only, op2 that and its own.
  const streamed = { ...chain, ops: chain.ops.map((op) => (op.id === 1 ? { ...op, streams: [1] } : op)) };
  const first = { ...streamed, ops: streamed.ops.map((op) => (op.id === 0 ? { ...op, streams: [0, 1] } : op)) };
  const wide = { ...first, tensors: first.tensors.map((one) => (one.id === 1 ? { ...one, bytes: 100 } : one)) };
  expect(limitsOf(chain, target, uncontrolled)).toMatchObject({ MR: 8, MP: 8 });
  expect(limitsOf(wide, target, uncontrolled)).toMatchObject({ MR: 8, MP: 8, isMPExact: true });
  const flags = { inPlace: false, aliasConcat: false, doubleBuffer: false, pinned: [1, 2] };
  expect(limitsOf(wide, { ...target, flags }, uncontrolled)).toMatchObject({ MR: 8, MP: 8 });
});
