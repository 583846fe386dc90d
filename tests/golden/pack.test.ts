/** MiniMalloc's own problems: its example packs into the published 12 and no less; the challenging ones into 1 MiB. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { minimise, pack, packingFault } from '#core/schedule/pack.ts';
import { parsePackingCsv } from '#core/schedule/packing/csv.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const folder = sharedPath('data/minimalloc');

function blocksOf(file: string) {
  const table = parsePackingCsv(readFileSync(`${folder}/${file}`, 'utf8'));
  if (!table.ok) throw new Error(table.error.message);
  return table.value.blocks;
}

describe.skipIf(!folder)(`MiniMalloc's problems${folder ? '' : ` (${skippedWithoutShared})`}`, () => {
  it('the example: 12 and no less', () => {
    const blocks = blocksOf('examples/input.12.csv');
    expect(pack(blocks, 12, { nodeLimit: 1_000 }).status).toBe('packed');
    expect(pack(blocks, 11, { nodeLimit: 1_000 }).status).toBe('impossible');
    expect(minimise(blocks, { nodeLimit: 1_000 })).toMatchObject({ height: 12, lowerBound: 12, stop: 'proven' });
  });

  // F takes some seconds: it is in the benchmark.
  it.each([...'ABCDEGHIJK'])('challenging %s packs into 1 MiB', (name) => {
    const blocks = blocksOf(`challenging/${name}.1048576.csv`);
    const packing = pack(blocks, 1_048_576, { nodeLimit: 500_000 });
    expect(packing.status).toBe('packed');
    if (packing.status === 'packed') expect(packingFault(blocks, packing.addresses, 1_048_576)).toBeNull();
  });
});
