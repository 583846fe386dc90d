/** The packer on MiniMalloc's challenging problems (1 MiB each), beside the seconds of the original in C++. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pack, packingFault } from '#core/schedule/pack.ts';
import { readCsv } from '../support/csv.ts';
import { machineLine } from '../support/measure.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

/** Seconds of google/minimalloc, built and run on a machine of this kind. */
const ORIGINAL: Readonly<Record<string, number>> = {
  A: 5.8,
  B: 4.11,
  C: 0.72,
  D: 3.74,
  E: 3.85,
  F: 6.37,
  G: 1.52,
  H: 1.99,
  I: 4.22,
  J: 1.71,
  K: 0.96,
};
const CAPACITY = 1_048_576;
const folder = sharedPath('data/minimalloc/challenging');
console.log(machineLine());
if (!folder) console.log(skippedWithoutShared);
let total = 0;
for (const file of folder ? readdirSync(folder).sort() : []) {
  const name = file[0]!;
  const blocks = readCsv(join(folder!, file)).map(({ lower, upper, size }) => ({
    from: Number(lower),
    to: Number(upper),
    size: Number(size),
  }));
  const before = performance.now();
  const packing = pack(blocks, CAPACITY, { nodeLimit: 5e6 });
  const seconds = (performance.now() - before) / 1000;
  total += seconds;
  const verdict = packing.status === 'packed' ? (packingFault(blocks, packing.addresses, CAPACITY) ?? 'verified') : '';
  console.log(name, packing.status, verdict, packing.nodes, seconds.toFixed(2), ORIGINAL[name]);
}
console.log('total', total.toFixed(2));
