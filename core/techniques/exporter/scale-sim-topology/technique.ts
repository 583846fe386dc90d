/** A model's convolutions and matrix products as a SCALE-Sim topology; the writing is core/interchange/scale-sim. */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { modelTopology } from '#core/interchange/scale-sim/model.ts';
import { buildModel } from '#core/model/build.ts';
import { type Exporter, fileStem } from '#core/technique/exporter.ts';

export const technique: Exporter = {
  manifest: {
    id: 'exporter/scale-sim-topology',
    kind: 'exporter',
    version: '1.0.0',
    title: 'SCALE-Sim topology',
    summary: 'The model’s convolutions and matrix products as a SCALE-Sim topology (CSV).',
    maturity: 'stable',
    citations: [{ text: 'SCALE-Sim v3.0.0, topology_utils', reference: 'github.com/scalesim-project/SCALE-Sim' }],
    parameters: [],
  },
  extension: '.csv',
  inputs: [],
  export({ model }) {
    const built = buildModel(model);
    if (!built.graph) {
      const fault = built.problems.find(({ severity }) => severity === 'error');
      return err(fault ?? problem('scale-sim.nothing', 'The model is not whole', { where: { document: model.id } }));
    }
    const name = `${fileStem(model.title)}.csv`;
    const written = modelTopology(built.graph, name);
    if (!written.ok) return written;
    const { text, problems } = written.value;
    return ok({ name, mediaType: 'text/csv', bytes: new TextEncoder().encode(text), problems });
  },
};
