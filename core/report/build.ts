/**
 * RunResult → report: title block, the two graphs, totals, where time and bytes go, timeline, schedule with its
 * proof, memory map, values, cycle models, energy and area, findings, the operators one by one, and an appendix from which the run can be repeated.
 */
import { componentType } from '#core/catalog/components.ts';
import { type DocumentFile, type DocumentNode, GROUP_TYPE, isPart } from '#core/document/document.ts';
import type { RunResult } from '#core/run/result.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { accountSections, certificateSentence } from './account-blocks.ts';
import { appendix } from './appendix.ts';
import { type Block, type Inline, nodeNames, type Report, section } from './blocks.ts';
import { categoryOf, operatorDetail } from './category.ts';
import { drawGraph } from './figures/drawing.ts';
import { intervalHue } from './figures/paint-timeline.ts';
import { legendOf } from './legend.ts';
import { limitSections } from './limit-blocks.ts';
import { HUES, type Hue } from './palette.ts';
import { mainType, type RunData, toRunData } from './run-data.ts';
import { scheduleSections } from './schedule-blocks.ts';
import { verdictOf } from './verdict.ts';

/** Rows of a chart before the rest is summed up. */
const TOP = 10;

export function buildReport(result: RunResult, curve: ScheduleCurve | null = null): Report {
  const data = toRunData(result);
  return {
    title: result.title,
    front: [titleBlock(data), { kind: 'metrics', metrics: result.totals }],
    sections: [
      section('model', 'Model and architecture', graphs(result)),
      section('where', 'Where time and bytes go', whereItGoes(data)),
      ...limitSections(data),
      section('timeline', 'Timeline', timeline(data)),
      ...scheduleSections(data, curve),
      ...accountSections(result),
      section('findings', 'Findings', findings(result)),
      { ...section('operators', 'Operators', operators(result)), breakBefore: true },
      appendix(result),
    ],
  };
}

function titleBlock(data: RunData): Block {
  const { result } = data;
  const { facts, inputs, timeline, schedule: made } = result;
  const seconds = timeline.clockHertz > 0 ? timeline.makespanCycles / timeline.clockHertz : 0;
  const verdict = verdictOf(made.answer);
  const sentence: Inline[] = [
    { value: facts.operators, unit: '', exact: true },
    ' operators with ',
    { value: facts.macs, unit: 'MAC' },
    ' run in ',
    { value: timeline.makespanCycles, unit: 'cycles' },
    ', ',
    { value: seconds, unit: 's' },
    ' at ',
    { value: timeline.clockHertz, unit: 'Hz' },
    '. ',
    ...verdict.sentence,
    ...certificateSentence(result.certificate),
  ];
  if (result.stoppedEarly) sentence.push(' The run was stopped by the user; this is the best it had found.');
  return {
    kind: 'title',
    title: result.title,
    seal: { text: verdict.badge, isProven: made.answer.optimal },
    verdict: sentence,
    fields: [
      { label: 'Model', content: [inputs.model.title] },
      { label: 'Architecture', content: [inputs.architecture.title] },
      { label: 'Parameters', content: [{ value: facts.parameters, unit: '', exact: true }] },
      { label: 'Scratchpad', content: [{ value: made.answer.S, unit: 'B' }] },
      { label: 'Number format', content: [inputs.settings.format] },
      { label: 'Made with', content: [`Weft ${result.appVersion}`] },
      { label: 'Run key', content: [result.key] },
    ],
  };
}

/** As the inspector counts: groups and notes are no nodes. */
function sizeText({ nodes, links }: DocumentFile): string {
  const groups = nodes.filter(({ type }) => type === GROUP_TYPE).length;
  const of = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const parts = [of(nodes.filter(isPart).length, 'node'), of(links.length, 'link')];
  return (groups > 0 ? [...parts, of(groups, 'group')] : parts).join(', ');
}

function graphs(result: RunResult): readonly Block[] {
  const { model, architecture } = result.inputs;
  const modelHue = ({ type }: DocumentNode): Hue => (type === GROUP_TYPE ? 'group' : categoryOf(type));
  const componentHue = ({ type }: DocumentNode): Hue =>
    type === GROUP_TYPE ? 'group' : (componentType(type)?.category ?? 'opaque');
  const modelDrawing = drawGraph(model, { aspect: 1.7, hueOf: modelHue, detailOf: operatorDetail });
  const architectureDrawing = drawGraph(architecture, {
    aspect: 3,
    hueOf: componentHue,
    detailOf: (node) => componentType(node.type)?.badge(node.parameters) ?? node.type,
  });
  return [
    {
      kind: 'graph',
      caption: `The model, ${model.title}: ${sizeText(model)}.`,
      drawing: modelDrawing,
      legend: legendOf(modelDrawing.nodes.map((node) => node.hue)),
    },
    {
      kind: 'graph',
      caption: `The architecture, ${architecture.title}.`,
      drawing: architectureDrawing,
      legend: legendOf(architectureDrawing.nodes.map((node) => node.hue)),
    },
  ];
}

