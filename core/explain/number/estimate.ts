/** Figures of the live estimate taken apart: of a kernel, of several one after the other, and by the named cycle models. */
import type { Machine } from '#core/architecture/machine.ts';
import type { Unit } from '#core/base/quantity.ts';
import { COMPILER } from '#core/compile/compile.ts';
import type { KernelEstimate, ModelEstimate } from '#core/compile/estimate.ts';
import { contextOf } from '#core/compile/map.ts';
import { passes } from '#core/compile/unit-model.ts';
import type { Document } from '#core/document/document.ts';
import type { Roofline } from '#core/report/figures/paint-roofline.ts';
import type { ArrayModelFigures, ArrayOperatorEstimate } from '#core/run/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import { distinctName } from './distinct-name.ts';
import { amount, drawn, type ExplainedFigure, explained, explainedSum, largest, type Term, word } from './explained.ts';
import { type ModelWords, modelTerms } from './run.ts';

export type KernelFigure = 'cycles' | 'bytes' | 'macs' | 'intensity' | 'rate' | 'utilisation';

/** What is estimated, and of which documents. */
export interface Estimated {
  readonly estimate: ModelEstimate;
  readonly machine: Machine;
  readonly model: Document;
  /** Of the document. */
  readonly architecture: string;
  readonly settings: Pick<RunSettings, 'format' | 'objective'>;
}

/** Told apart from others of its name. */
const nameOf = ({ nodes, name }: KernelEstimate, { model }: Estimated): string => distinctName(model, nodes[0], name);

const FIGURES: Readonly<Record<KernelFigure, { readonly title: string; readonly unit: Unit }>> = {
  cycles: { title: 'Cycles', unit: 'cycles' },
  bytes: { title: 'Off-chip bytes', unit: 'B' },
  macs: { title: 'MACs', unit: 'MAC' },
  intensity: { title: 'MACs per byte', unit: '' },
  rate: { title: 'MACs a cycle', unit: 'MAC/cycle' },
  utilisation: { title: 'Utilisation', unit: '1' },
};

const ROOFLINE = 'roofline, Williams, Waterman, Patterson, CACM 52(4), 2009';
const BADGE = 'estimate';

function figureOf(kernel: KernelEstimate, figure: KernelFigure): number {
  return figure === 'rate' ? (kernel.cycles > 0 ? kernel.macs / kernel.cycles : 0) : kernel[figure];
}

export function explainKernel(kernel: KernelEstimate, figure: KernelFigure, of: Estimated): ExplainedFigure {
  const { title, unit } = FIGURES[figure];
  const value = figureOf(kernel, figure);
  const head = {
    title: `${title} of ${nameOf(kernel, of)}`,
    value,
    unit,
    badge: figure === 'macs' ? 'counted' : BADGE,
  } as const;
  const mapped = of.estimate.mapped[of.estimate.kernels.indexOf(kernel)];
  const unitModel = mapped ? { id: mapped.model.manifest.id, version: mapped.model.manifest.version } : COMPILER;
  const other = (symbol: string, which: KernelFigure) =>
    amount(symbol, figureOf(kernel, which), FIGURES[which].unit, () => explainKernel(kernel, which, of));
  const places = placesOf(kernel, of);
  const peak = kernel.utilisation > 0 ? kernel.macs / (kernel.computeCycles * kernel.utilisation) : 0;
  switch (figure) {
    case 'cycles':
      return explained(
        head,
        { formula: '⌈max(compute cycles, off-chip bytes ÷ bandwidth)⌉', source: ROOFLINE, technique: COMPILER },
        [
          amount('compute cycles', kernel.computeCycles, 'cycles', () => computeCycles(kernel, of)),
          other('off-chip bytes', 'bytes'),
          bandwidth(of),
          ...places,
        ],
      );
    case 'bytes':
      return explained(
        head,
        {
          formula: 'activations × passes over them + weights × passes over those + results',
          source: 'tile loop of the mapping; nothing is resident',
          technique: unitModel,
        },
        [...operandTerms(kernel, of), ...places],
      );
    case 'macs':
      return explained(head, { formula: 'groups × M × N × K', source: 'definition', technique: COMPILER }, [
        ...shapeTerms(kernel, of),
        ...places,
      ]);
    case 'intensity':
      return explained(head, { formula: 'MACs ÷ off-chip bytes', source: ROOFLINE, technique: COMPILER }, [
        other('MACs', 'macs'),
        other('off-chip bytes', 'bytes'),
        ...places,
      ]);
    case 'rate':
      return explained(head, { formula: 'MACs ÷ cycles', source: ROOFLINE, technique: COMPILER }, [
        other('MACs', 'macs'),
        other('cycles', 'cycles'),
        ...places,
      ]);
    case 'utilisation':
      return explained(
        head,
        { formula: 'MACs ÷ (compute cycles × peak)', source: 'definition', technique: unitModel },
        [
          other('MACs', 'macs'),
          amount('compute cycles', kernel.computeCycles, 'cycles', () => computeCycles(kernel, of)),
          amount('peak', peak, 'MAC/cycle'),
          ...places,
        ],
      );
  }
}

