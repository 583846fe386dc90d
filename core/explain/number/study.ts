/**
 * Figures of a study's point taken apart. A point that is a run has the figures of that run; an estimate is followed to its
 * kernels where it can be made again; else its own figures and the values swept are what there is.
 */
import type { Badge, TechniqueRef } from '#core/base/metric.ts';
import { type Unit, unitOf } from '#core/base/quantity.ts';
import { COMPILER } from '#core/compile/compile.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { SIMULATOR, TIME_MODEL } from '#core/run/fabric/totals.ts';
import type { RunResult } from '#core/run/result.ts';
import type { StudyAxis, StudyPoint, StudyView } from '#core/study/study.ts';
import { techniques } from '#core/technique/registry.ts';
import { type Estimated, explainKernels } from './estimate.ts';
import { amount, type ExplainedFigure, explained, type Term } from './explained.ts';
import { explainTotal } from './run.ts';
import { explainSimulationTotal } from './simulation.ts';

export interface StudySite {
  readonly study: Pick<StudyView, 'spec' | 'metrics'>;
  readonly point: StudyPoint;
  /** The run the point is; null where it is none, or is not loaded. */
  readonly run: RunResult | SimulationResult | null;
  /** The point estimated again; null where that cannot be. Asked for when a figure is followed. */
  readonly estimated: () => Estimated | null;
}

interface Words {
  readonly formula: string;
  readonly source: string;
  readonly technique: TechniqueRef | null;
  readonly badge: Badge;
}
type Metrics = Readonly<Record<string, Words>>;

const DEFINITION = 'definition';
const ROOFLINE = 'roofline, Williams, Waterman, Patterson, CACM 52(4), 2009';
const [{ manifest: PLAYER }] = techniques.simulator;
const PLAYED: TechniqueRef = { id: PLAYER.id, version: PLAYER.version };

const MACHINE: Metrics = {
  'hardware.memory': counted('scratchpad + buffers of all units', COMPILER),
  'hardware.macs': counted('Σ over arrays of rows × columns', COMPILER),
  'area.total': {
    formula: 'cells + lanes + buffers + scratchpad; wires, control and DMA are not in it',
    source: 'published areas of cells and memories, scaled to the technology',
    technique: COMPILER,
    badge: 'estimate',
  },
};
const FABRIC: Metrics = {
  'hardware.memory': counted('Σ over banks of capacity', null),
  'hardware.macs': counted('Σ over cores that multiply of lanes ÷ ticks a cycle', null),
};

/** Of what has no more to be told of it than its place in the run. */
const WORDS: Readonly<Record<string, Metrics>> = {
  'program estimate': {
    'time.cycles': {
      formula: 'Σ over kernels, one after the other, of max(unit, off-chip channels)',
      source: ROOFLINE,
      technique: COMPILER,
      badge: 'estimate',
    },
    'energy.total': {
      formula: 'Σ accesses × energy of an access + off-chip bytes × energy of a byte',
      source: 'account of a run on the same mappings; no byte passes the scratchpad',
      technique: COMPILER,
      badge: 'estimate',
    },
    'offchip.bytes': {
      formula: 'Σ over kernels of operands and results × passes over them',
      source: 'tile loops of the mappings; nothing is resident',
      technique: COMPILER,
      badge: 'estimate',
    },
    ...MACHINE,
  },
  'program run': {
    'time.cycles': {
      formula: 'finish of the last command',
      source: 'event simulation of the command stream',
      technique: PLAYED,
      badge: 'simulated',
    },
    'energy.total': {
      formula: 'compute + cells + buffers + scratchpad + off chip',
      source: 'published energies of accesses and operations',
      technique: COMPILER,
      badge: 'estimate',
    },
    'offchip.bytes': counted('compulsory + spill and refill + refetch', COMPILER),
    'offchip.noncompulsory': counted('spill and refill + refetch', COMPILER),
    'memory.peak': counted('most bytes resident at one step', COMPILER),
    ...MACHINE,
  },
  'simulation estimate': {
    'time.cycles': {
      formula: 'Σ over stages of max(slowest task, busiest channel) + fill + reconfiguration',
      source: 'InTAR, arXiv 2502.08807; rationale of the time model',
      technique: TIME_MODEL,
      badge: 'estimate',
    },
    'energy.total': {
      formula: 'Σ operations × joules + Σ bytes × joules a byte by level + static power × time',
      source: 'figures of the drawn cores, banks and channels',
      technique: TIME_MODEL,
      badge: 'estimate',
    },
    'offchip.bytes': counted('Σ bytes of loads and stores of the design', TIME_MODEL),
    'hardware.dsp': counted('largest stage: Σ DSP slices or PEs of its tasks', TIME_MODEL),
    ...FABRIC,
  },
  'simulation run': {
    'time.cycles': {
      formula: 'last tick at which a task ends',
      source: 'event simulation of the process network',
      technique: SIMULATOR,
      badge: 'simulated',
    },
    'energy.total': {
      formula: 'Σ operations × joules + Σ bytes × joules a byte by level + static power × time',
      source: 'figures of the drawn cores, banks and channels',
      technique: TIME_MODEL,
      badge: 'estimate',
    },
    'offchip.bytes': {
      formula: 'Σ bytes of loads and stores over all channels',
      source: 'counted by the simulation',
      technique: SIMULATOR,
      badge: 'simulated',
    },
    'stalls.cycles': {
      formula: 'Σ over tasks of stall in + stall out',
      source: 'counted by the simulation',
      technique: SIMULATOR,
      badge: 'simulated',
    },
    ...FABRIC,
  },
};

