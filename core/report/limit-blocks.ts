/** The part of a report that says what limits the run: operators by what they wait for, resources by use, the roofline. */
import { resolveMachine } from '#core/architecture/machine.ts';
import { fromFile } from '#core/document/document.ts';
import type { OperatorResult, RunResult } from '#core/run/result.ts';
import { type Block, type Inline, type Section, section } from './blocks.ts';
import { ridgeOf, rooflineUnder } from './figures/paint-roofline.ts';
import { legendOf } from './legend.ts';
import type { Hue } from './palette.ts';
import { laneBusyCycles, type RunData } from './run-data.ts';

export function limitSections(data: RunData): readonly Section[] {
  const roofline = rooflineBlocks(data);
  return [
    section('limits', 'What limits this run', [...limits(data.result), ...resources(data)]),
    ...(roofline.length > 0 ? [section('roofline', 'Roofline', roofline)] : []),
  ];
}

const LIMITS: readonly { readonly id: OperatorResult['limit']; readonly title: string; readonly hue: Hue }[] = [
  { id: 'compute', title: 'Its unit', hue: 'compute' },
  { id: 'off-chip', title: 'The off-chip channel', hue: 'off-chip' },
  { id: 'dependency', title: 'Other operators', hue: 'link' },
];

/** Operators named for each limit. */
const NAMED = 4;

function limits({ operators }: RunResult): readonly Block[] {
  const all = operators.reduce((sum, { busyCycles }) => sum + busyCycles, 0);
  const groups = LIMITS.map((limit) => {
    const members = operators
      .filter((operator) => operator.limit === limit.id && operator.busyCycles > 0)
      .sort((a, b) => b.busyCycles - a.busyCycles);
    return { ...limit, members, cycles: members.reduce((sum, { busyCycles }) => sum + busyCycles, 0) };
  })
    .filter(({ members }) => members.length > 0)
    .sort((a, b) => b.cycles - a.cycles);
  const [first] = groups;
  if (!first) return [{ kind: 'text', content: ['No unit is ever busy in this run.'] }];
  return [
    {
      kind: 'text',
      content: [
        `${first.title} is what the largest part of the work waits for: `,
        { value: first.members.length, unit: '', exact: true },
        ' of ',
        { value: operators.length, unit: '', exact: true },
        ' operators, with ',
        { value: first.cycles / all, unit: '1' },
        ' of the busy cycles.',
      ],
    },
    {
      kind: 'table',
      caption: 'What operators wait for. Beside it those that are busy longest, with their share of all busy cycles.',
      columns: [
        { title: 'Limit' },
        { title: 'Operators', align: 'end' },
        { title: 'Busy', unit: 'cycles', align: 'end' },
        { title: 'Share', align: 'end' },
        { title: 'First of all', wide: true },
      ],
      rows: groups.map(({ title, members, cycles }): readonly Inline[] => [
        title,
        { value: members.length, unit: '', exact: true },
        { value: cycles, unit: 'cycles', bare: true },
        { value: cycles / all, unit: '1' },
        members
          .slice(0, NAMED)
          .map(({ name, busyCycles }) => `${name} ${((100 * busyCycles) / all).toFixed(1)} %`)
          .join(', '),
      ]),
    },
  ];
}

function resources({ timeline }: RunData): readonly Block[] {
  if (timeline.makespanCycles <= 0) return [];
  const rows = timeline.lanes
    .map((lane, index) => ({ lane, busy: laneBusyCycles(timeline, index) }))
    .sort((a, b) => b.busy - a.busy);
  return [
    {
      kind: 'table',
      caption: 'How much of the run each resource is in use; what is busy all the time bounds the run.',
      columns: [
        { title: 'Resource' },
        { title: 'Kind' },
        { title: 'Busy', unit: 'cycles', align: 'end' },
        { title: 'Of the run', align: 'end' },
      ],
      rows: rows.map(({ lane, busy }): readonly Inline[] => [
        lane.title,
        lane.kind,
        { value: busy, unit: 'cycles', bare: true },
        { value: busy / timeline.makespanCycles, unit: '1' },
      ]),
    },
  ];
}

/** Empty where the drawing is no machine (any more), or nothing multiplies. */
function rooflineBlocks({ result, hues }: RunData): readonly Block[] {
  const { machine } = resolveMachine(fromFile(result.inputs.architecture));
  if (!machine) return [];
  const all = result.operators.reduce((sum, { macs }) => sum + macs, 0);
  const points = result.operators.flatMap((operator, index) => {
    const bytes = operator.compulsoryBytes + operator.spillBytes + operator.refetchBytes;
    // What others do meanwhile makes a point lie lower; loads ahead of its first tile are not in it and make it lie higher.
    const cycles = operator.endCycle - operator.startCycle;
    if (operator.macs <= 0 || cycles <= 0 || bytes <= 0) return [];
    return [
      {
        key: operator.nodes[0] ?? operator.name,
        name: operator.name,
        hue: hues[index] ?? ('opaque' as const),
        intensity: operator.macs / bytes,
        rate: operator.macs / cycles,
        share: operator.macs / all,
      },
    ];
  });
  if (points.length === 0) return [];
  const roofline = rooflineUnder(machine, points, result.operators.length);
  const ridge = ridgeOf(roofline);
  return [
    {
      kind: 'roofline',
      caption:
        'Each operator by its MACs per off-chip byte and per cycle from its first tile to its last command, sized by its MACs, under the roofs of off-chip bandwidth and of the units.',
      roofline,
      legend: legendOf(points.map(({ hue }) => hue)),
    },
    ...(ridge === null
      ? []
      : [
          {
            kind: 'text',
            content: [
              'Below ',
              { value: ridge, unit: '' },
              ' MACs a byte the off-chip bandwidth of ',
              { value: roofline.bandwidth, unit: 'B/cycle' },
              ' is the limit, above it the units: ',
              { value: points.filter(({ intensity }) => intensity < ridge).length, unit: '', exact: true },
              ' of ',
              { value: points.length, unit: '', exact: true },
              ' operators lie below.',
            ],
          } as const,
        ]),
  ];
}
