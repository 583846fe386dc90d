/** Damaged files: whatever a byte says, reading weights gives numbers or a problem; nothing is thrown. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { elementCount } from '#core/catalog/operator-type.ts';
import { buildModel } from '#core/model/build.ts';
import { evaluateModel } from '#core/reference/evaluate.ts';
import { readStored } from '#core/reference/read.ts';
import { randomSource, valueSourceOf } from '#core/reference/source.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/onnx/technique.ts';
import { cases } from '../support/cases.ts';
import { CaseBuilder } from '../support/onnx-cases.ts';
import { GENERATORS } from '../support/onnx-operator-cases.ts';

const MUTATIONS = cases(1200, 20_000);
/** Damage makes large shapes of small ones; these are left out. */
const SMALL = 1_000_000;
const MACS = 10_000_000;

it(`${MUTATIONS} damaged single-operator models`, () => {
  let [read, refused, evaluated] = [0, 0, 0];
  for (let i = 0; i < MUTATIONS; i++) {
    const rng = createRng(i);
    const built = new CaseBuilder(rng);
    GENERATORS[i % GENERATORS.length]!.make(built);
    const file = built.file();
    for (let hit = rng.below(4); hit >= 0; hit--) file[rng.below(file.length)] = rng.below(256);
    const source = bytesSource(rng.below(8) === 0 ? file.subarray(0, rng.below(file.length)) : file);
    const opened = technique.open(source, { document: 'm', file: 'damaged.onnx' });
    if (!opened.ok) continue;
    const weights = opened.value.weights!;
    for (const stored of weights.tensors) {
      if (elementCount(stored.type.shape) > SMALL) continue;
      const made = readStored(stored, source);
      if (made.ok) {
        read++;
        expect(made.value.data.length).toBe(elementCount(stored.type.shape));
      } else {
        refused++;
        expect(made.error.code).toMatch(/^(weights|reference)\./);
      }
    }
    const { graph } = buildModel(opened.value.document);
    if (!graph || graph.tensors.some(({ type }) => elementCount(type.shape) > SMALL)) continue;
    if (graph.operators.reduce((sum, { macs }) => sum + macs, 0) > MACS) continue;
    const inputs = new Map(
      graph.tensors.flatMap(({ index, kind }) =>
        kind === 'input' ? [[index, randomSource(graph, i).tensor(index)] as const] : [],
      ),
    );
    const values = valueSourceOf(graph, weights, source, { inputs });
    if (!values.ok) continue;
    const ran = evaluateModel(graph, values.value);
    if (ran.ok) evaluated++;
    else expect(ran.error.code).toMatch(/^(weights|reference)\./);
  }
  // Most damage hits names and numbers, not the structure.
  expect(read).toBeGreaterThan(MUTATIONS / 4);
  expect(refused).toBeGreaterThan(0);
  expect(evaluated).toBeGreaterThan(MUTATIONS / 10);
});
