/**
 * SimulationResult → report: title block with what the board measured, both drawings, totals, where each task's time
 * goes, streams and channels, the designs considered, what would help, findings, and an appendix to repeat it from.
 */
import { contentHash } from '#core/base/canonical.ts';
import { componentType } from '#core/catalog/components.ts';
import { type DocumentFile, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { SIMULATION_PARAMETERS, type SimulationSettings, simulationSetting } from '#core/run/fabric/settings.ts';
import { type Block, type Inline, type Legend, nodeNames, type Report, type Section, section } from '../blocks.ts';
import { drawGraph } from '../figures/drawing.ts';
import { legendOf } from '../legend.ts';
import type { Hue } from '../palette.ts';
import { appendixOf, figureSources, parametersText, repeatBlocks, techniquesTable, valueText } from '../provenance.ts';
import { toSimulationData } from './data.ts';
import { MODE_TITLES, searchText } from './words.ts';

export function buildSimulationReport(result: SimulationResult): Report {
  return {
    title: result.title,
    front: [titleBlock(result), { kind: 'metrics', metrics: result.totals }],
    sections: [
      ...some('measured', 'Measured and simulated', measured(result)),
      section('drawings', 'Task graph and fabric', drawings(result)),
      ...some('stages', 'Stages', stages(result)),
      section('tasks', 'Where time goes', tasks(result)),
      ...some('streams', 'Streams', streams(result)),
      ...some('off-chip', 'Off-chip channels', channels(result)),
      ...some('designs', 'Designs considered', designs(result)),
      ...some('levers', 'What would help', levers(result)),
      section('findings', 'Findings', [
        {
          kind: 'problems',
          problems: result.findings,
          names: nodeNames(result.inputs.tasks, result.inputs.fabric),
          empty: 'Nothing stood out.',
        },
      ]),
      appendix(result),
    ],
  };
}

/** A section, where there is something to say. */
function some(id: string, title: string, blocks: readonly Block[]): readonly Section[] {
  return blocks.length === 0 ? [] : [section(id, title, blocks)];
}

function titleBlock(result: SimulationResult): Block {
  const { inputs, timeline, design, deadlock } = result;
  const { makespanCycles: cycles, clockHertz } = timeline;
  const verdict: Inline[] = deadlock
    ? [
        `The design deadlocks at tick `,
        { value: deadlock.tick, unit: 'cycles', exact: true },
        `: ${result.findings[0]?.message ?? ''}`,
      ]
    : [
        { value: result.tasks.length, unit: '', exact: true },
        ' tasks in ',
        { value: design.stages.length, unit: '', exact: true },
        design.stages.length === 1 ? ' stage take ' : ' stages take ',
        { value: cycles, unit: 'cycles' },
        ', ',
        { value: cycles / clockHertz, unit: 's' },
        ' at ',
        { value: clockHertz, unit: 'Hz' },
        '.',
      ];
  if (result.stoppedEarly) verdict.push(' The search was stopped by the user; this is the best it had found.');
  return {
    kind: 'title',
    title: result.title,
    seal: { text: deadlock ? 'Deadlock' : 'Simulated', isProven: false },
    verdict,
    fields: [
      { label: 'Task graph', content: [inputs.tasks.title] },
      { label: 'Fabric', content: [inputs.fabric.title] },
      { label: 'Mode', content: [MODE_TITLES[design.mode]] },
      { label: 'Variant', content: [VARIANT_TITLES[design.variant]] },
      { label: 'Made with', content: [`Weft ${result.appVersion}`] },
      { label: 'Run key', content: [result.key] },
    ],
  };
}

const VARIANT_TITLES = {
  'as-built': 'As built: loops and off-chip accesses as drawn',
  ideal: 'Ideal: loops flattened, off-chip accesses double buffered',
} as const;

const CALIBRATION = {
  none: 'nothing was fitted to it',
  fitted: 'constants of the drawing were fitted to it: agreement is no prediction',
  'held-aside': 'held aside: no constant was fitted to it',
} as const;

function measured({ measured: known, timeline }: SimulationResult): readonly Block[] {
  if (!known || known.cycles === 0) {
    return known?.claim ? [{ kind: 'text', content: [`Claimed by its authors: ${known.claim}`] }] : [];
  }
  return [
    {
      kind: 'table',
      caption: `Measured on hardware: ${known.source}. ${CALIBRATION[known.calibration]}.`,
      columns: [
        { title: 'Simulated', unit: 'cycles', align: 'end' },
        { title: 'Measured', unit: 'cycles', align: 'end' },
        { title: 'Error', unit: '%', align: 'end' },
      ],
      rows: [
        [
          { value: timeline.makespanCycles, unit: 'cycles', exact: true, bare: true },
          { value: known.cycles, unit: 'cycles', exact: true, bare: true },
          known.error === null ? 'not the design measured' : { value: 100 * known.error, unit: '%', bare: true },
        ],
      ],
    },
    ...(known.claim ? [{ kind: 'text', content: [`Claimed by its authors: ${known.claim}`] } as const] : []),
  ];
}

function drawings({ inputs: { tasks: graph, fabric } }: SimulationResult): readonly Block[] {
  const hueOf = ({ type }: DocumentNode): Hue =>
    type === GROUP_TYPE ? 'group' : (componentType(type)?.category ?? 'opaque');
  const detailOf = (node: DocumentNode) => componentType(node.type)?.badge(node.parameters) ?? node.type;
  const draw = (file: DocumentFile, caption: string): Block => {
    const drawing = drawGraph(file, { aspect: 2.2, hueOf, detailOf });
    return { kind: 'graph', caption, drawing, legend: legendOf(drawing.nodes.map(({ hue }) => hue)) };
  };
  return [draw(graph, `The task graph, ${graph.title}.`), draw(fabric, `The fabric, ${fabric.title}.`)];
}

const TIME: readonly {
  readonly id: 'busy' | 'stallIn' | 'stallOut' | 'reconfigure';
  readonly title: string;
  readonly hue: Hue;
}[] = [
  { id: 'busy', title: 'Busy', hue: 'compute' },
  { id: 'stallIn', title: 'Stalled on input', hue: 'load' },
  { id: 'stallOut', title: 'Stalled on output', hue: 'store' },
  { id: 'reconfigure', title: 'Reconfigured', hue: 'reconfigure' },
];

function tasks(result: SimulationResult): readonly Block[] {
  const cores = nodeNames(result.inputs.fabric);
  const legend: Legend = { entries: TIME.map(({ hue, title }) => ({ hue, title })) };
  return [
    {
      kind: 'bars',
      caption: 'Every task over the whole run: the four parts add up to the makespan.',
      unit: 'cycles',
      legend,
      rows: result.tasks.map((task) => ({
        label: task.name,
        segments: TIME.map(({ id, title, hue }) => ({ title, value: task[id], hue })),
      })),
    },
    {
      kind: 'table',
      landscape: true,
      caption:
        'Tasks by stage. Waiting for its stage counts as stalled on input, what comes after its end as stalled on output.',
      columns: [
        { title: 'Task' },
        { title: 'Stage', align: 'end' },
        { title: 'Cores' },
        ...TIME.map(({ title }) => ({ title, unit: 'cycles' as const, align: 'end' as const })),
        { title: 'Utilisation', unit: '%' as const, align: 'end' as const },
        { title: 'Waited longest for' },
      ],
      rows: result.tasks.map((task): readonly Inline[] => [
        task.name,
        { value: task.stage, unit: '', exact: true },
        task.cores.map(({ node, lanes }) => `${cores.get(node) ?? node} × ${lanes}`).join(', ') || '–',
        ...TIME.map(({ id }) => ({ value: task[id], unit: 'cycles' as const, bare: true })),
        { value: 100 * task.utilisation, unit: '%', bare: true },
        task.waits[0]?.name ?? '–',
      ]),
    },
  ];
}

function stages(result: SimulationResult): readonly Block[] {
  if (result.timeline.makespanCycles === 0) return [];
  const data = toSimulationData(result);
  return [
    {
      kind: 'stages',
      caption:
        'Which task is on which core when: in its colour while it works, hatched while it waits, dark while the core is reconfigured; beside each core the share of the run it works.',
      data,
      legend: { entries: result.tasks.map(({ name }, task) => ({ hue: data.hues[task]!, title: name })) },
    },
  ];
}

function streams({ streams: all }: SimulationResult): readonly Block[] {
  if (all.length === 0) return [];
  const whole = (value: number): Inline => ({ value, unit: '', exact: true });
  return [
    {
      kind: 'table',
      caption: 'Tokens in each stream over the run; within a stage a FIFO, between stages a bank or off-chip memory.',
      columns: [
        { title: 'Stream' },
        { title: 'Kind' },
        { title: 'Depth', align: 'end' },
        { title: 'Tokens', align: 'end' },
        { title: 'Most in it', align: 'end' },
        { title: 'Mean', align: 'end' },
        { title: 'First full', unit: 'cycles', align: 'end' },
        { title: 'Reader waits', unit: 'cycles', align: 'end' },
        { title: 'Writer waits', unit: 'cycles', align: 'end' },
      ],
      rows: all.map((stream): readonly Inline[] => [
        stream.name,
        stream.kind,
        stream.depth === null ? '∞' : whole(stream.depth),
        whole(stream.tokens),
        whole(stream.maximum),
        { value: stream.mean, unit: '' },
        stream.firstFull === null ? 'never' : { value: stream.firstFull, unit: 'cycles', bare: true },
        { value: stream.readerWaits, unit: 'cycles', bare: true },
        { value: stream.writerWaits, unit: 'cycles', bare: true },
      ]),
    },
  ];
}

function channels({ channels: all }: SimulationResult): readonly Block[] {
  if (all.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: 'Bytes moved and the share of the run in which each channel moves data.',
      columns: [
        { title: 'Channel' },
        { title: 'Loaded', unit: 'B', align: 'end' },
        { title: 'Stored', unit: 'B', align: 'end' },
        { title: 'Busy', unit: 'cycles', align: 'end' },
        { title: 'Utilisation', unit: '%', align: 'end' },
      ],
      rows: all.map((channel): readonly Inline[] => [
        channel.name,
        { value: channel.loadedBytes, unit: 'B', bare: true },
        { value: channel.storedBytes, unit: 'B', bare: true },
        { value: channel.busy, unit: 'cycles', bare: true },
        { value: 100 * channel.utilisation, unit: '%', bare: true },
      ]),
    },
  ];
}

