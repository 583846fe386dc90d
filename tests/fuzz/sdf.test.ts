/**
 * Files of dataflow graphs, mutated as text and as values: nothing is thrown, what is refused names its place in the file,
 * what is taken can be analysed, drawn and read back.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonFault } from '#core/base/json-fault.ts';
import type { Problem } from '#core/base/problem.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { FIRING_LIMIT } from '#core/sdf/analyse.ts';
import type { SdfGraph } from '#core/sdf/graph.ts';
import { MOST_PHASES, parseSdf } from '#core/sdf/parse.ts';
import { repetitionOf } from '#core/sdf/repetition.ts';
import { analysisView } from '#core/sdf/view.ts';
import { sdfFile, sdfOfTasks, tasksOfSdf } from '#core/taskgraph/sdf.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique as importer } from '#core/techniques/importer/sdf/technique.ts';
import { cases } from '../support/cases.ts';
import { sharedPath } from '../support/shared.ts';

const MUTATIONS = cases(1000, 100_000);
/** Firings of an iteration up to which mutated graphs are analysed: the rest only costs time. */
const FIRINGS = 2_000n;

const loop = (id: string) => ({ id: `${id}${id}`, src: id, dst: id, prod: [1], cons: 1, tokens: 1 });
const CHAIN = {
  name: 'chain',
  kind: 'sdf',
  actors: [
    { id: 'a', time: [1] },
    { id: 'b', time: 2 },
    { id: 'ç', time: [2] },
  ],
  channels: [
    { id: 'ab', src: 'a', dst: 'b', prod: [2], cons: [3], tokens: 0 },
    { id: 'bc', src: 'b', dst: 'ç', prod: 1, cons: 2 },
    loop('a'),
    loop('b'),
    loop('ç'),
  ],
};
const CYCLIC = {
  name: 'cyclic',
  kind: 'csdf',
  actors: [
    { id: 'x', time: [1, 0, 5] },
    { id: 'y', time: [3, 2] },
  ],
  channels: [
    { src: 'x', dst: 'y', prod: [1, 0, 2], cons: [1, 1], tokens: 1 },
    { src: 'y', dst: 'x', prod: 1, cons: [1, 0, 1], tokens: 4 },
  ],
};
const path = sharedPath('data/sdf/graphs.json');
const published: readonly unknown[] = path === null ? [] : JSON.parse(readFileSync(path, 'utf8'));
const FILES: readonly unknown[] = [CHAIN, CYCLIC, [CHAIN, CYCLIC], ...published.slice(0, 4)];

const PIECES = [
  '0',
  '-1',
  '1e9',
  '1e999',
  '0.5',
  'null',
  '[]',
  '{}',
  '"',
  ',',
  ':',
  '[',
  ']',
  '}',
  '\\',
  '\u0000',
  'é',
  '"__proto__"',
];
const at = (length: number, rng: Rng) => rng.below(length + 1);

function mutatedText(text: string, rng: Rng): string {
  let result = text;
  for (let times = 1 + rng.below(3); times > 0; times--) {
    const from = at(result.length, rng);
    const to = Math.min(result.length, from + rng.below(10));
    const piece = PIECES[rng.below(PIECES.length)]!;
    result =
      rng.below(2) === 0
        ? result.slice(0, from) + piece + result.slice(rng.below(2) === 0 ? from : to)
        : result.slice(0, from) + result.slice(to);
  }
  return result;
}

const VALUES: readonly (() => unknown)[] = [
  () => -1,
  () => 0.5,
  () => 0,
  () => 1e9,
  () => 999_983,
  () => 2 ** 53,
  () => 1e300,
  () => Number.NaN,
  () => null,
  () => true,
  () => '',
  () => 'a',
  () => '3',
  () => '__proto__',
  () => 'constructor',
  () => 'x'.repeat(10_000),
  () => [],
  () => ({}),
  () => [1, 2, 3],
  () => [[1]],
  () => Array<number>(500).fill(1),
  () => JSON.parse('{"__proto__": {"id": "a", "time": [1]}}'),
  () => JSON.parse('['.repeat(2000) + ']'.repeat(2000)),
];

type Holder = Record<string | number, unknown>;

