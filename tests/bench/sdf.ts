/**
 * Dataflow analysis: the published benchmarks, random graphs of 100,000 firings an iteration, and buffers against throughput.
 */
import { readFileSync } from 'node:fs';
import { gcd } from '#core/base/gcd.ts';
import { createRng } from '#core/base/rng.ts';
import { analyseSdf } from '#core/sdf/analyse.ts';
import { bufferStudy } from '#core/sdf/buffers.ts';
import type { SdfChannel, SdfGraph } from '#core/sdf/graph.ts';
import { parseSdf } from '#core/sdf/parse.ts';
import { distribution, HEADER, machineLine, row, timed } from '../support/measure.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const FIRINGS = 100_000;
const BUFFERED = new Set(['samplerate', 'modem', 'satellite', 'h263encoder']);

/** One ring through all actors and `chords` chords, live: chords against the ring hold whole iterations of tokens. */
function ringWithChords(seed: number, actors: number, chords: number, most: number, iterations: number): SdfGraph {
  const rng = createRng(seed);
  const weights = Array.from({ length: actors }, () => 0.2 + rng.next());
  const all = weights.reduce((total, weight) => total + weight, 0);
  const rounds = weights.map((weight) => Math.max(1, Math.round((weight / all) * FIRINGS)));
  const channels: SdfChannel[] = [];
  const link = (from: number, to: number, held: number): void => {
    const common = gcd(rounds[from]!, rounds[to]!);
    const [produce, consume] = [rounds[to]! / common, rounds[from]! / common];
    const tokens = held * produce * rounds[from]!;
    channels.push({ name: `c${channels.length}`, from, to, produce: [produce], consume: [consume], tokens });
  };
  for (let actor = 0; actor + 1 < actors; actor++) link(actor, actor + 1, 0);
  link(actors - 1, 0, iterations);
  for (let chord = 0; chord < chords; chord++) {
    const [from, to] = [rng.below(actors), rng.below(actors)];
    link(from, to, from < to ? 0 : 1 + rng.below(iterations));
  }
  return {
    name: `${actors} actors`,
    actors: rounds.map((_, index) => ({ name: `a${index}`, times: [rng.below(most)] })),
    channels,
  };
}

console.log(machineLine());
console.log(HEADER);
const path = sharedPath('data/sdf/graphs.json');
if (path === null) console.log(skippedWithoutShared);
const parsed = parseSdf(path === null ? '[]' : readFileSync(path, 'utf8'));
if (!parsed.ok) throw new Error(parsed.error.message);
for (const graph of parsed.value.graphs)
  console.log(
    row(
      `${graph.name}`,
      timed(() => analyseSdf(graph), 9),
      'ms',
    ),
  );
/** Processor time, which others on the machine lengthen least. */
function spent(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const all: number[] = [];
for (const [actors, chords, most, iterations] of [
  [2, 0, 1_000_000, 1],
  [2, 7, 1000, 3],
  [3, 3, 10, 2],
  [3, 6, 1_000_000, 3],
  [4, 12, 2, 5],
  [10, 20, 1000, 1],
  [10, 20, 1000, 8],
  [100, 200, 1_000_000, 3],
  [1000, 2000, 1000, 1],
  [1000, 3000, 10, 20],
  [5000, 2500, 10, 2],
] as const) {
  const values: number[] = [];
  for (let seed = 0; seed < 10; seed++) {
    const graph = ringWithChords(seed, actors, chords, most, iterations);
    values.push(
      spent(() => {
        const found = analyseSdf(graph);
        if (found.kind !== 'consistent' || found.rate?.kind !== 'bounded') throw new Error(`${graph.name} is not live`);
      }),
    );
  }
  all.push(...values);
  console.log(row(`${FIRINGS} firings, ${actors} actors, ${iterations} under way`, distribution(values), 'ms'));
}
all.sort((a, b) => a - b);
const ofAll = (share: number) => all[Math.floor(share * (all.length - 1))]!.toFixed(0);
console.log(
  `${all.length} graphs, processor time: median ${ofAll(0.5)}, 95th percentile ${ofAll(0.95)}, maximum ${ofAll(1)} ms`,
);
for (const graph of parsed.value.graphs) {
  if (!BUFFERED.has(graph.name)) continue;
  const study = bufferStudy(graph);
  const size = study?.ok ? `${study.value.points.length} points, ${study.value.evaluations} analysed` : '';
  console.log(
    row(
      `buffers of ${graph.name}, ${size}`,
      timed(() => bufferStudy(graph), 3),
      'ms',
    ),
  );
}
