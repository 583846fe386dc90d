/** The shipped examples: drawn as make.ts says, counted as published, and run end to end with every account balanced. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '#core/base/canonical.ts';
import { decodeColumn } from '#core/base/columns.ts';
import { uncontrolled } from '#core/base/control.ts';
import { fromFile } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunInputs, RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { examples } from '#projects/examples/make.ts';
import { formatDocument, loadTextProject } from '#projects/text.ts';

const folder = resolve(import.meta.dirname, '../../projects/examples');
let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

function inputsOf(slug: string, settings: Partial<RunSettings> = {}): RunInputs {
  const loaded = loadTextProject(resolve(folder, slug));
  if (!loaded.ok) throw new Error(loaded.error.message);
  const [model, architecture] = loaded.value.documents;
  return { model: model!, architecture: architecture!, settings: { ...DEFAULT_SETTINGS, ...settings } };
}

function run(inputs: RunInputs): RunResult {
  const ran = runPipeline(inputs, { mip, control: uncontrolled, appVersion: 'test' });
  if (!ran.ok) throw new Error(`${ran.error.code}: ${ran.error.message}`);
  return ran.value;
}

const total = (result: RunResult, id: string) => result.totals.find((metric) => metric.id === id)!.value;

describe.each(examples())('$slug', ({ slug, project }) => {
  it('is what make.ts draws, and has a README', () => {
    const loaded = loadTextProject(resolve(folder, slug));
    if (!loaded.ok) throw new Error(loaded.error.message);
    expect(loaded.value.documents.map(formatDocument)).toEqual(project.documents.map(formatDocument));
    expect(loaded.value).toMatchObject({ title: project.title, summary: project.summary });
    expect(readFileSync(resolve(folder, slug, 'README.md'), 'utf8')).toMatch(/^# /);
  });
});

const models = examples().filter(({ project }) => project.documents.some(({ kind }) => kind === 'model'));

describe.each(models)('$slug', ({ slug }) => {
  it('runs, and every account balances', () => {
    const result = run(inputsOf(slug));
    const sum = (pick: (row: RunResult['operators'][number]) => number) =>
      result.operators.reduce((all, row) => all + pick(row), 0);
    expect(sum((row) => row.compulsoryBytes)).toBe(total(result, 'offchip.compulsory'));
    expect(sum((row) => row.spillBytes)).toBe(result.schedule.answer.objective);
    expect(sum((row) => row.refetchBytes)).toBe(total(result, 'offchip.refetch'));
    expect(sum((row) => row.macs)).toBe(result.facts.macs);
    expect(sum((row) => row.energy)).toBeCloseTo(total(result, 'energy.total'), 12);
    expect(total(result, 'offchip.bytes')).toBe(
      total(result, 'offchip.compulsory') + total(result, 'offchip.noncompulsory'),
    );
    // Never faster than the roofline, never busier than time.
    expect(total(result, 'time.cycles')).toBeGreaterThanOrEqual(total(result, 'time.light'));
    for (const row of result.operators) {
      expect(row.utilisation).toBeLessThanOrEqual(1);
      expect(row.endCycle).toBeLessThanOrEqual(result.timeline.makespanCycles);
    }
    const [lane, start, end] = [result.timeline.lane, result.timeline.start, result.timeline.end].map(decodeColumn);
    for (let i = 1; i < lane!.length; i++)
      if (lane![i] === lane![i - 1]) expect(start![i]).toBeGreaterThanOrEqual(end![i - 1]!);
  });

  it('P-13 the same inputs give the same bytes', () => {
    expect(canonicalJson(run(inputsOf(slug)))).toBe(canonicalJson(run(inputsOf(slug))));
  });

  it('traffic never rises with the scratchpad, and is compulsory alone when all fits', () => {
    let before = Number.POSITIVE_INFINITY;
    for (const scratchpadBytes of [64 * 1024, 512 * 1024, 8 * 2 ** 20, 64 * 2 ** 20]) {
      const { objective } = run(inputsOf(slug, { scratchpadBytes })).schedule.answer;
      expect(objective).toBeLessThanOrEqual(before);
      before = objective;
    }
    expect(before).toBe(0);
  });
});

describe('counts as published', () => {
  const factsOf = (slug: string) => {
    const { graph } = buildModel(fromFile(inputsOf(slug).model));
    if (graph === null) throw new Error('the example does not validate');
    return modelFacts(graph);
  };
  it('MobileNetV1: 569 million mult-adds, 4.2 million parameters (Howard et al., arXiv 1704.04861, table 4)', () => {
    const { macs, parameters } = factsOf('mobilenet-v1');
    expect(macs / 1e6).toBeCloseTo(569, 0);
    expect(parameters / 1e6).toBeCloseTo(4.2, 1);
  });

  it('BERT-base encoder: 85 million parameters (110 million of Devlin et al. less embeddings and pooler)', () => {
    const { macs, parameters } = factsOf('bert-base');
    // 12 × (4 × 768² + 2 × 768 × 3072 weights, 9 × 768 + 3072 biases and norms): closed form.
    expect(parameters).toBe(12 * (4 * 768 * 768 + 2 * 768 * 3072 + 4 * 768 + 3072 + 768 + 4 * 768));
    // Products of 128 tokens with every weight, and two products of 128 × 128 × 768 a layer.
    expect(macs).toBe(12 * (128 * (4 * 768 * 768 + 2 * 768 * 3072) + 2 * 128 * 128 * 768));
  });

  it('MLP: its weights and biases', () => {
    const { macs, parameters } = factsOf('mlp-two-cores');
    expect(macs).toBe(256 * 1024 + 1024 * 2048 + 2048 * 256);
    expect(parameters).toBe(macs + 1024 + 2048 + 256);
  });
});
