/** Figures of a program's run taken apart: totals, operators, energy by level, cycle models, transfers and tensors. */
import type { Metric, Provenance, TechniqueRef } from '#core/base/metric.ts';
import { componentType } from '#core/catalog/components.ts';
import type { ArrayEstimate } from '#core/cost/array-model.ts';
import type { Figure } from '#core/energy/figure.ts';
import type {
  ArrayModelFigures,
  OperatorColumn,
  OperatorFigures,
  OperatorResult,
  RunResult,
} from '#core/run/result.ts';
import {
  amount,
  drawn,
  type ExplainedFigure,
  explained,
  explainedSum,
  largest,
  namesIn,
  type Term,
  type TermPlace,
  word,
} from './explained.ts';

/** Any figure with a provenance; terms are not followed. */
export function explainPlain(metric: Metric): ExplainedFigure {
  const { provenance } = metric;
  return explained(metric, provenance, provenance.inputs.map(symbolOf));
}

/** A total of a run, its terms followed. */
export function explainTotal(metric: Metric, result: RunResult): ExplainedFigure {
  const { provenance } = metric;
  const terms = provenance.inputs.map((input): Term => ({ ...symbolOf(input), where: placeOf(input, metric, result) }));
  const column = result.columns.find(({ id }) => id === SUMMED[metric.id]);
  if (!column) return explained(metric, provenance, terms);
  const { formula } = provenance;
  const byOperator = largest(result.operators, column.unit, {
    value: (one) => one[column.id],
    name: ({ name }) => name,
    explain: (one) => explainOperator(one, column, result),
  });
  const how = { ...provenance, formula: formula.startsWith('Σ') ? formula : `Σ over operators: ${formula}` };
  return explainedSum(metric, how, byOperator, terms);
}

const symbolOf = ({ name, value, unit }: Provenance['inputs'][number]): Term => ({
  symbol: name,
  value,
  unit,
  where: null,
});

/** Totals that are sums over operators. */
const SUMMED: Readonly<Record<string, keyof OperatorFigures>> = {
  'compute.macs': 'macs',
  'offchip.compulsory': 'compulsoryBytes',
  'offchip.spill': 'spillBytes',
  'offchip.refetch': 'refetchBytes',
};

/** The total whose technique a column's figures come from. */
const COUNTED_WITH: Readonly<Record<keyof OperatorFigures, string>> = {
  macs: 'compute.macs',
  estimateCycles: 'time.light',
  startCycle: 'time.cycles',
  endCycle: 'time.cycles',
  busyCycles: 'time.cycles',
  utilisation: 'compute.utilisation',
  weightBytes: 'compute.macs',
  outputBytes: 'compute.macs',
  compulsoryBytes: 'offchip.compulsory',
  spillBytes: 'offchip.spill',
  refetchBytes: 'offchip.refetch',
  energy: 'energy.total',
};

function techniqueOf(result: RunResult, total: string): TechniqueRef | null {
  return result.totals.find(({ id }) => id === total)?.provenance.technique ?? null;
}

const unitOf = ({ inputs }: RunResult, operator: OperatorResult) =>
  inputs.architecture.nodes.find(({ id }) => id === operator.unit) ?? null;

/** The cost model of the unit an operator runs on. */
function unitModel(result: RunResult, operator: OperatorResult): TechniqueRef | null {
  const found = result.techniques.find(({ id }) => id === `unit/${unitOf(result, operator)?.type}`);
  return found ? { id: found.id, version: found.version } : null;
}

/** Where an operator is drawn, what it runs on, and how. */
function operatorPlaces(operator: OperatorResult, result: RunResult): readonly Term[] {
  const { model, architecture } = result.inputs;
  const [node] = operator.nodes;
  const unit = unitOf(result, operator);
  return [
    ...(node === undefined ? [] : [drawn('operator', model.id, { id: node, name: operator.name })]),
    ...(unit ? [drawn('unit', architecture.id, unit)] : []),
    ...(operator.mapping === '' ? [] : [word('mapping', operator.mapping)]),
  ];
}

/** A figure of an operator: other figures of it that the formula names, and the unit it runs on. */
export function explainOperator(operator: OperatorResult, column: OperatorColumn, result: RunResult): ExplainedFigure {
  const { id, formula, source } = column;
  const figure = {
    title: `${column.title} of ${operator.name}`,
    value: operator[id],
    unit: column.unit,
    badge: column.badge,
  };
  const technique =
    (id === 'estimateCycles' ? unitModel(result, operator) : null) ?? techniqueOf(result, COUNTED_WITH[id]);
  const places = operatorPlaces(operator, result);
  if (id === 'energy' && result.energy) {
    const levels = largest([...result.energy.levels.keys()], 'J', {
      value: (level) => levelJoules(operator, level, result),
      name: (level) => result.energy!.levels[level]!.title,
      explain: (level) => explainEnergy(operator, level, result),
    });
    return explainedSum(figure, { formula: 'Σ over levels', source, technique }, levels, places);
  }
  const peak = operator.utilisation > 0 ? operator.macs / (operator.busyCycles * operator.utilisation) : null;
  const others =
    id === 'utilisation' && peak !== null
      ? [
          ...figureTerms(operator, ['macs', 'busyCycles'], result),
          amount('MACs a cycle of the unit', peak, 'MAC/cycle'),
        ]
      : figureTerms(
          operator,
          result.columns.filter((other) => other.id !== id && namesIn(formula, other.title)).map((other) => other.id),
          result,
        );
  return explained(figure, { formula, source, technique }, [...others, ...places]);
}

