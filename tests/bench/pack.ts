/**
 * The packer on MiniMalloc's challenging problems (1 MiB each), beside the seconds of the original in C++; each also
 * reversed in time, which is the same problem to pack and another to search.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, pack, packingFault } from '#core/schedule/pack.ts';
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
const NODE_LIMIT = 3_000_000;

function solve(blocks: readonly Block[]): {
  readonly nodes: number;
  readonly seconds: number;
  readonly verdict: string;
} {
  const before = performance.now();
  const packing = pack(blocks, CAPACITY, { nodeLimit: NODE_LIMIT });
  const seconds = (performance.now() - before) / 1000;
  const fault = packing.status === 'packed' ? packingFault(blocks, packing.addresses, CAPACITY) : null;
  return { nodes: packing.nodes, seconds, verdict: fault ?? packing.status };
}

console.log(machineLine());
const folder = sharedPath('data/minimalloc/challenging');
if (!folder) console.log(skippedWithoutShared);
console.log('problem  blocks   original s |  status      nodes  seconds | reversed    nodes  seconds');
const total = { original: 0, forwards: 0, backwards: 0 };
for (const file of folder ? readdirSync(folder).sort() : []) {
  const [name = ''] = file.split('.');
  const blocks = readCsv(join(folder!, file)).map(({ lower, upper, size }) => {
    return { from: Number(lower), to: Number(upper), size: Number(size) };
  });
  const forwards = solve(blocks);
  const backwards = solve(blocks.map(({ from, to, size }) => ({ from: -to, to: -from, size })));
  total.original += ORIGINAL[name] ?? 0;
  total.forwards += forwards.seconds;
  total.backwards += backwards.seconds;
  const cells = [forwards, backwards].map(
    ({ verdict, nodes, seconds }) => `${verdict} ${String(nodes).padStart(10)} ${seconds.toFixed(2).padStart(8)}`,
  );
  const original = (ORIGINAL[name] ?? Number.NaN).toFixed(2);
  console.log(`${name.padEnd(8)}${String(blocks.length).padStart(7)}${original.padStart(13)} |  ${cells.join(' |  ')}`);
}
const [original, forwards, backwards] = [total.original, total.forwards, total.backwards].map((s) => s.toFixed(2));
console.log(`total${original!.padStart(23)} |  ${forwards!.padStart(26)} |  ${backwards!.padStart(26)}`);
