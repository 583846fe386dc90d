/**
 * Two runs → one report, the second against the first: totals, what was changed between them, operators and resources with
 * the largest differences first, tensors that fare otherwise. Operators and resources are matched as the workbench matches them.
 */
import type { Unit } from '#core/base/quantity.ts';
import { changesOf } from '#core/diff/changes.ts';
import type { DocumentDiff } from '#core/diff/diff.ts';
import { diffInputs, type InputSet, inputsOf } from '#core/diff/inputs.ts';
import type { RunResult } from '#core/run/result.ts';
import { type Block, type Inline, type Report, type Section, section } from './blocks.ts';
import { compareSchedules } from './compare.ts';
import {
  differencesOf,
  matchOperators,
  matchResources,
  OPERATOR_MEASURES,
  type OperatorMeasure,
} from './compare-runs.ts';
import { appendixOf, techniquesTable } from './provenance.ts';
import { type RunData, toRunData } from './run-data.ts';

/** Rows of a table of differences. */
const MOST_ROWS = 40;

export function buildComparison(first: RunResult, second: RunResult): Report {
  const [a, b] = [toRunData(first), toRunData(second)];
  return {
    title: titleOf(first, second),
    front: [titleBlock(first, second)],
    sections: [
      section('totals', 'Totals', totals(first, second)),
      section('changed', 'What was changed', changed(first, second)),
      section('operators', 'Operators', operators(first, second)),
      section('resources', 'Resources', resources(a, b)),
      ...tensors(first, second),
      appendix(first, second),
    ],
  };
}

function titleOf(first: RunResult, second: RunResult): string {
  return first.title === second.title ? `${first.title}: two runs` : `${second.title} against ${first.title}`;
}

function titleBlock(first: RunResult, second: RunResult): Block {
  const [before, after] = [first.timeline.makespanCycles, second.timeline.makespanCycles];
  const share = before > 0 ? (after - before) / before : 0;
  const verdict: Inline[] =
    after === before
      ? ['Both take ', { value: after, unit: 'cycles' }, '.']
      : [
          'B takes ',
          { value: after, unit: 'cycles' },
          ' where A takes ',
          { value: before, unit: 'cycles' },
          `: `,
          { value: Math.abs(share), unit: '1' },
          after < before ? ' less.' : ' more.',
        ];
  return {
    kind: 'title',
    title: titleOf(first, second),
    seal: { text: 'Comparison', isProven: false },
    verdict,
    fields: [
      { label: 'A', content: [`${first.inputs.model.title} on ${first.inputs.architecture.title}`] },
      { label: 'B', content: [`${second.inputs.model.title} on ${second.inputs.architecture.title}`] },
      { label: 'Made with', content: [`Weft ${[...new Set([first.appVersion, second.appVersion])].join(', ')}`] },
      { label: 'Run key of A', content: [first.key] },
      { label: 'Run key of B', content: [second.key] },
    ],
  };
}

const DIFFERENCE = [
  { title: 'A', align: 'end' },
  { title: 'B', align: 'end' },
  { title: 'B − A', align: 'end' },
  { title: 'Of A', align: 'end' },
] as const;

function difference(a: number | null, b: number | null, unit: Unit) {
  const cell = (value: number | null): Inline => (value === null ? '–' : { value, unit });
  if (a === null || b === null) return [cell(a), cell(b), '', ''];
  return [cell(a), cell(b), cell(b - a), a === 0 ? '' : ({ value: (b - a) / a, unit: '1' } as const)];
}

function totals(first: RunResult, second: RunResult): readonly Block[] {
  const ofSecond = new Map(second.totals.map((metric) => [metric.id, metric]));
  return [
    {
      kind: 'table',
      caption: 'Totals both runs have.',
      columns: [{ title: 'Total' }, ...DIFFERENCE],
      rows: first.totals.flatMap((metric): (readonly Inline[])[] => {
        const other = ofSecond.get(metric.id);
        return other?.unit === metric.unit
          ? [[metric.title, ...difference(metric.value, other.value, metric.unit)]]
          : [];
      }),
    },
  ];
}

