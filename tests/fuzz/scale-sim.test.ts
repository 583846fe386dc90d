/**
 * SCALE-Sim's two files mutated: characters changed, lines cut, doubled and joined, numbers inflated. Whatever comes, the
 * parsers return, and an error says the line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '#core/base/problem.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { configuredArray, parseConfig } from '#core/interchange/scale-sim/config.ts';
import { layerWorkload, parseTopology } from '#core/interchange/scale-sim/topology.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique as bandwidthBound } from '#core/techniques/array-model/bandwidth-bound/technique.ts';
import { technique as scaleSim } from '#core/techniques/array-model/scalesim-v3/technique.ts';
import { technique as importer } from '#core/techniques/importer/scale-sim/technique.ts';
import { cases } from '../support/cases.ts';
import { sharedPath } from '../support/shared.ts';

const MUTATIONS = cases(1000, 100_000);

function shared(folder: string): readonly string[] {
  const path = sharedPath(`data/scalesim/${folder}`);
  return path === null ? [] : readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8'));
}

const topologies = [
  'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\r\nConv1,224,224,11,11,3,96,4,\r\nC_DP,9,9,3,3,8,1,1,2:4,\r\n',
  'Layer,M,N,K,\na,32,32,32,\n\nb,1,4096,4096,\n',
  ...shared('topologies'),
];
const configs = [
  '[general]\nrun_name = x\n[architecture_presets]\nArrayHeight: 32\nArrayWidth: 16\nIfmapSramSzkB: 64\nFilterSramSzkB: 64\nOfmapSramSzkB: 64\nBandwidth: 10,10,10\nDataflow: is\n[run_presets]\nInterfaceBandwidth: USER\n',
  ...shared('configs'),
];

const CHARACTERS = [
  ',',
  ':',
  '=',
  '[',
  ']',
  '-',
  '0',
  '9',
  '.',
  'e',
  '\n',
  '\r',
  ' ',
  '#',
  '"',
  'é',
  '\0',
  '\uFFFD',
  'M',
];
type Mutation = (from: string, rng: Rng) => string;
const at = (text: string, rng: Rng) => rng.below(text.length + 1);
const lined =
  (change: (lines: string[], rng: Rng) => void): Mutation =>
  (from, rng) => {
    const lines = from.split('\n');
    change(lines, rng);
    return lines.join('\n');
  };
const MUTATE: readonly Mutation[] = [
  (from, rng) => {
    const place = at(from, rng);
    return from.slice(0, place) + CHARACTERS[rng.below(CHARACTERS.length)]! + from.slice(place + rng.below(3));
  },
  (from, rng) => from.slice(0, at(from, rng)),
  (from, rng) => from.slice(at(from, rng)),
  (from, rng) => from.replace(/\d+/g, (number) => (rng.below(6) === 0 ? number + '9'.repeat(rng.below(12)) : number)),
  (from, rng) =>
    from.replace(/\d+/g, (number) =>
      rng.below(6) === 0 ? ['0', '-1', '1.5', '1e9', 'NaN', ''][rng.below(6)]! : number,
    ),
  lined((lines, rng) => lines.splice(rng.below(lines.length), 1 + rng.below(3))),
  lined((lines, rng) => lines.splice(rng.below(lines.length), 0, ...lines.slice(0, rng.below(lines.length)))),
  lined((lines, rng) => lines.splice(rng.below(lines.length), 1, lines[rng.below(lines.length)] ?? '')),
  (from, rng) => from.replaceAll('\n', rng.below(2) === 0 ? '' : '\r'),
];

function mutated(seeds: readonly string[], rng: Rng): string {
  let text = MUTATE[rng.below(MUTATE.length)]!(seeds[rng.below(seeds.length)]!, rng);
  while (rng.next() < 0.3 && text.length < 1_000_000) text = MUTATE[rng.below(MUTATE.length)]!(text, rng);
  return text;
}

function checkError(error: Problem, text: string, file: string): void {
  expect(error.where.file).toBe(file);
  const line = Number(error.facts.line);
  expect(line, text).toBeGreaterThanOrEqual(1);
  expect(line, text).toBeLessThanOrEqual(text.split(/\r\n|\n|\r/).length);
  expect(error.message).toMatch(/^line \d+: /);
}

describe('P-17 SCALE-Sim files', () => {
  it(`${MUTATIONS} topologies: a Problem with its line or layers that can be costed`, { timeout: 600_000 }, () => {
    const rng = createRng(41);
    const array = parseConfig(configs[0]!, 'c.cfg');
    if (!array.ok) throw new Error(array.error.message);
    let opened = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const text = mutated(topologies, rng);
      const parsed = parseTopology(text, 'fuzz.csv');
      if (parsed.ok) {
        opened++;
        for (const layer of parsed.value.layers)
          for (const model of [scaleSim, bandwidthBound]) {
            const { cycles } = model.estimate(layerWorkload(layer), configuredArray(array.value), {});
            expect(cycles, text).toBeGreaterThan(0);
          }
      } else checkError(parsed.error, text, 'fuzz.csv');
    }
    expect(opened).toBeGreaterThan(MUTATIONS / 20);
    expect(opened).toBeLessThan(MUTATIONS);
  });

  it(`${MUTATIONS} configurations: a Problem with its line or an array`, { timeout: 600_000 }, () => {
    const rng = createRng(42);
    let opened = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const text = mutated(configs, rng);
      const parsed = parseConfig(text, 'fuzz.cfg');
      if (!parsed.ok) {
        checkError(parsed.error, text, 'fuzz.cfg');
        continue;
      }
      opened++;
      const array = configuredArray(parsed.value);
      expect(scaleSim.estimate({ groups: 1, m: 33, n: 5, k: 70 }, array, {}).cycles).toBeGreaterThan(0);
    }
    expect(opened).toBeGreaterThan(MUTATIONS / 20);
    expect(opened).toBeLessThan(MUTATIONS);
  });

  it(`${MUTATIONS} files through the importer: nothing thrown`, { timeout: 600_000 }, () => {
    const rng = createRng(43);
    for (let i = 0; i < MUTATIONS; i++) {
      const isConfig = rng.below(2) === 0;
      const file = isConfig ? 'fuzz.cfg' : 'fuzz.csv';
      const bytes = new TextEncoder().encode(mutated(isConfig ? configs : topologies, rng));
      importer.match(file, bytes.subarray(0, 4096));
      const opened = importer.open(bytesSource(bytes), { document: 'd', file });
      if (!opened.ok) expect(opened.error.where.file).toBe(file);
    }
  });
});