/** Cycles of the units alone. */
function computeCycles(kernel: KernelEstimate, of: Estimated): ExplainedFigure {
  const mapped = of.estimate.mapped[of.estimate.kernels.indexOf(kernel)];
  const unit = of.machine.units.find(({ node }) => node === kernel.unit);
  const technique = mapped ? { id: mapped.model.manifest.id, version: mapped.model.manifest.version } : null;
  return explained(
    { title: `Compute cycles of ${nameOf(kernel, of)}`, value: kernel.computeCycles, unit: 'cycles', badge: BADGE },
    {
      formula: 'cycles of all tiles × share of the busiest unit × ticks a cycle',
      source: mapped?.model.manifest.citations[0]?.text ?? 'cost model of the unit',
      technique,
    },
    [
      ...(mapped && unit
        ? [
            amount('cycles of all tiles', mapped.mapping.cycles, 'cycles'),
            amount(
              'share of the busiest unit',
              kernel.computeCycles / (mapped.mapping.cycles * unit.ticksPerCycle),
              '1',
            ),
            amount('ticks a cycle', unit.ticksPerCycle, ''),
          ]
        : []),
      ...placesOf(kernel, of),
    ],
  );
}

function bandwidth({ machine, architecture }: Estimated): Term {
  const value = machine.channels.reduce((sum, { bytesPerTick }) => sum + bytesPerTick, 0);
  const [channel] = machine.channels;
  const where = channel ? ({ kind: 'node', document: architecture, node: channel.node } as const) : null;
  return { symbol: 'bandwidth', value, unit: 'B/cycle', where };
}

/** Bytes of operands and results, and how often the tile loop passes over them. */
function operandTerms(kernel: KernelEstimate, { estimate, machine, settings }: Estimated): readonly Term[] {
  const index = estimate.kernels.indexOf(kernel);
  const [operator, mapped] = [estimate.graph.operators[index], estimate.mapped[index]];
  if (!operator || !mapped) return [];
  const width = machine.channels.reduce((sum, { bytesPerTick }) => sum + bytesPerTick, 0);
  const { inputBytes, weightBytes, outputBytes } = contextOf(operator, estimate.graph, settings, width);
  const { loop } = mapped.mapping;
  return [
    amount('activations', inputBytes, 'B'),
    amount('passes over them', passes(loop, 'm'), ''),
    amount('weights', weightBytes, 'B'),
    amount('passes over those', passes(loop, 'n'), ''),
    amount('results', outputBytes, 'B'),
  ];
}

function shapeTerms(kernel: KernelEstimate, { estimate }: Estimated): readonly Term[] {
  const shape = estimate.graph.operators[estimate.kernels.indexOf(kernel)]?.kernel;
  if (shape?.kind !== 'gemm') return [];
  return [
    amount('groups', shape.groups, ''),
    amount('M', shape.m, ''),
    amount('N', shape.n, ''),
    amount('K', shape.k, ''),
  ];
}