function changed(first: RunResult, second: RunResult): readonly Block[] {
  const [a, b] = [inputsOf(first.inputs), inputsOf(second.inputs)];
  const { model, architecture, settings } = diffInputs(a, b);
  const rows = [
    ...documentRows('Model', model, a.model, b.model),
    ...documentRows('Architecture', architecture, a.architecture, b.architecture),
    ...settings.map(({ title, from, to }): readonly Inline[] => [
      'Settings',
      'changed',
      title,
      `${from ?? 'unset'} → ${to ?? 'unset'}`,
    ]),
  ];
  if (rows.length === 0)
    return [{ kind: 'text', content: ['Nothing that decides a result: the inputs are the same.'] }];
  return [
    {
      kind: 'table',
      caption: firstRows(rows.length, 'What differs between the inputs of A and B.'),
      columns: [{ title: 'Of' }, { title: 'Change' }, { title: 'What' }, { title: 'How', wide: true }],
      rows: rows.slice(0, MOST_ROWS),
    },
  ];
}

function documentRows(
  what: string,
  diff: DocumentDiff | null,
  a: InputSet['model'],
  b: InputSet['model'],
): readonly (readonly Inline[])[] {
  if (!diff || !a || !b) return [];
  return changesOf(diff, a, b)
    .filter(({ kind }) => kind !== 'moved')
    .map(({ kind, title, detail }) => [what, kind, title, detail]);
}

function operators(first: RunResult, second: RunResult): readonly Block[] {
  const pairs = matchOperators(first, second);
  const table = (id: OperatorMeasure['id'], caption: string): Block => {
    const measure = OPERATOR_MEASURES.find((one) => one.id === id)!;
    const { rows } = differencesOf(pairs, measure.of);
    return {
      kind: 'table',
      caption: rows.length === 0 ? `${caption} No operator differs.` : firstRows(rows.length, caption),
      columns: [{ title: 'Operator' }, ...DIFFERENCE],
      rows: rows.slice(0, MOST_ROWS).map(({ pair, a, b }) => [pair.name, ...difference(a, b, measure.unit)]),
    };
  };
  return [
    table('busy', 'Cycles the unit was busy, operators with the largest difference first.'),
    table('bytes', 'Off-chip bytes, operators with the largest difference first.'),
  ];
}

function firstRows(count: number, caption: string): string {
  return count > MOST_ROWS ? `${caption} The first ${MOST_ROWS} of ${count}.` : caption;
}

function resources(a: RunData, b: RunData): readonly Block[] {
  return [
    {
      kind: 'table',
      caption: 'Cycles each resource is in use.',
      columns: [{ title: 'Resource' }, ...DIFFERENCE],
      rows: matchResources(a, b, 'time').map((pair) => [
        pair.name,
        ...difference(pair.a?.value ?? null, pair.b?.value ?? null, 'cycles'),
      ]),
    },
  ];
}

function tensors(first: RunResult, second: RunResult): readonly Section[] {
  const all = compareSchedules(first, second).tensors.filter(({ a, b }) => (a?.moved ?? 0) !== (b?.moved ?? 0));
  if (all.length === 0) return [];
  return [
    section('tensors', 'Tensors spilled and refilled', [
      {
        kind: 'table',
        caption: firstRows(all.length, 'Bytes moved beyond the compulsory, tensors with the largest difference first.'),
        columns: [{ title: 'Tensor' }, ...DIFFERENCE],
        rows: all
          .slice(0, MOST_ROWS)
          .map(({ name, a, b }) => [name, ...difference(a?.moved ?? null, b?.moved ?? null, 'B')]),
      },
    ]),
  ];
}

function appendix(first: RunResult, second: RunResult): Section {
  return appendixOf([
    {
      kind: 'text',
      content: ['Each run is repeated from its own JSON export; the comparison is made again from both.'],
    },
    { kind: 'command', text: 'weft replay a.json\nweft replay b.json\nweft report a.json --with b.json' },
    { kind: 'subheading', text: 'A' },
    techniquesTable(first.techniques, first.appVersion),
    { kind: 'subheading', text: 'B' },
    techniquesTable(second.techniques, second.appVersion),
  ]);
}