/** One value somewhere replaced, taken out, doubled or given to another key. */
function mutatedValue(file: unknown, rng: Rng): unknown {
  const copy: unknown = structuredClone(file);
  for (let times = 1 + rng.below(3); times > 0; times--) {
    const places: [Holder, string][] = [];
    const visit = (value: unknown, depth: number): void => {
      if (typeof value !== 'object' || value === null || depth > 5 || places.length > 500) return;
      const holder: Holder = Object(value);
      for (const key of Object.keys(holder)) {
        places.push([holder, key]);
        visit(holder[key], depth + 1);
      }
    };
    visit(copy, 0);
    const [holder, key] = places[rng.below(places.length)] ?? [{}, ''];
    switch (rng.below(5)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 1:
        if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
        break;
      case 2: {
        const [other, place] = places[rng.below(places.length)]!;
        holder[key] = structuredClone(other[place]);
        break;
      }
      default:
        holder[key] = VALUES[rng.below(VALUES.length)]!();
    }
  }
  return copy;
}

/** A refusal is at a byte of the text, or at a place that is in it or is missing where it should be. */
function checkRefusal({ code, where, facts, message }: Problem, text: string): void {
  expect(message.length).toBeLessThan(400);
  if (code === 'sdf.json') {
    expect(where.byteOffset).toBeGreaterThanOrEqual(0);
    expect(where.byteOffset).toBeLessThanOrEqual(new TextEncoder().encode(text).length);
    expect(where.line).toBeGreaterThanOrEqual(1);
    return;
  }
  expect(code).toBe('sdf.graph');
  const place = String(facts.place);
  expect(message.startsWith(place === '' ? 'The graph ' : `${place} `), message).toBe(true);
  const steps = [...place.matchAll(/[^.[\]]+/g)].map(([step]) => step);
  let value: unknown = JSON.parse(text);
  for (const step of steps.slice(0, -1)) {
    expect(typeof value === 'object' && value !== null && Object.hasOwn(value, step), `${place}: ${text}`).toBe(true);
    value = Object(value)[step];
  }
}

function checkGraph(graph: SdfGraph): string {
  const found = repetitionOf(graph);
  const { graph: tasks, isConsistent } = tasksOfSdf(graph);
  expect(isConsistent).toBe(found.ok);
  const phases = Math.max(0, ...graph.actors.map(({ times }) => times.length));
  if (phases <= 1000) {
    // Written out again and read, it is the same graph.
    const back = sdfOfTasks(tasks, { ticksOf: () => 0, isSerial: false });
    if (!back.ok) throw new Error(back.error.message);
    const again = parseSdf(JSON.stringify(sdfFile(back.value)));
    if (!again.ok) throw new Error(again.error.message);
    expect(again.value.graphs[0]!.actors.map(({ name }) => name)).toEqual(graph.actors.map(({ name }) => name));
  }
  if (found.ok && found.value.firingSum > FIRINGS && found.value.firingSum <= BigInt(FIRING_LIMIT)) return 'large';
  const { view, problem } = analysisView(graph);
  JSON.stringify(view);
  expect(view.consistent).toBe(found.ok);
  if (problem) return problem.code;
  if (!view.consistent) return 'inconsistent';
  expect(Object.keys(view.repetition!)).toHaveLength(graph.actors.length);
  return view.throughput === '0' ? 'deadlock' : view.throughput === 'infinity' ? 'unbounded' : 'bounded';
}