function designs({ considered, search, modelGap, inputs: { settings } }: SimulationResult): readonly Block[] {
  if (considered.length < 2) return [];
  return [
    {
      kind: 'table',
      caption:
        modelGap === null
          ? 'Best predictions first.'
          : `Best predictions first; simulated ones differ from their prediction by at most ${(100 * modelGap).toFixed(1)} %.`,
      columns: [
        { title: 'Design', wide: true },
        { title: 'Mode' },
        { title: 'Stages', align: 'end' },
        { title: 'Predicted', unit: 'cycles', align: 'end' },
        { title: 'Simulated', unit: 'cycles', align: 'end' },
        { title: 'Off chip', unit: 'B', align: 'end' },
        { title: '' },
      ],
      rows: considered.map((each): readonly Inline[] => [
        each.title,
        MODE_TITLES[each.mode],
        { value: each.design.stages.length, unit: '', exact: true },
        { value: each.predicted, unit: 'cycles', bare: true },
        each.simulated === null ? '–' : { value: each.simulated, unit: 'cycles', bare: true },
        { value: each.offChipBytes, unit: 'B', bare: true },
        each.isChosen ? 'chosen' : '',
      ]),
    },
    ...(search ? [{ kind: 'text', content: [searchText(search, settings)] } as const] : []),
  ];
}