function counted(formula: string, technique: TechniqueRef | null): Words {
  return { formula, source: DEFINITION, technique, badge: 'counted' };
}

/** A figure of the point by its metric's id; null where the point has none. */
export function explainStudyMetric(site: StudySite, id: string): ExplainedFigure | null {
  const { study, point, run } = site;
  const metric = study.metrics.find((one) => one.id === id);
  const value = point.metrics[id];
  if (!metric || value === undefined) return null;
  const total = run?.totals.find((one) => one.id === id && one.value === value);
  if (run && total) return run.format === 'weft-run/1' ? explainTotal(total, run) : explainSimulationTotal(total, run);
  const { kind, fidelity } = study.spec;
  const words = WORDS[`${kind} ${fidelity}`] ?? {};
  const unit = unitOf(metric.unit);
  const head = { title: `${metric.title} of point ${point.index + 1}`, value, unit } as const;
  const ratio = ratioOf(site, id, value);
  if (ratio) {
    const { formula, terms, cycles } = ratio;
    const how = { formula, source: DEFINITION, technique: cycles.technique };
    return withAxes(explained({ ...head, badge: cycles.badge }, how, terms), site);
  }
  const how = words[id] ?? counted(metric.title, null);
  return withAxes(explained({ ...head, badge: how.badge }, how, kernelTerm(site, id, value)), site);
}

/** Time and utilisation are ratios of the point's cycles. What else is in them is the machine's, else follows from the figures. */
function ratioOf(site: StudySite, id: string, value: number): Ratio | null {
  if (id !== 'time.seconds' && id !== 'compute.utilisation') return null;
  const made = () => explainStudyMetric(site, 'time.cycles');
  const cycles = made();
  if (!cycles) return null;
  const term = amount('cycles', cycles.value, 'cycles', () => made()!);
  const of = againOf(site, 'time.cycles', cycles.value);
  if (id === 'time.seconds') {
    const clock = of?.machine.clockHertz ?? (value > 0 ? cycles.value / value : 0);
    return { formula: 'cycles ÷ clock', terms: [term, amount('clock', clock, 'Hz')], cycles };
  }
  if (!of)
    return {
      formula: 'MACs at peak rate ÷ cycles',
      terms: [amount('MACs at peak rate', value * cycles.value, 'cycles'), term],
      cycles,
    };
  const arrays = of.machine.units.flatMap((unit) => (unit.kind === 'systolic-array' ? [unit] : []));
  const peak = arrays.reduce((sum, { rows, columns, ticksPerCycle }) => sum + (rows * columns) / ticksPerCycle, 0);
  const nodes = new Set<string | null>(arrays.map(({ node }) => node));
  const onArrays = of.estimate.kernels.filter(({ unit }) => nodes.has(unit));
  const macs = onArrays.reduce((sum, kernel) => sum + kernel.macs, 0);
  return {
    formula: 'MACs on arrays ÷ (peak × cycles)',
    terms: [
      amount('MACs on arrays', macs, 'MAC', () => explainKernels(onArrays, 'macs', of)),
      amount('peak', peak, 'MAC/cycle'),
      term,
    ],
    cycles,
  };
}

interface Ratio {
  readonly formula: string;
  readonly terms: readonly Term[];
  readonly cycles: ExplainedFigure;
}

/** The point estimated again, where the drawings still give this figure of it. */
function againOf({ study, estimated }: StudySite, id: string, value: number): Estimated | null {
  const { kind, fidelity } = study.spec;
  const figure = FOLLOWED[id];
  if (kind !== 'program' || fidelity !== 'estimate' || !figure) return null;
  const of = estimated();
  return of?.estimate[figure] === value ? of : null;
}
const FOLLOWED: Readonly<Record<string, 'cycles' | 'bytes'>> = { 'time.cycles': 'cycles', 'offchip.bytes': 'bytes' };

/** The sum over kernels behind an estimate. */
function kernelTerm(site: StudySite, id: string, value: number): readonly Term[] {
  const figure = FOLLOWED[id];
  const of = figure && againOf(site, id, value);
  if (!of) return [];
  const { kernels } = of.estimate;
  return [
    amount(kernels.length === 1 ? 'its kernel' : `its ${kernels.length} kernels`, value, UNITS[figure], () =>
      explainKernels(kernels, figure, of),
    ),
  ];
}
const UNITS = { cycles: 'cycles', bytes: 'B' } as const satisfies Record<string, Unit>;

/** What was swept is told last, and not put into the formula: a word of it may mean something else. */
function withAxes(figure: ExplainedFigure, site: StudySite): ExplainedFigure {
  return { ...figure, terms: [...figure.terms, ...axisTerms(site)] };
}

/** The values swept, each with the node or the setting that takes it. */
function axisTerms({ study, point }: StudySite): readonly Term[] {
  return study.spec.axes.map((axis, at): Term => {
    const value = axis.values[point.choice[at] ?? 0];
    const symbol = axis.title || axis.parameter;
    if (typeof value === 'number') return { symbol, value, unit: unitOf(axis.unit), where: placeOf(axis, study) };
    return {
      symbol,
      value: Array.isArray(value) ? value.join(' × ') : String(value),
      unit: '',
      where: placeOf(axis, study),
    };
  });
}

function placeOf({ of, nodes: [node], parameter }: StudyAxis, { spec }: Pick<StudyView, 'spec'>): Term['where'] {
  if (of === 'settings') return { kind: 'setting', id: parameter };
  return node === undefined ? null : { kind: 'node', document: spec[of], node };
}