/** Symbols as formulas write them, where they are not the title. */
const SYMBOLS: Partial<Record<keyof OperatorFigures, string>> = { busyCycles: 'busy cycles' };

function figureTerms(
  operator: OperatorResult,
  columns: readonly (keyof OperatorFigures)[],
  result: RunResult,
): readonly Term[] {
  return columns.flatMap((id) => {
    const column = result.columns.find((one) => one.id === id);
    if (!column) return [];
    const symbol = SYMBOLS[id] ?? column.title;
    return [amount(symbol, operator[id], column.unit, () => explainOperator(operator, column, result))];
  });
}

const levelJoules = ({ index }: OperatorResult, level: number, { energy }: RunResult) =>
  energy?.operators[index]?.[level] ?? 0;

/** What a published figure is worth, as a term of what is made of it. */
function publishedTerm({ id, value, unit, per, technology, isChecked }: Figure): Term {
  const at = technology === '' ? '' : ` at ${technology}`;
  return word(id, `${Number(value.toPrecision(4))} ${unit} ${per}${at}${isChecked ? '' : ' (unverified)'}`);
}

/** Joules of an operator at a level: accesses × energy of one, where the run keeps the accesses; and the figures it rests on. */
export function explainEnergy(operator: OperatorResult, level: number, result: RunResult): ExplainedFigure {
  const { id, title, figures } = result.energy!.levels[level]!;
  const joules = levelJoules(operator, level, result);
  const bytes = operator.compulsoryBytes + operator.spillBytes + operator.refetchBytes;
  const counted =
    id === 'off-chip'
      ? { symbol: 'off-chip bytes', each: 'E(byte)', count: bytes, unit: 'B' as const }
      : id === 'macs' || id === 'registers'
        ? { symbol: 'MACs', each: 'E(MAC)', count: operator.macs, unit: 'MAC' as const }
        : null;
  const isCounted = counted !== null && counted.count > 0;
  return explained(
    { title: `${title}: energy of ${operator.name}`, value: joules, unit: 'J', badge: 'estimate' },
    {
      formula: isCounted ? `${counted.symbol} × ${counted.each}` : 'Σ accesses × energy of an access',
      source: sourcesOf(figures),
      technique: techniqueOf(result, 'energy.total'),
    },
    [
      ...(isCounted
        ? [amount(counted.symbol, counted.count, counted.unit), amount(counted.each, joules / counted.count, 'J')]
        : []),
      ...figures.map(publishedTerm),
      ...operatorPlaces(operator, result),
    ],
  );
}

const sourcesOf = (figures: readonly Figure[]) =>
  [...new Set(figures.map(({ source }) => source))].join('; ') || 'derived';

/** Energy of a level over all operators, or of all levels. */
export function explainEnergyOfRun(level: number | null, result: RunResult): ExplainedFigure {
  const { levels } = result.energy!;
  const technique = techniqueOf(result, 'energy.total');
  const badge = 'estimate';
  if (level === null) {
    const terms = largest([...levels.keys()], 'J', {
      value: (at) => levels[at]!.joules,
      name: (at) => levels[at]!.title,
      explain: (at) => explainEnergyOfRun(at, result),
    });
    const value = levels.reduce((sum, { joules }) => sum + joules, 0);
    const how = { formula: 'Σ over levels', source: 'definition', technique };
    return explainedSum({ title: 'Energy of the run', value, unit: 'J', badge }, how, terms);
  }
  const { title, joules, figures } = levels[level]!;
  const terms = largest(result.operators, 'J', {
    value: (operator) => levelJoules(operator, level, result),
    name: ({ name }) => name,
    explain: (operator) => explainEnergy(operator, level, result),
  });
  return explainedSum(
    { title: `${title}: energy`, value: joules, unit: 'J', badge },
    { formula: 'Σ over operators', source: sourcesOf(figures), technique },
    terms,
    figures.map(publishedTerm),
  );
}

/** Energy of an operator over all levels. */
export function explainOperatorEnergy(operator: OperatorResult, result: RunResult): ExplainedFigure {
  const column = result.columns.find(({ id }) => id === 'energy');
  return explainOperator(operator, column ?? ENERGY_COLUMN, result);
}
const ENERGY_COLUMN: OperatorColumn = {
  id: 'energy',
  title: 'Energy',
  unit: 'J',
  badge: 'estimate',
  formula: 'Σ over levels',
  source: 'definition',
};

