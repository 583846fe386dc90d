/**
 * Every operator type through the ONNX exporter: random single-operator files are drawn, written as shapes and drawn again as
 * the same operators; what the standard has a node for, ONNX Runtime runs.
 */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { buildModel } from '#core/model/build.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique as exporter } from '#core/techniques/exporter/onnx/technique.ts';
import { technique as importer } from '#core/techniques/importer/onnx/technique.ts';
import { cases } from '../support/cases.ts';
import { CaseBuilder } from '../support/onnx-cases.ts';
import { GENERATORS } from '../support/onnx-operator-cases.ts';
import { runOnnx } from '../support/onnxruntime.ts';

const CASES = cases(8, 80);

function read(bytes: Uint8Array) {
  const made = importer.open(bytesSource(bytes), { document: 'd', file: 'm.onnx' });
  if (!made.ok) throw new Error(made.error.message);
  return made.value.document;
}

const summary = (graph: ModelGraph) =>
  graph.operators
    .map(({ type, outputs, macs }) => {
      const types = outputs.map((index) => graph.tensors[index]!.type);
      return `${type.id} ${types.map(({ shape, elementType }) => `${shape.join('x')}:${elementType}`).join(', ')} ${macs}`;
    })
    .sort();

describe.each(GENERATORS.map((each) => [each.title, each] as const))('%s', (title, generator) => {
  it('comes back the same, and runs', async () => {
    const rng = createRng(title.length);
    let same = 0;
    for (let i = 0; i < CASES; i++) {
      const c = new CaseBuilder(rng);
      generator.make(c);
      const document = read(c.file());
      const { graph } = buildModel(document);
      if (!graph) throw new Error(`${title} ${i} is not drawn`);
      const made = exporter.export({ model: document, architecture: null, parameters: {}, files: {} });
      if (!made.ok) throw new Error(made.error.message);
      const back = buildModel(read(made.value.bytes)).graph!;
      const shapes = (of: ModelGraph) =>
        of.tensors.filter(({ kind }) => kind === 'output').map(({ type }) => type.shape);
      expect(shapes(back), `${title} ${i}`).toEqual(shapes(graph));
      if (made.value.problems.some(({ code }) => code === 'onnx-export.not-standard')) continue;
      expect(back.operators.reduce((sum, { macs }) => sum + macs, 0)).toBe(
        graph.operators.reduce((sum, { macs }) => sum + macs, 0),
      );
      expect(summary(back), `${title} ${i}`).toEqual(summary(graph));
      await runOnnx(made.value.bytes, c.inputs);
      same++;
    }
    // A few forms have no node in the standard; no operator has none at all.
    expect(same).toBeGreaterThan(CASES / 2);
  });
});
