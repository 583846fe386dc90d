/** What every report ends with: how to repeat the run, what went in, the techniques, where each figure comes from. */
import type { Metric } from '#core/base/metric.ts';
import { formatExact } from '#core/base/quantity.ts';
import type { ParameterValue, ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import type { Block, Section } from './blocks.ts';

export function appendixOf(blocks: readonly Block[]): Section {
  const title = 'Appendix: inputs, versions, formulas';
  return { id: 'appendix', title, breakBefore: true, isFixed: true, blocks };
}

/** `inputs`: kind, title and SHA-256 of each. */
export function repeatBlocks(
  command: string,
  inputs: readonly (readonly [string, string, string])[],
): readonly Block[] {
  return [
    { kind: 'subheading', text: 'To repeat this run' },
    {
      kind: 'text',
      content: [
        'run.json is the JSON export of this run: its frozen inputs are inside. Equal inputs, techniques and version give an equal key and, byte for byte, an equal result.',
      ],
    },
    { kind: 'command', text: command },
    {
      kind: 'table',
      caption: 'Identity of what went in (SHA-256 of the canonical JSON).',
      columns: [{ title: 'Input' }, { title: 'Title' }, { title: 'SHA-256', wide: true }],
      rows: inputs,
    },
  ];
}

export interface UsedTechnique {
  readonly role: string;
  readonly title: string;
  readonly id: string;
  readonly version: string;
}

export function techniquesTable(techniques: readonly UsedTechnique[], appVersion: string): Block {
  return {
    kind: 'table',
    caption: 'Techniques and their versions.',
    columns: [{ title: 'Role' }, { title: 'Technique' }, { title: 'Id' }, { title: 'Version' }],
    rows: [
      ...techniques.map(({ role, title, id, version }) => [role, title, id, version]),
      ['application', 'Weft', 'weft', appVersion],
    ],
  };
}

/** Every digit: on paper there is nothing to hover over. */
function inputText({ name, value, unit }: Metric['provenance']['inputs'][number]): string {
  return `${name} = ${typeof value === 'number' ? formatExact(value, unit) : value}`;
}

export function figureSources(totals: readonly Metric[]): readonly Block[] {
  return [
    { kind: 'subheading', text: 'Where each figure comes from' },
    {
      kind: 'table',
      caption:
        'estimate: analytic · simulated: by the event simulator · proven: with a certificate · counted: exact recount · measured: from a file.',
      columns: [
        { title: 'Figure' },
        { title: 'Kind' },
        { title: 'Formula', wide: true },
        { title: 'Inputs' },
        { title: 'Source' },
        { title: 'Technique' },
      ],
      rows: totals.map(({ title, badge, provenance: from }) => [
        title,
        badge,
        from.formula,
        from.inputs.map(inputText).join('; ') || '–',
        from.source,
        `${from.technique.id} ${from.technique.version}`,
      ]),
    },
  ];
}

/** Parameters by title, values with their units; by id what the type has none of. */
export function parametersText(specs: readonly ParameterSpec[], values: ParameterValues): string {
  const known = new Map(specs.map((spec) => [spec.id, spec]));
  const parts = Object.entries(values).map(([id, value]) => {
    const spec = known.get(id);
    return spec ? `${spec.title} ${valueText(spec, value)}` : `${id} ${plainValue(value)}`;
  });
  return parts.join(' · ') || '–';
}

/** In words, with its unit. */
export function valueText(spec: ParameterSpec, value: ParameterValue): string {
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return typeof value === 'number' ? formatExact(value, spec.unit) : plainValue(value);
    case 'choice':
      return spec.choices.find((choice) => choice.value === value)?.title ?? plainValue(value);
    case 'boolean':
      return value === true ? 'yes' : 'no';
    case 'text':
    case 'integers':
      return plainValue(value);
  }
}

export function plainValue(value: ParameterValue): string {
  return typeof value === 'object' ? value.join(', ') : String(value);
}
