import { beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { type Document, toFile } from '#core/document/document.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/onnx/technique.ts';
import { writeModel } from '#core/techniques/importer/onnx/writer.ts';
import { examples } from '#projects/examples/make.ts';
import { MUTATIONS, mutated } from '../../tests/support/mutations.ts';
import { certificateFinding, certificateOf } from './certificate.ts';
import { numbersOf, numbersText } from './numbers.ts';
import { type ProgramRun, programRun } from './program-run.ts';
import type { RunCertificate, RunInputs, WeightsIdentity } from './result.ts';
import { DEFAULT_SETTINGS, RUN_PARAMETERS, type RunSettings, runSetting, withRunSetting } from './settings.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const settings: RunSettings = { ...DEFAULT_SETTINGS, format: 'model' };
function inputsOf(model: Document, preset = 'gemmini-16x16'): RunInputs {
  return { model: toFile(model), architecture: toFile(presetById(preset)!.build('a')), settings };
}
function ran(inputs: RunInputs): ProgramRun {
  const made = programRun(inputs, { mip, control: uncontrolled });
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}
function played(certificate: RunCertificate) {
  if ('skipped' in certificate) throw new Error(certificate.skipped);
  return certificate;
}

/** y = relu(x · w) + b with w and b in the file. */
const FILE = writeModel({
  graph: {
    nodes: [
      { operator: 'MatMul', name: 'product', inputs: ['x', 'w'], outputs: ['p'] },
      { operator: 'Relu', name: 'positive', inputs: ['p'], outputs: ['r'] },
      { operator: 'MatMul', name: 'second', inputs: ['r', 'v'], outputs: ['y'] },
    ],
    initializers: [
      { name: 'w', dims: [20, 30], dataType: 1, floats: Array.from({ length: 600 }, (_, i) => (i % 17) / 17 - 0.5) },
      { name: 'v', dims: [30, 40], dataType: 1, floats: Array.from({ length: 1200 }, (_, i) => (i % 13) / 13 - 0.5) },
    ],
    inputs: [{ name: 'x', shape: [8, 20] }],
    outputs: [{ name: 'y' }],
  },
});
const IDENTITY: WeightsIdentity = { name: 'two.onnx', bytes: FILE.length, sha256: '0'.repeat(64) };
const weights = { identity: IDENTITY, source: bytesSource(FILE) };

function imported(): Document {
  const opened = technique.open(bytesSource(FILE), { document: 'm', file: 'two.onnx' });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value.document;
}

/** The document with another number of columns in one of its products. */
function edited(document: Document, name: string): Document {
  const nodes = new Map(document.nodes);
  for (const [id, node] of nodes) {
    if (node.name !== name) continue;
    const parameters = Object.fromEntries(
      Object.entries(node.parameters).map(([key, value]) => [key, value === 40 ? 48 : value]),
    );
    expect(parameters).not.toEqual(node.parameters);
    nodes.set(id, { ...node, parameters });
  }
  return { ...document, nodes };
}

describe('the certificate of a run', () => {
  it('is made with the weights of the file, bound by node; an edited operator has random ones and that is said', () => {
    const run = ran(inputsOf(imported()));
    const whole = played(certificateOf({ run, settings, weights, control: uncontrolled }));
    expect(whole).toMatchObject({ isVerified: true, numbers: { file: 'two.onnx', owners: 2, random: 0, seed: 1 } });
    const again = ran(inputsOf(edited(imported(), 'second')));
    const partly = played(certificateOf({ run: again, settings, weights, control: uncontrolled }));
    expect(partly).toMatchObject({ isVerified: true, elements: 384, numbers: { owners: 2, random: 1 } });
    expect(partly.statement).toMatch(/those of two\.onnx except for 1 of 2 operators/);
    // The operator that was left alone still has the file's numbers.
    const numbers = numbersOf(again.model, weights, 1);
    const operator = again.model.operators.find(({ name }) => name === 'product')!;
    expect(numbers.ok && [...numbers.value.source.weight(operator.index, 'weight').data.slice(0, 3)]).toEqual(
      [0, 1, 2].map((i) => Math.fround(i / 17 - 0.5)),
    );
  });

  it('of a file that is cut off takes what is there; of one that is none it is skipped', () => {
    const run = ran(inputsOf(imported()));
    const other = { identity: IDENTITY, source: bytesSource(new TextEncoder().encode('hello')) };
    const skipped = certificateOf({ run, settings, weights: other, control: uncontrolled });
    expect('skipped' in skipped && skipped.skipped).toMatch(/\.$/);
    const text = { ...weights, identity: { ...IDENTITY, name: 'a.txt' }, source: bytesSource(new Uint8Array(9)) };
    expect(numbersOf(run.model, text, 1)).toMatchObject({ error: { code: 'weights.none' } });
  });

  it('that fails names the first wrong element, and is an error among the findings at the operator', () => {
    const run = ran(inputsOf(imported()));
    let failed = 0;
    for (const [seed, kind] of MUTATIONS.entries()) {
      const program = mutated(run.program, kind, createRng(seed));
      if (!program) continue;
      const wrong = { ...run, program };
      const certificate = played(certificateOf({ run: wrong, settings, weights, control: uncontrolled }));
      expect(JSON.parse(JSON.stringify(certificate))).toEqual(certificate);
      const [finding] = certificateFinding(certificate, wrong);
      if (certificate.isVerified) {
        expect(finding).toBeUndefined();
        continue;
      }
      failed++;
      expect(certificate.statement).toMatch(/^Not verified/);
      expect(finding).toMatchObject({ code: 'certificate.wrong', severity: 'error' });
      expect(finding?.message).toContain(certificate.fault?.problem.message);
      const node = finding?.where.node;
      if (node !== undefined) expect(run.compiled.graph.operators.some(({ nodes }) => nodes.includes(node))).toBe(true);
    }
    expect(failed).toBeGreaterThan(3);
  });

  it('is skipped, and says why: not asked, too long unasked, stopped', () => {
    const mobilenet = examples().find(({ slug }) => slug === 'mobilenet-v1')!.project.documents;
    const [model, architecture] = mobilenet as [RunInputs['model'], RunInputs['architecture']];
    const run = ran({ model, architecture, settings });
    const of = (more: Partial<RunSettings>, control = uncontrolled, which = run) => {
      const made = certificateOf({ run: which, settings: { ...settings, ...more }, weights: null, control });
      return 'skipped' in made ? made.skipped : 'played';
    };
    expect(of({ values: 'never' })).toMatch(/not asked/);
    expect(of({})).toMatch(/about [\d.]+ times the work/);
    const stopped = { report: () => {}, cancelled: () => true };
    expect(of({ values: 'always' }, stopped)).toMatch(/stopped/);
    expect(of({ values: 'always' }, uncontrolled, { ...run, stoppedEarly: true })).toMatch(/stopped/);
  });

  it('says in a sentence where its numbers came from', () => {
    const from = { file: null, owners: 0, random: 0, seed: 4 };
    expect(numbersText(from)).toBe('Inputs are random from seed 4.');
    expect(numbersText({ ...from, owners: 2, random: 2 })).toBe('Weights and inputs are random from seed 4.');
    expect(numbersText({ ...from, file: 'f', owners: 2 })).toBe(
      'Weights are those of f; inputs are random from seed 4.',
    );
  });
});

describe('settings', () => {
  it('are read and set by their declarations; defaults leave no trace', () => {
    const spec = (id: string) => RUN_PARAMETERS.find((each) => each.id === id)!;
    for (const each of RUN_PARAMETERS) expect(runSetting(DEFAULT_SETTINGS, each)).toEqual(each.default);
    const changed = { format: 'fp16', objective: 'off-chip', split: false, values: 'always', seed: 9 } as const;
    let settings = DEFAULT_SETTINGS;
    for (const [id, value] of Object.entries(changed)) settings = withRunSetting(settings, spec(id), value);
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, ...changed });
    for (const each of RUN_PARAMETERS) expect(withRunSetting(settings, each, 'no such value')).toBe(settings);
    for (const each of RUN_PARAMETERS) settings = withRunSetting(settings, each, each.default);
    expect(settings).toEqual(DEFAULT_SETTINGS);
  });
});