function placesOf(kernel: KernelEstimate, of: Estimated): readonly Term[] {
  const { nodes, unit, mapping } = kernel;
  const [node] = nodes;
  const found = of.machine.units.find((one) => one.node === unit);
  return [
    ...(node === undefined ? [] : [drawn('operator', of.model.id, { id: node, name: nameOf(kernel, of) })]),
    ...(found ? [drawn('unit', of.architecture, { id: found.node, name: found.name })] : []),
    ...(mapping === '' ? [] : [word('mapping', mapping)]),
  ];
}

/** A figure of kernels that run one after the other. */
export function explainKernels(
  kernels: readonly KernelEstimate[],
  figure: 'cycles' | 'bytes' | 'macs' | 'intensity',
  of: Estimated,
): ExplainedFigure {
  const [only] = kernels;
  if (only && kernels.length === 1) return explainKernel(only, figure, of);
  const { title, unit } = FIGURES[figure];
  const total = (which: KernelFigure) => kernels.reduce((sum, kernel) => sum + figureOf(kernel, which), 0);
  const head = { title: `${title} of ${kernels.length} kernels`, unit, badge: BADGE } as const;
  if (figure === 'intensity') {
    const [macs, bytes] = [total('macs'), total('bytes')];
    return explained(
      { ...head, value: bytes > 0 ? macs / bytes : 0 },
      { formula: 'MACs ÷ off-chip bytes', source: ROOFLINE, technique: COMPILER },
      [
        amount('MACs', macs, 'MAC', () => explainKernels(kernels, 'macs', of)),
        amount('off-chip bytes', bytes, 'B', () => explainKernels(kernels, 'bytes', of)),
      ],
    );
  }
  return explainedSum(
    { ...head, value: total(figure), badge: figure === 'macs' ? 'counted' : BADGE },
    { formula: 'Σ over kernels, one after the other', source: 'definition', technique: COMPILER },
    largest(kernels, unit, {
      value: (kernel) => figureOf(kernel, figure),
      name: (kernel) => nameOf(kernel, of),
      explain: (kernel) => explainKernel(kernel, figure, of),
    }),
  );
}

/** MACs an off-chip byte from which compute, not the channel, is the limit. */
export function explainRidge({ roofs, bandwidth: width }: Pick<Roofline, 'roofs' | 'bandwidth'>): ExplainedFigure {
  const peak = roofs[0]?.peak ?? 0;
  return explained(
    { title: 'Ridge', value: width > 0 ? peak / width : 0, unit: '', badge: BADGE },
    { formula: 'peak ÷ bandwidth', source: ROOFLINE, technique: COMPILER },
    [
      amount('peak', peak, 'MAC/cycle'),
      amount('bandwidth', width, 'B/cycle'),
      ...(roofs[0] ? [word('units', roofs[0].title)] : []),
    ],
  );
}

/** Cycles of kernels on arrays by a named model; of the kernels of `rows`. */
export function explainModelCycles(
  model: Pick<ArrayModelFigures, 'id' | 'title' | 'version'>,
  rows: readonly ArrayOperatorEstimate[],
  words: ModelWords,
  of: Estimated,
): ExplainedFigure {
  const technique = { id: model.id, version: model.version };
  const source = `${words.summary} ${words.source}`.trim();
  const [only] = rows;
  const kernel = only && of.estimate.kernels[only.operator];
  if (only && kernel && rows.length === 1) {
    return explained(
      {
        title: `Cycles of ${nameOf(kernel, of)} by ${model.title}`,
        value: only.estimate.cycles ?? 0,
        unit: 'cycles',
        badge: BADGE,
      },
      { formula: 'computing + stalls', source, technique },
      [...modelTerms(only.estimate), ...shapeTerms(kernel, of), ...placesOf(kernel, of)],
    );
  }
  return explainedSum(
    {
      title: `Cycles by ${model.title}`,
      value: rows.reduce((sum, { estimate }) => sum + (estimate.cycles ?? 0), 0),
      unit: 'cycles',
      badge: BADGE,
    },
    { formula: 'Σ over kernels on arrays', source, technique },
    largest(rows, 'cycles', {
      value: ({ estimate }) => estimate.cycles ?? 0,
      name: ({ operator }) => nameOf(of.estimate.kernels[operator]!, of),
      explain: (row) => explainModelCycles(model, [row], words, of),
    }),
  );
}