/** A part of the area, or all of it. */
export function explainArea(part: number | null, result: RunResult): ExplainedFigure {
  const parts = result.area ?? [];
  const technique = techniqueOf(result, 'area.total');
  const one = part === null ? undefined : parts[part];
  if (one)
    return explained(
      { title: `${one.title}: area`, value: one.squareMillimetres, unit: 'mm²', badge: 'estimate' },
      { formula: 'Σ over units of count × area of one', source: sourcesOf(one.figures), technique },
      one.figures.map(publishedTerm),
    );
  return explainedSum(
    {
      title: 'Area',
      value: parts.reduce((sum, { squareMillimetres }) => sum + squareMillimetres, 0),
      unit: 'mm²',
      badge: 'estimate',
    },
    { formula: 'Σ over parts', source: 'definition', technique },
    largest([...parts.keys()], 'mm²', {
      value: (at) => parts[at]!.squareMillimetres,
      name: (at) => parts[at]!.title,
      explain: (at) => explainArea(at, result),
    }),
  );
}

/** Where a model is from and what it counts, as its technique says. */
export interface ModelWords {
  readonly summary: string;
  readonly source: string;
}

/** What an array model says beside its cycles. */
export function modelTerms(estimate: ArrayEstimate): readonly Term[] {
  const { cycles, stallCycles, mappingEfficiency, overallUtilisation, limit } = estimate;
  return [
    amount('computing', (cycles ?? 0) - (stallCycles ?? 0), 'cycles'),
    amount('stalls', stallCycles ?? 0, 'cycles'),
    amount('cells that hold work', mappingEfficiency, '%'),
    ...(overallUtilisation === null ? [] : [amount('cells that multiply', overallUtilisation, '%')]),
    ...(limit === null ? [] : [word('set by', limit)]),
  ];
}

/** Cycles of an operator by a named model of its array; of all operators on arrays where `operator` is null. */
export function explainArrayModel(
  model: ArrayModelFigures,
  operator: OperatorResult | null,
  { summary, source }: ModelWords,
  result: RunResult,
): ExplainedFigure {
  const technique = { id: model.id, version: model.version };
  const badge = 'estimate';
  if (operator === null) {
    const terms = largest(model.operators, 'cycles', {
      value: ({ estimate }) => estimate.cycles ?? 0,
      name: (one) => result.operators[one.operator]?.name ?? '',
      explain: (one) => explainArrayModel(model, result.operators[one.operator]!, { summary, source }, result),
    });
    const figure = {
      title: `Cycles by ${model.title}`,
      value: model.totals.cycles ?? 0,
      unit: 'cycles',
      badge,
    } as const;
    return explainedSum(figure, { formula: 'Σ over operators on arrays', source, technique }, terms);
  }
  const row = model.operators.find((one) => one.operator === operator.index);
  return explained(
    { title: `Cycles of ${operator.name} by ${model.title}`, value: row?.estimate.cycles ?? 0, unit: 'cycles', badge },
    { formula: 'computing + stalls', source: `${summary} ${source}`.trim(), technique },
    [
      ...(row ? modelTerms(row.estimate) : []),
      ...figureTerms(operator, ['macs'], result),
      ...(row && row.arrays > 1 ? [amount('arrays that share it in the run', row.arrays, '')] : []),
      ...operatorPlaces(operator, result),
    ],
  );
}

/** Parts of the drawing that a total's inputs speak of. */
const DRAWN: Readonly<Record<string, string>> = {
  bandwidth: 'dram-channel',
  scratchpad: 'scratchpad',
  capacity: 'scratchpad',
  peak: 'systolic-array',
  clock: 'systolic-array',
};

/** Another total of the same name and value, else the part of the drawing, else the setting. */
function placeOf({ name, value, unit }: Provenance['inputs'][number], of: Metric, result: RunResult): TermPlace | null {
  const { totals, inputs } = result;
  const plain = (text: string) => text.toLowerCase().replaceAll('-', ' ');
  const wanted = plain(name);
  const total = totals.find((one) => {
    const title = plain(one.title);
    if (one.id === of.id || one.value !== value || one.unit !== unit) return false;
    return title.includes(wanted) || wanted.includes(title) || one.id.endsWith(wanted);
  });
  if (total) return { kind: 'figure', explain: () => explainTotal(total, result) };
  const type = DRAWN[wanted];
  if (type === 'scratchpad' && inputs.settings.scratchpadBytes !== null)
    return { kind: 'setting', id: 'scratchpadBytes' };
  const node =
    inputs.architecture.nodes.find((one) => one.type === type) ??
    (type === 'systolic-array'
      ? inputs.architecture.nodes.find((one) => componentType(one.type)?.category === 'compute')
      : undefined);
  return type && node ? { kind: 'node', document: inputs.architecture.id, node: node.id } : null;
}
