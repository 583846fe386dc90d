/** The part of a report from which the run can be repeated and each figure traced: settings, inputs, techniques, formulas. */
import { contentHash } from '#core/base/canonical.ts';
import { componentType } from '#core/catalog/components.ts';
import type { RunInputs, RunResult } from '#core/run/result.ts';
import { RUN_PARAMETERS, type RunSettings, runSetting } from '#core/run/settings.ts';
import { programBlocks } from './account-blocks.ts';
import type { Block, Inline, Section } from './blocks.ts';
import {
  appendixOf,
  figureSources,
  parametersText,
  plainValue,
  repeatBlocks,
  techniquesTable,
  valueText,
} from './provenance.ts';

/** Nodes of the model listed with their parameters; the JSON of the run always holds all of them. */
const LISTED_NODES = 400;

export function appendix(result: RunResult): Section {
  const { model, architecture, settings, weights } = result.inputs;
  return appendixOf([
    ...repeatBlocks(replayCommand(result.inputs), [
      ['Model', model.title, contentHash(model)],
      ['Architecture', architecture.title, contentHash(architecture)],
      ['Settings', '', contentHash(settings)],
      ...(weights ? [[`Weights, ${weights.bytes} B`, weights.name, weights.sha256] as const] : []),
      ['Run key', result.title, result.key],
    ]),
    settingsTable(settings),
    techniquesTable(result.techniques, result.appVersion),
    tensorTable(result),
    {
      kind: 'table',
      caption: `The components of ${architecture.title}.`,
      columns: [{ title: 'Component' }, { title: 'Type' }, { title: 'Parameters', wide: true }],
      rows: architecture.nodes.map((node) => [
        node.name || node.id,
        componentType(node.type)?.title ?? node.type,
        parametersText(componentType(node.type)?.parameters ?? [], node.parameters),
      ]),
    },
    modelTable(result),
    ...provenance(result),
    ...programBlocks(result),
  ]);
}

function settingsTable(settings: RunSettings): Block {
  return {
    kind: 'table',
    caption: 'Settings of the run.',
    columns: [{ title: 'Setting' }, { title: 'Value' }, { title: 'Meaning', wide: true }],
    rows: [
      ...RUN_PARAMETERS.map((spec) => [spec.title, valueText(spec, runSetting(settings, spec)), spec.help]),
      [
        'Scratchpad capacity',
        settings.scratchpadBytes === null ? 'as drawn' : { value: settings.scratchpadBytes, unit: 'B', exact: true },
        'Bytes on chip the schedule may use.',
      ],
      ['Scheduler', settings.scheduler.id, 'Technique that orders the operators and places the tensors.'],
      ...Object.entries(settings.scheduler.parameters).map(([id, value]): readonly Inline[] => [
        `Scheduler: ${id}`,
        plainValue(value),
        '',
      ]),
    ],
  };
}

function tensorTable({ facts }: RunResult): Block {
  const row = (side: string, { name, shape, elementType }: RunResult['facts']['inputs'][number]) => [
    side,
    name,
    shape.join(' × ') || 'scalar',
    elementType,
  ];
  return {
    kind: 'table',
    caption: 'Inputs and outputs of the model.',
    columns: [{ title: 'Side' }, { title: 'Tensor' }, { title: 'Shape' }, { title: 'Element type' }],
    rows: [
      ...facts.inputs.map((tensor) => row('input', tensor)),
      ...facts.outputs.map((tensor) => row('output', tensor)),
    ],
  };
}

function modelTable({ inputs: { model } }: RunResult): Block {
  const listed = model.nodes.slice(0, LISTED_NODES);
  const rest = model.nodes.length - listed.length;
  return {
    kind: 'table',
    caption:
      rest === 0
        ? `The nodes of ${model.title}.`
        : `The first ${listed.length} nodes of ${model.title}; the JSON of this run holds the other ${rest} too.`,
    columns: [{ title: 'Node' }, { title: 'Type' }, { title: 'Parameters', wide: true }],
    rows: listed.map((node) => [node.name || node.id, node.type, parametersText([], node.parameters)]),
  };
}

function provenance(result: RunResult): readonly Block[] {
  return [
    ...figureSources(result.totals),
    {
      kind: 'table',
      caption: 'The columns of the table of operators.',
      columns: [{ title: 'Column' }, { title: 'Kind' }, { title: 'Formula', wide: true }, { title: 'Source' }],
      rows: result.columns.map(({ title, badge, formula, source }) => [title, badge, formula, source]),
    },
  ];
}

/** The command line that makes the same run again: the JSON export holds its frozen inputs, but for weights. */
export function replayCommand({ weights }: Pick<RunInputs, 'weights'>): string {
  return weights ? 'weft replay run.json --weights FILE' : 'weft replay run.json';
}
