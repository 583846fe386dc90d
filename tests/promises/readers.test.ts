/**
 * P-17 of Weft's own files (documents, text projects, runs, simulations, scheduling problems, bundles) and, over every
 * importer too, what a file may cost: processor time and memory are measured in the long run. What is refused says where.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { parseScheduleProblem } from '#core/contract/schedule-file.ts';
import { emptyDocument, fromFile, toFile } from '#core/document/document.ts';
import { parseRun } from '#core/report/parse.ts';
import { renderReport } from '#core/report/render.ts';
import { parseSimulation } from '#core/report/simulation/parse.ts';
import { exportWith } from '#core/technique/exporter.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';
import { bundleOf, readBundle } from '#projects/bundle.ts';
import { examples } from '#projects/examples/make.ts';
import { createProject } from '#projects/project.ts';
import { formatDocument, loadTextProject, readDocumentFile, saveTextProject } from '#projects/text.ts';
import { writeZip } from '#projects/zip/write.ts';
import { cases, isLong } from '../support/cases.ts';
import { fixtureRun } from '../support/run-fixture.ts';
import { fixtureSimulation } from '../support/simulation-fixture.ts';

const FILES = cases(60, 10_000);
const MOST_SECONDS = 2;
const MOST_BYTES = 512 * 2 ** 20;

const folder = mkdtempSync(join(tmpdir(), 'weft-readers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Reader {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => Result<unknown, Problem>;
}
const encode = (text: string) => new TextEncoder().encode(text);
const text = (of: (given: string) => Result<unknown, Problem>) => (bytes: Uint8Array) =>
  of(new TextDecoder().decode(bytes));

const example = examples().find(({ slug }) => slug === 'mlp-two-cores')!.project;
const run = fixtureRun();
const simulation = fixtureSimulation();

function written(id: string): Uint8Array {
  const exporter = techniques.exporter.find(({ manifest }) => manifest.id === id)!;
  const made = exportWith(exporter, {
    model: fromFile(example.documents.find(({ kind }) => kind === 'model')!),
    architecture: presetById('systolic-32x32')!.build('a'),
    parameters: {},
    files: {},
  });
  if (!made.ok) throw new Error(made.error.message);
  return made.value.bytes;
}

/** A seed for every importer; its own fuzz test has more. */
const IMPORTED: Readonly<Record<string, () => Uint8Array>> = {
  'importer/onnx': () => written('exporter/onnx'),
  'importer/scale-sim': () => written('exporter/scale-sim-config'),
  'importer/sdf': () =>
    encode(
      '{"name":"g","kind":"sdf","actors":[{"id":"a","time":[1]},{"id":"b","time":2}],"channels":[{"src":"a","dst":"b","prod":[2],"cons":[3],"tokens":1}]}',
    ),
  'importer/maestro': () => encode('num_pes: 256\nl1_size_cstr: 100\nl2_size_cstr: 3000\nnoc_bw_cstr: 1000\n'),
  'importer/timeloop': () =>
    encode(
      'architecture:\n  arithmetic: {name: MACs, instances: 64, meshX: 16, word-bits: 8}\n  storage:\n  - {name: Registers, entries: 16, instances: 64, meshX: 16, word-bits: 8}\n  - {name: DRAM, technology: DRAM, word-bits: 8}\n',
    ),
  'importer/zigzag': () =>
    encode(
      'name: small\nmemories:\n  sram: { size: 1048576, latency: 1, operands: [I1, I2, O], ports: [{ name: p, bandwidth_max: 512 }], served_dimensions: [D1, D2] }\n  dram: { size: 10000000000, latency: 1, operands: [I1, I2, O], ports: [{ name: p, bandwidth_max: 64 }], served_dimensions: [D1, D2] }\noperational_array: { dimensions: [D1, D2], sizes: [4, 4] }\n',
    ),
};

/** Filled when the tests begin: a project has to be made for it. */
const bundle: Uint8Array[] = [];
beforeAll(() => {
  const made = createProject(join(folder, 'p.weft'), 'A project', [
    toFile(emptyDocument('m', 'model', 'The model')),
    ...example.documents,
  ]);
  if (!made.ok) throw new Error(made.error.message);
  bundle.push(Buffer.concat([...writeZip(bundleOf(made.value, 'test'))]));
  made.value.close();
  mkdirSync(join(folder, 'text'));
  saveTextProject(join(folder, 'text'), { title: 'T', summary: '', documents: example.documents });
});

