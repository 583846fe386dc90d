import { expect, it } from 'vitest';
import { packingFault } from './certificate.ts';

const block = { size: 4, from: 0, to: 2 };

it.each([
  ['one address short', [block, block], [0], '1 addresses for 2 blocks'],
  ['above the capacity', [block], [5], 'block 0 is out of range at 5'],
  ['off the alignment', [{ ...block, alignment: 4 }], [2], 'block 0 is not aligned at 2'],
  ['off its fixed address', [{ ...block, fixed: 1 }], [0], 'block 0 is not where it must be'],
  ['not whole', [block], [0.5], 'block 0 has no whole address'],
  ['in one another', [block, { ...block, from: 1, to: 3 }], [0, 3], 'blocks 0 and 1 overlap at step 1'],
])('a packing %s is refused', (_, blocks, addresses, fault) => {
  expect(packingFault(blocks, addresses, 8)).toBe(fault);
});

it('lets blocks share bytes where a slab leaves them', () => {
  const slabs = [{ from: 0, to: 1, offset: 0, size: 4 }];
  expect(
    packingFault(
      [
        { ...block, slabs },
        { ...block, from: 1 },
      ],
      [0, 0],
      4,
    ),
  ).toBeNull();
});
