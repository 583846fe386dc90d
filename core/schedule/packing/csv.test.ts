import { describe, expect, it } from 'vitest';
import { type Block, pack, packingFault } from '../pack.ts';
import { formatPackingCsv, parsePackingCsv } from './csv.ts';

function read(text: string): readonly Block[] {
  const table = parsePackingCsv(text);
  if (!table.ok) throw new Error(table.error.message);
  return table.value.blocks;
}

describe('packing CSV', () => {
  it('reads columns in any order; `upper` is exclusive, `end` inclusive, for gaps too', () => {
    expect(read('size,id,lower,upper\n4,a,0,3\n')).toEqual([{ from: 0, to: 3, size: 4, alignment: 1 }]);
    expect(read('buffer,start,end,size,alignment\r\na,0,3,4,64')).toEqual([{ from: 0, to: 4, size: 4, alignment: 64 }]);
    const [block] = read('id,start,end,size,gaps\na,0,9,4,2-3 5-6@1:3');
    expect(block!.slabs!.filter(({ size }) => size > 0)).toEqual([
      { from: 0, to: 2, offset: 0, size: 4 },
      { from: 4, to: 5, offset: 0, size: 4 },
      { from: 5, to: 7, offset: 1, size: 2 },
      { from: 7, to: 10, offset: 0, size: 4 },
    ]);
  });

  it('lays buffers into the gaps and windows of others', () => {
    const blocks = read('id,lower,upper,size,gaps\na,0,9,4,3-6\nb,3,6,4,\nc,0,4,2,\nd,0,9,6,0-4@0:4');
    const packing = pack(blocks, 10, { nodeLimit: 1_000 });
    expect(packing.status).toBe('packed');
    if (packing.status === 'packed') expect(packingFault(blocks, packing.addresses, 10)).toBeNull();
  });

  it('takes an offset as a fixed address and gives the rows back with all of them', () => {
    const table = parsePackingCsv('id,lower,upper,offset,size,hint\na,0,3,4,4,0\nb,0,3,,4,\n');
    if (!table.ok) throw new Error(table.error.message);
    const packing = pack(table.value.blocks, 8, { nodeLimit: 10 });
    expect(packing).toMatchObject({ status: 'packed', addresses: [4, 0] });
    expect(formatPackingCsv(table.value, [4, 0])).toBe('id,lower,upper,size,hint,offset\na,0,3,4,0,4\nb,0,3,4,,0\n');
  });

  it.each([
    ['id,lower,size\n', 'Line 1: column upper is missing'],
    ['id,lower,upper,size,color\n', "Line 1: there is no column 'color'"],
    ['id,start,lower,upper,size\n', 'Line 1: column lower stands twice'],
    ['id,lower,upper,size\na,0,3\n', 'Line 2: 3 cells under 4 columns'],
    ['id,lower,upper,size\na,0,3,4\n\na,0,3,4\n', "Line 4: id 'a' stands twice"],
    ['id,lower,upper,size\na,0,3,1e3\n', "Line 2: size takes a whole number of bytes, not '1e3'"],
    ['id,lower,upper,size\na,5,3,4\n', 'Line 2: ends at 3, before it begins at 5'],
    ['id,lower,upper,size,gaps\na,0,9,4,2+3\n', "Line 2: '2+3' is not a gap (a-b or a-b@l:h)"],
    ['id,lower,upper,size,gaps\na,0,9,4,2-10\n', "Line 2: gap '2-10' is not within the block's steps"],
    ['id,lower,upper,size,gaps\na,0,9,4,2-3@2:5\n', "Line 2: the window of gap '2-3@2:5' is not within the block"],
    ['id,lower,upper,size,alignment\na,0,9,4,0\n', "Line 2: alignment takes a whole number from 1, not '0'"],
  ])('names the line of what is wrong: %j', (text, message) => {
    const table = parsePackingCsv(text);
    expect(table.ok ? null : table.error.message).toBe(message);
  });
});
