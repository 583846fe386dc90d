/** The parts of a report about values, cycle models, energy and area, and the program; a part the run does not have is left out. */
import { type Figure, figureText } from '#core/energy/figure.ts';
import type { ArrayModelFigures, EnergyAccount, RunCertificate, RunResult } from '#core/run/result.ts';
import { type Block, type Inline, type Section, section } from './blocks.ts';

export function accountSections(result: RunResult): readonly Section[] {
  const { certificate, arrayModels = [], energy } = result;
  const costs = [...(energy ? energyBlocks(energy) : []), ...areaBlocks(result)];
  return [
    ...(certificate ? [section('values', 'Values', valueBlocks(certificate))] : []),
    ...(arrayModels.some(({ operators }) => operators.length > 0)
      ? [section('models', 'Cycle models of the arrays', modelBlocks(arrayModels, result))]
      : []),
    ...(costs.length > 0 ? [section('energy', 'Energy and area', costs)] : []),
  ];
}

/** How the program begins, folded; nothing for runs of versions that kept none. */
export function programBlocks({ program }: RunResult): readonly Block[] {
  if (!program) return [];
  const { commands, preamble, preambleHead, commandsHead } = program;
  const more = (rest: number, what: string) => (rest > 0 ? [`… ${rest} more ${what}`] : []);
  return [
    { kind: 'subheading', text: 'The program' },
    {
      kind: 'listing',
      caption: `The first ${commandsHead.length} of ${commands} commands.`,
      text: [
        ...preambleHead,
        ...more(preamble - preambleHead.length, 'lines of engines and kernels'),
        ...commandsHead,
        ...more(commands - commandsHead.length, 'commands'),
      ].join('\n'),
    },
  ];
}

/** What the certificate says in the title's sentence; nothing where values were not verified. */
export function certificateSentence(certificate: RunCertificate | undefined): readonly Inline[] {
  if (!certificate || 'skipped' in certificate) return [];
  const { isVerified, elements } = certificate;
  return isVerified
    ? [' Its values are verified on ', { value: elements, unit: '', exact: true }, ' numbers.']
    : [' Its program does not compute the model: see the values.'];
}

function valueBlocks(certificate: RunCertificate): readonly Block[] {
  if ('skipped' in certificate) return [{ kind: 'text', content: ['Values are not verified. ', certificate.skipped] }];
  const { statement, outputs, tolerance, firstWrong } = certificate;
  const number = (value: number | null): Inline => (value === null ? 'not finite' : { value, unit: '' });
  return [
    { kind: 'text', content: [statement] },
    ...(firstWrong
      ? [
          {
            kind: 'text',
            content: [
              'First wrong: element ',
              { value: firstWrong.index, unit: '', exact: true },
              ` of ${firstWrong.tensor}, `,
              number(firstWrong.got),
              ' where ',
              number(firstWrong.expected),
              ' belongs.',
            ],
          } as const,
        ]
      : []),
    {
      kind: 'table',
      caption: `Outputs compared with the ${certificate.reference}. Of the range of an output an error of ${tolerance} counts as equal; integers must be equal.`,
      columns: [
        { title: 'Output' },
        { title: 'Elements', align: 'end' },
        { title: 'Largest error', align: 'end' },
        { title: 'Of its range', align: 'end' },
        { title: 'To the last bit' },
      ],
      rows: outputs.map(({ name, elements, maximumError, relativeError, isExact }) => [
        name,
        { value: elements, unit: '', exact: true },
        number(maximumError),
        number(relativeError),
        isExact ? 'equal' : 'differs',
      ]),
    },
  ];
}

