/** Every registered exporter on random models: a file or a reason, the same each time, the drawing untouched. */
import { describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { canonicalJson } from '#core/base/canonical.ts';
import { createRng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { type Exporter, exportWith } from '#core/technique/exporter.ts';
import { techniques } from '#core/technique/registry.ts';
import { attentionModel } from '../support/attention-model.ts';
import { randomModel } from '../support/random-model.ts';

const exporters: readonly Exporter[] = techniques.exporter;
const MODELS = 20;

describe.each(exporters.map((exporter) => ({ id: exporter.manifest.id, exporter })))('$id', ({ exporter }) => {
  const parameters = defaultParameters(exporter.manifest.parameters);
  const architecture = presetById('systolic-32x32')!.build('a');

  it(`conforms on ${MODELS} models`, () => {
    expect(exporter.extension).toMatch(/^\.[a-z0-9]+$/);
    for (let seed = 0; seed < MODELS; seed++) {
      const model = (seed % 2 === 0 ? randomModel : attentionModel)(createRng(seed));
      const before = canonicalJson(toFile(model));
      const write = () => exportWith(exporter, { model, architecture, parameters, files: {} });
      const made = write();
      expect(canonicalJson(toFile(model)), `seed ${seed}`).toBe(before);
      expect(write(), `seed ${seed}`).toEqual(made);
      if (!made.ok) {
        expect(made.error.message.length).toBeGreaterThan(0);
        continue;
      }
      const { name, mediaType, bytes, problems } = made.value;
      expect(name.endsWith(exporter.extension) && !/[/\\]/.test(name), name).toBe(true);
      expect(mediaType).toMatch(/^[a-z]+\/[\w.+-]+/);
      expect(bytes.length).toBeGreaterThan(0);
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  });

  it('answers for an empty drawing', () => {
    const model = emptyDocument('m', 'model', 'M');
    const made = exportWith(exporter, { model, architecture: null, parameters, files: {} });
    expect(made.ok || made.error.message.length > 0).toBe(true);
  });
});
