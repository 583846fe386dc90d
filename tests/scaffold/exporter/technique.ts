/** A model's operators as a table: name, type and multiply-accumulates. */
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import { buildModel } from '#core/model/build.ts';
import { type Exporter, fileStem } from '#core/technique/exporter.ts';

export const technique: Exporter = {
  manifest: {
    id: 'exporter/example',
    kind: 'exporter',
    version: '0.1.0',
    title: 'Example',
    summary: 'Writes the operators of a model as a table (CSV).',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  extension: '.csv',
  inputs: [],
  export({ model }) {
    const { graph, problems } = buildModel(model);
    const fault = problems.find(({ severity }) => severity === 'error');
    if (!graph) return err(fault ?? problem('example.model', 'The model is not whole'));
    const rows = graph.operators.map(({ name, type, macs }) => `"${name.replaceAll('"', '""')}",${type.id},${macs}`);
    const text = `${['name,type,macs', ...rows].join('\n')}\n`;
    const name = `${fileStem(model.title)}.csv`;
    return ok({ name, mediaType: 'text/csv', bytes: new TextEncoder().encode(text), problems: [] });
  },
};
