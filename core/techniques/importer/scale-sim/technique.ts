/** SCALE-Sim topologies as models, its configurations as architectures; the reading is core/interchange/scale-sim. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { configDocument } from '#core/interchange/scale-sim/architecture.ts';
import { parseConfig } from '#core/interchange/scale-sim/config.ts';
import { topologyDocument } from '#core/interchange/scale-sim/model.ts';
import { isTopologyHeader, LONGEST_TEXT, parseTopology } from '#core/interchange/scale-sim/topology.ts';
import { buildModel } from '#core/model/build.ts';
import { modelFacts } from '#core/model/facts.ts';
import type { ByteSource, ImportedModel, Importer, ImportOptions } from '#core/technique/importer.ts';

export const technique: Importer = {
  manifest: {
    id: 'importer/scale-sim',
    kind: 'importer',
    version: '1.0.0',
    title: 'SCALE-Sim',
    summary:
      'Opens SCALE-Sim topologies (CSV: convolutions, or M, N, K) as models and configurations as architectures.',
    maturity: 'stable',
    citations: [
      {
        text: 'Raj et al., SCALE-Sim v3: a modular cycle-accurate systolic accelerator simulator for end-to-end system analysis, ISPASS 2025',
        reference: 'arXiv:2504.15377',
      },
    ],
    parameters: [],
  },
  extensions: ['.csv', '.cfg'],
  match(name, head) {
    const text = new TextDecoder().decode(head);
    return isConfig(name)
      ? /^\s*\[\s*(general|architecture_presets)\s*\]/im.test(text)
      : isCsv(name) && isTopologyHeader(text);
  },
  open(source, options) {
    const text = textOf(source, options.file);
    if (!text.ok) return text;
    return isConfig(options.file) ? openConfig(text.value, options) : openTopology(text.value, options);
  },
};

const isCsv = (name: string) => name.toLowerCase().endsWith('.csv');
const isConfig = (name: string) => name.toLowerCase().endsWith('.cfg');

function textOf(source: ByteSource, file: string): Result<string, Problem> {
  if (source.size <= LONGEST_TEXT) return ok(new TextDecoder().decode(source.read(0, source.size)));
  const message = `line 1: the file is longer than ${LONGEST_TEXT} bytes`;
  return err(problem('scale-sim.too-large', message, { where: { file }, facts: { line: 1 } }));
}

function openTopology(text: string, { document, file }: ImportOptions): Result<ImportedModel, Problem> {
  const topology = parseTopology(text, file);
  if (!topology.ok) return topology;
  const title = file.replace(/^.*[/\\]/, '').replace(/\.csv$/i, '') || 'Topology';
  const model = topologyDocument(topology.value, document, title);
  const { graph } = buildModel(model);
  return ok({
    document: model,
    problems: topology.value.problems,
    facts: graph ? modelFacts(graph) : null,
    source: { format: 'SCALE-Sim topology', producer: '', opsets: {} },
  });
}

function openConfig(text: string, { document, file }: ImportOptions): Result<ImportedModel, Problem> {
  const config = parseConfig(text, file);
  if (!config.ok) return config;
  const drawn = configDocument(config.value, document, file);
  if (!drawn.ok) return drawn;
  return ok({
    document: drawn.value.document,
    problems: [...config.value.problems, ...drawn.value.problems],
    facts: null,
    source: { format: 'SCALE-Sim configuration', producer: '', opsets: {} },
  });
}
