/**
 * Drawings of the commonest machine: one off-chip channel, one bus, one DMA engine, one scratchpad and the units on it,
 * laid out left to right. Presets and importers of other tools' machines are drawn with it.
 */
import type { ParameterValues } from '#core/base/value.ts';
import { componentType } from '#core/catalog/components.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { Document, DocumentLink, DocumentNode } from '#core/document/document.ts';

type Row = readonly [id: string, type: string, name: string, column: number, row: number, parameters: ParameterValues];

/** Columns left to right: off chip, links, scratchpad, units. */
function architecture(
  title: string,
  rows: readonly Row[],
  wires: readonly (readonly [from: string, fromPort: string, to: string, toPort: string])[],
): (documentId: string) => Document {
  return (id) => ({
    id,
    kind: 'architecture',
    title,
    nodes: new Map(
      rows.map(([node, type, name, column, row, parameters]): [string, DocumentNode] => {
        const declared = componentType(type);
        if (!declared) throw new Error(`there is no component type ${type}`);
        return [
          node,
          {
            id: node,
            type,
            name,
            x: column * 260,
            y: row * 120,
            parent: null,
            parameters: { ...defaultParameters(declared.parameters), ...parameters },
          },
        ];
      }),
    ),
    links: new Map(
      wires.map(([from, fromPort, to, toPort], index): [string, DocumentLink] => [
        `l${index + 1}`,
        { id: `l${index + 1}`, from: { node: from, port: fromPort }, to: { node: to, port: toPort } },
      ]),
    ),
  });
}

export interface ChainParts {
  readonly channel: ParameterValues;
  readonly bus: ParameterValues;
  readonly dma: ParameterValues;
  readonly scratchpad: ParameterValues;
  readonly units: readonly (readonly [id: string, type: string, name: string, parameters: ParameterValues])[];
}

/** An array, with a vector unit and a special-function unit beside it so that whole models run. @param common of all three. */
export function arrayUnits(
  array: ParameterValues & { readonly rows: number; readonly columns: number },
  common: ParameterValues,
  name = 'Array',
): ChainParts['units'] {
  const { columns } = array;
  return [
    ['array', 'systolic-array', name, { ...array, ...common }],
    ['vector', 'vector-unit', 'Vector unit', { lanes: columns, ...common }],
    ['sfu', 'special-function-unit', 'Special functions', { lanes: Math.max(1, Math.floor(columns / 4)), ...common }],
  ];
}

/** One channel, one bus, one DMA, one scratchpad, and units on it; parameters not given are the catalog's defaults. */
export function chain(title: string, parts: ChainParts): (documentId: string) => Document {
  const middle = (parts.units.length - 1) / 2;
  return architecture(
    title,
    [
      ['dram', 'dram-channel', 'DRAM', 0, middle, parts.channel],
      ['bus', 'bus', 'Bus', 1, middle, parts.bus],
      ['dma', 'dma', 'DMA', 2, middle, parts.dma],
      ['spm', 'scratchpad', 'Scratchpad', 3, middle, parts.scratchpad],
      ...parts.units.map(([id, type, name, parameters], row): Row => [id, type, name, 4, row, parameters]),
    ],
    [
      ['dram', 'bus', 'bus', 'channels'],
      ['bus', 'engines', 'dma', 'bus'],
      ['dma', 'memory', 'spm', 'memory'],
      ...parts.units.map(([id]) => ['spm', 'units', id, 'operands'] as const),
    ],
  );
}