const READERS: readonly Reader[] = [
  ...techniques.importer.map((importer): Reader => {
    const file = `file${importer.extensions[0]}`;
    const seed = IMPORTED[importer.manifest.id];
    return {
      name: importer.manifest.id,
      seeds: seed ? [seed()] : [],
      read: (bytes) => importer.open(bytesSource(bytes), { document: 'd', file }),
    };
  }),
  {
    name: 'document',
    seeds: example.documents.map((document) => encode(formatDocument(document))),
    read: (bytes) => {
      const path = join(folder, 'document.json');
      writeFileSync(path, bytes);
      return readDocumentFile(path);
    },
  },
  {
    name: 'text project',
    seeds: [encode(JSON.stringify({ format: 'weft-project/1', title: 'T', summary: '', documents: ['a.json'] }))],
    read: (bytes) => {
      writeFileSync(join(folder, 'text', 'project.json'), bytes);
      return loadTextProject(join(folder, 'text'));
    },
  },
  { name: 'run', seeds: [encode(renderReport(run, 'json'))], read: text(parseRun) },
  { name: 'simulation', seeds: [encode(JSON.stringify(simulation))], read: text(parseSimulation) },
  {
    name: 'scheduling problem',
    seeds: [encode(JSON.stringify(run.schedule.problem))],
    read: text(parseScheduleProblem),
  },
  { name: 'bundle', seeds: bundle, read: (bytes) => readBundle(bytesSource(bytes)) },
];

const PIECES = ['"', '{', '}', '[', ']', ',', ':', '-1', '1e309', 'null', '0x', '\n', '\0', '\u2028', '..', '&a *a'];

function mutated(from: Uint8Array, rng: Rng): Uint8Array {
  const at = rng.below(from.length + 1);
  const until = Math.min(from.length, at + rng.below(24));
  const put = (piece: Uint8Array, upto = until) =>
    Buffer.concat([from.subarray(0, at), piece, from.subarray(upto)]) as Uint8Array;
  switch (rng.below(7)) {
    case 0:
      return from.slice(0, at);
    case 1:
      return put(new Uint8Array(0));
    case 2:
      return put(Uint8Array.from({ length: 1 + rng.below(9) }, () => rng.below(256)));
    case 3:
      return put(encode(PIECES[rng.below(PIECES.length)]!), at);
    case 4:
      return put(from.subarray(at, until), at);
    case 5:
      return put(encode(String(rng.below(2) === 0 ? rng.below(9) : 2 ** rng.below(70))));
    default: {
      const made = from.slice();
      if (made.length > 0) made[rng.below(made.length)]! ^= 1 << rng.below(8);
      return made;
    }
  }
}

/** A byte, a line, or a name for the part: somewhere to look. */
function isPlaced({ where, facts, message }: Problem): boolean {
  const { byteOffset, line, file, node, link } = where;
  if ([byteOffset, line, node, link, facts.at, facts.place, facts.line, facts.entry].some((at) => at !== undefined))
    return true;
  return file !== undefined || /bundle/i.test(message);
}

describe.each(READERS)('P-17 $name', ({ name, seeds, read }) => {
  it(`${FILES} mutations: nothing thrown, what is refused says where`, () => {
    expect(seeds.length, 'every reader has a file to begin with').toBeGreaterThan(0);
    const rng = createRng(1717);
    let [slowest, opened] = [0, 0];
    const before = process.memoryUsage().rss;
    for (let i = 0; i < FILES; i++) {
      let bytes = mutated(seeds[i % seeds.length]!, rng);
      while (rng.below(3) === 0) bytes = mutated(bytes, rng);
      const start = process.cpuUsage();
      const made = read(bytes);
      const { user, system } = process.cpuUsage(start);
      slowest = Math.max(slowest, (user + system) / 1e6);
      if (made.ok) opened++;
      else expect(isPlaced(made.error), `${made.error.code}: ${made.error.message}`).toBe(true);
    }
    expect(opened).toBeLessThan(FILES);
    if (!isLong) return;
    const grown = process.memoryUsage().rss - before;
    console.log(`${name}: slowest ${slowest.toFixed(3)} s, memory ${(grown / 2 ** 20).toFixed(0)} MiB`);
    expect(slowest).toBeLessThanOrEqual(MOST_SECONDS);
    expect(grown).toBeLessThanOrEqual(MOST_BYTES);
  });
});