function levers({ levers: all }: SimulationResult): readonly Block[] {
  if (all.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: 'Changes of one parameter each, most gained first, as predicted.',
      columns: [
        { title: 'Change', wide: true },
        { title: 'Predicted', unit: 'cycles', align: 'end' },
        { title: 'Simulated', unit: 'cycles', align: 'end' },
        { title: 'How it was predicted', wide: true },
      ],
      rows: all.map(({ title, predictedCycles, simulatedCycles, basis, method }): readonly Inline[] => [
        title,
        { value: predictedCycles, unit: 'cycles', bare: true },
        simulatedCycles === null ? '–' : { value: simulatedCycles, unit: 'cycles', bare: true },
        `${basis}: ${method}`,
      ]),
    },
  ];
}

function appendix(result: SimulationResult): Section {
  const { tasks: graph, fabric, settings } = result.inputs;
  return appendixOf([
    ...repeatBlocks('weft replay run.json', [
      ['Task graph', graph.title, contentHash(graph)],
      ['Fabric', fabric.title, contentHash(fabric)],
      ['Settings', '', contentHash(settings)],
      ['Run key', result.title, result.key],
    ]),
    settingsTable(settings),
    techniquesTable(result.techniques, result.appVersion),
    nodesTable(graph, 'task graph'),
    nodesTable(fabric, 'fabric'),
    ...figureSources(result.totals),
  ]);
}

function settingsTable(settings: SimulationSettings): Block {
  return {
    kind: 'table',
    caption: 'Settings of the run.',
    columns: [{ title: 'Setting' }, { title: 'Value' }, { title: 'Meaning', wide: true }],
    rows: SIMULATION_PARAMETERS.map((spec) => [
      spec.title,
      valueText(spec, simulationSetting(settings, spec)),
      spec.help,
    ]),
  };
}

function nodesTable(file: DocumentFile, what: string): Block {
  return {
    kind: 'table',
    caption: `The nodes of the ${what} ${file.title}.`,
    columns: [{ title: 'Node' }, { title: 'Type' }, { title: 'Parameters', wide: true }],
    rows: file.nodes.map((node) => [
      node.name || node.id,
      componentType(node.type)?.title ?? node.type,
      parametersText(componentType(node.type)?.parameters ?? [], node.parameters),
    ]),
  };
}