describe('P-17 files of dataflow graphs', () => {
  it(`${MUTATIONS} mutations are refused with their place, or analysed and drawn`, { timeout: 600_000 }, () => {
    const rng = createRng(61);
    const seen = new Map<string, number>();
    for (let index = 0; index < MUTATIONS; index++) {
      const file = FILES[rng.below(FILES.length)]!;
      const isText = rng.below(3) === 0;
      const text = isText ? mutatedText(JSON.stringify(file), rng) : (JSON.stringify(mutatedValue(file, rng)) ?? '');
      const read = parseSdf(text);
      expect(jsonFault(text) === null, text).toBe(read.ok || read.error.code !== 'sdf.json');
      if (!read.ok) checkRefusal(read.error, text);
      const kinds = read.ok ? read.value.graphs.map(checkGraph) : [read.error.code];
      for (const kind of kinds) seen.set(kind, (seen.get(kind) ?? 0) + 1);

      const bytes = new TextEncoder().encode(text);
      importer.match('fuzz.json', bytes.subarray(0, 4096));
      const opened = importer.open(bytesSource(bytes), { document: 'd', file: 'fuzz.json' });
      expect(opened.ok, text).toBe(read.ok && read.value.graphs.length > 0);
      if (!opened.ok) expect(opened.error.where.file).toBe('fuzz.json');
    }
    for (const kind of ['sdf.json', 'sdf.graph', 'inconsistent', 'deadlock', 'bounded'])
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(MUTATIONS / 500);
  });

  it.each([
    ['', 0, 1],
    ['{"actors": [1,\n 2,]}', 18, 2],
    ['{"é": tru}', 7, 1],
    ['{"a": "b\\x"}', 8, 1],
    ['[1] 2', 4, 1],
    ['"a\tb"', 2, 1],
    ['{"a" 1}', 5, 1],
    ['[01]', 2, 1],
  ])('%j is no JSON at its byte', (text, byteOffset, line) => {
    const read = parseSdf(text);
    expect(read.ok ? 'read' : read.error.where).toEqual({ byteOffset, line });
  });

  it('depth, length and numbers cost no more than reading them', () => {
    const deep = 200_000;
    const nested = '['.repeat(deep) + ']'.repeat(deep);
    const refused = (text: string) => {
      const read = parseSdf(text);
      if (read.ok) return 'read';
      checkRefusal(read.error, text);
      return read.error.message;
    };
    expect(refused('['.repeat(deep))).toMatch(/^Not JSON at byte 200000, line 1/);
    expect(refused(`{"actors": [{"id": "a", "time": ${nested}}], "channels": []}`.slice(0, 90_000))).toMatch(
      /^Not JSON/,
    );
    const time = parseSdf(`{"actors": [{"id": "a", "time": ${nested}}], "channels": []}`);
    expect(time.ok ? '' : time.error.message).toBe(
      'actors[0].time[0] must be a whole number from 0 to 2^53 − 1, not a list',
    );
    // One number stands for a rate in every phase: 2,000 · 20,000 would be 40,000,000 rates.
    const channel = { src: 'a', dst: 'a', prod: 1, cons: 1, tokens: 1 };
    const wide = { actors: [{ id: 'a', time: Array<number>(20_000).fill(1) }], channels: Array(2000).fill(channel) };
    expect(refused(JSON.stringify(wide))).toMatch(
      new RegExp(`^channels\\[\\d+\\]\\.\\w+ makes more than ${MOST_PHASES}`),
    );
  });

  it('names that objects have are names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const text = JSON.stringify({
      name: '__proto__',
      actors: names.map((id) => ({ id, time: 1 })),
      channels: names.map((src, index) => ({ src, dst: names[(index + 1) % 4], prod: 1, cons: 1, tokens: 1 })),
    });
    const read = parseSdf(text);
    if (!read.ok) throw new Error(read.error.message);
    const { view } = analysisView(read.value.graphs[0]!);
    expect(Object.keys(view.repetition!)).toEqual(names);
    expect(view.throughput).toBe('1/1');
  });

  it('tokens and rates of a milliard are counted, not played', () => {
    const milliard = 1e9;
    const ring = (rate: number, tokens: number) => ({
      actors: [
        { id: 'a', time: 1 },
        { id: 'b', time: 1 },
      ],
      channels: [
        { src: 'a', dst: 'b', prod: rate, cons: rate, tokens: 0 },
        { src: 'b', dst: 'a', prod: rate, cons: rate, tokens },
      ],
    });
    const throughput = (file: unknown) => {
      const read = parseSdf(JSON.stringify(file));
      if (!read.ok) throw new Error(read.error.message);
      const { view, problem } = analysisView(read.value.graphs[0]!);
      return problem?.code ?? view.throughput;
    };
    expect(throughput(ring(1, milliard))).toBe('500000000/1');
    expect(throughput(ring(milliard, milliard))).toBe('1/2');
    expect(throughput(ring(milliard, milliard - 1))).toBe('0');
    const coprime = ring(milliard, 4 * milliard);
    coprime.channels[0]!.cons = milliard - 1;
    coprime.channels[1]!.prod = milliard - 1;
    expect(throughput(coprime)).toBe('sdf.too-large');
  });
});
