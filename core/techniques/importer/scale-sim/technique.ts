/** SCALE-Sim topologies as models: each layer an operator with an input and an output of its own. */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { topologyDocument } from '#core/interchange/scale-sim/model.ts';
import { isTopologyHeader, LONGEST_TEXT, parseTopology } from '#core/interchange/scale-sim/topology.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import type { Importer } from '#core/technique/importer.ts';

export const technique: Importer = {
  manifest: {
    id: 'importer/scale-sim',
    kind: 'importer',
    version: '1.0.0',
    title: 'SCALE-Sim topology',
    summary: 'Opens SCALE-Sim topology CSV, convolutions or M, N, K.',
    maturity: 'stable',
    citations: [
      {
        text: 'Raj et al., SCALE-Sim v3: a modular cycle-accurate systolic accelerator simulator for end-to-end system analysis, ISPASS 2025',
        reference: 'arXiv:2504.15377',
      },
    ],
    parameters: [],
  },
  extensions: ['.csv'],
  match: (name, head) => name.toLowerCase().endsWith('.csv') && isTopologyHeader(new TextDecoder().decode(head)),
  open(source, options) {
    if (source.size > LONGEST_TEXT) {
      const message = `line 1: the file is longer than ${LONGEST_TEXT} bytes`;
      return err(problem('scale-sim.topology', message, { where: { file: options.file }, facts: { line: 1 } }));
    }
    const topology = parseTopology(new TextDecoder().decode(source.read(0, source.size)), options.file);
    if (!topology.ok) return topology;
    const title = options.file.replace(/^.*[/\\]/, '').replace(/\.csv$/i, '') || 'Topology';
    const document = topologyDocument(topology.value, options.document, title);
    const { graph } = buildModel(document);
    return ok({
      document,
      problems: topology.value.problems,
      facts: graph ? modelFacts(graph) : null,
      source: { format: 'SCALE-Sim topology', producer: '', opsets: {} },
    });
  },
};