const TRAFFIC = [
  { id: 'compulsoryBytes', hue: 'compulsory' },
  { id: 'spillBytes', hue: 'spill' },
  { id: 'refetchBytes', hue: 'refetch' },
] as const;

function whereItGoes({ result, hues }: RunData): readonly Block[] {
  const groups = new Map<string, { cycles: number; hue: Hue; bytes: [number, number, number] }>();
  result.operators.forEach((operator, index) => {
    const type = mainType(operator);
    const group = groups.get(type) ?? { cycles: 0, hue: hues[index]!, bytes: [0, 0, 0] };
    group.cycles += operator.busyCycles;
    TRAFFIC.forEach(({ id }, at) => {
      group.bytes[at]! += operator[id];
    });
    groups.set(type, group);
  });
  const byCycles = [...groups].filter(([, group]) => group.cycles > 0).sort(([, a], [, b]) => b.cycles - a.cycles);
  const total = (bytes: readonly number[]) => bytes.reduce((sum, value) => sum + value, 0);
  const byBytes = [...groups]
    .filter(([, group]) => total(group.bytes) > 0)
    .sort(([, a], [, b]) => total(b.bytes) - total(a.bytes));
  const longest = [...result.operators].sort((a, b) => b.busyCycles - a.busyCycles).slice(0, TOP);
  return [
    {
      kind: 'bars',
      caption: 'Cycles the units were busy, by operator type.',
      unit: 'cycles',
      rows: byCycles.slice(0, TOP).map(([type, { cycles, hue }]) => ({
        label: type,
        segments: [{ title: 'busy', value: cycles, hue }],
      })),
    },
    {
      kind: 'bars',
      caption: 'Off-chip bytes by operator type.',
      unit: 'B',
      legend: legendOf(TRAFFIC.map(({ hue }) => hue)),
      rows: byBytes.slice(0, TOP).map(([type, { bytes }]) => ({
        label: type,
        segments: TRAFFIC.map(({ hue }, at) => ({ title: HUES[hue].title, value: bytes[at]!, hue })),
      })),
    },
    {
      kind: 'bars',
      caption:
        longest.length < result.operators.length
          ? `The ${longest.length} operators that keep their unit busy longest, of ${result.operators.length}.`
          : 'Busy cycles of each operator.',
      unit: 'cycles',
      rows: longest.map((operator) => ({
        label: `${operator.index + 1}  ${operator.name}`,
        segments: [{ title: 'busy', value: operator.busyCycles, hue: hues[operator.index] ?? 'opaque' }],
      })),
    },
  ];
}

function timeline(data: RunData): readonly Block[] {
  const used = new Set<Hue>();
  for (let index = 0; index < data.timeline.start.length; index++) used.add(intervalHue(data, index));
  return [
    {
      kind: 'gantt',
      caption: 'What each resource does over the run; beside its name, the share of the run it is busy.',
      data,
      legend: legendOf([...used]),
    },
  ];
}

function findings(result: RunResult): readonly Block[] {
  return [
    {
      kind: 'problems',
      problems: result.findings,
      names: nodeNames(result.inputs.model, result.inputs.architecture),
      empty: 'Nothing stood out.',
    },
  ];
}

function operators(result: RunResult): readonly Block[] {
  const units = nodeNames(result.inputs.architecture);
  return [
    {
      kind: 'table',
      landscape: true,
      caption: 'One row an operator as it was compiled, in the order of the file. Hover a figure for its exact value.',
      columns: [
        { title: '#', align: 'end' },
        { title: 'Operator' },
        { title: 'Type' },
        { title: 'Unit' },
        ...result.columns.map((column) => ({ title: column.title, unit: column.unit, align: 'end' as const })),
        { title: 'Limit' },
      ],
      rows: result.operators.map((operator): readonly Inline[] => [
        { value: operator.index + 1, unit: '', exact: true },
        operator.name,
        operator.type,
        operator.unit === null ? '–' : (units.get(operator.unit) ?? operator.unit),
        ...result.columns.map((column) => ({ value: operator[column.id], unit: column.unit, bare: true })),
        operator.limit,
      ]),
    },
  ];
}