function modelBlocks(models: readonly ArrayModelFigures[], { operators, timeline }: RunResult): readonly Block[] {
  const [first] = models;
  const known = (value: number | null, unit: 'cycles' | '%' | 'element'): Inline =>
    value === null ? '–' : { value, unit, bare: true };
  const names = models.map(({ title, version }) => `${title} (${version})`).join(', ');
  const total = (title: string, of: (totals: ArrayModelFigures['totals']) => Inline): readonly Inline[] => [
    title,
    ...models.map(({ totals }) => of(totals)),
  ];
  return [
    {
      kind: 'text',
      content: [
        `What ${names} say of the operators on arrays, in the dataflow the mapping chose and with the memories as drawn. Each model does an operator on one array, start to end; the run itself takes `,
        { value: timeline.makespanCycles, unit: 'cycles' },
        ' with everything else in it.',
      ],
    },
    {
      kind: 'table',
      caption: 'Cycles of each operator, of the clock of its array, and what limits it where a model tells.',
      columns: [
        { title: 'Operator' },
        { title: 'Dataflow' },
        ...models.map(({ title }) => ({ title, unit: 'cycles' as const, align: 'end' as const })),
        { title: 'Limit' },
      ],
      rows: [
        ...(first?.operators ?? []).map(({ operator, dataflow, arrays }, at): readonly Inline[] => [
          operators[operator]?.name ?? '',
          arrays > 1 ? `${dataflow}, shared by ${arrays} arrays` : dataflow,
          ...models.map((model) => known(model.operators[at]?.estimate.cycles ?? null, 'cycles')),
          models.findLast((model) => (model.operators[at]?.estimate.limit ?? null) !== null)?.operators[at]?.estimate
            .limit ?? '–',
        ]),
        ['All', '', ...models.map(({ totals }) => known(totals.cycles, 'cycles')), ''],
      ],
    },
    {
      kind: 'table',
      caption: 'Totals of each model. Accesses are elements.',
      columns: [{ title: 'Total' }, ...models.map(({ title }) => ({ title, align: 'end' as const }))],
      rows: [
        total('Cycles', ({ cycles }) => known(cycles, 'cycles')),
        total('of them stalls', ({ stallCycles }) => known(stallCycles, 'cycles')),
        total('Utilisation, %', ({ overallUtilisation }) => known(overallUtilisation, '%')),
        total('Inputs read from buffers', ({ sram }) => known(sram.ifmapReads, 'element')),
        total('Weights read from buffers', ({ sram }) => known(sram.filterReads, 'element')),
        total('Results written to buffers', ({ sram }) => known(sram.ofmapWrites, 'element')),
        total('Inputs read from off chip', ({ dram }) => known(dram.ifmapReads, 'element')),
        total('Weights read from off chip', ({ dram }) => known(dram.filterReads, 'element')),
        total('Results written off chip', ({ dram }) => known(dram.ofmapWrites, 'element')),
      ],
    },
  ];
}

const figuresText = (figures: readonly Figure[]) => figures.map(figureText).join(' · ') || '–';

function energyBlocks({ levels }: EnergyAccount): readonly Block[] {
  return [
    {
      kind: 'table',
      caption: 'Energy by level, and the figures it is computed with.',
      columns: [
        { title: 'Level' },
        { title: 'Energy', align: 'end' },
        { title: 'Share', align: 'end' },
        { title: 'Figures and their sources', wide: true },
      ],
      rows: levels.map(({ title, joules, share, figures }) => [
        title,
        { value: joules, unit: 'J' },
        { value: share, unit: '1' },
        figuresText(figures),
      ]),
    },
  ];
}

function areaBlocks({ area }: RunResult): readonly Block[] {
  if (!area) return [];
  return [
    {
      kind: 'table',
      caption: 'Area by part. Wires, control and DMA are not in it.',
      columns: [
        { title: 'Part' },
        { title: 'Area', align: 'end' },
        { title: 'Share', align: 'end' },
        { title: 'Figures and their sources', wide: true },
      ],
      rows: area.map(({ title, squareMillimetres, share, figures }) => [
        title,
        { value: squareMillimetres, unit: 'mm²' },
        { value: share, unit: '1' },
        figuresText(figures),
      ]),
    },
  ];
}
