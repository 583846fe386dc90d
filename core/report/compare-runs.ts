/**
 * Two or more program runs, also of different models and architectures: operators and resources matched by document node, else
 * by name; their differences biggest first, those within a tolerance counted, not listed; totals of all of them in one
 * table. Pure: panel, drawing and report take it from here.
 */
import type { Metric } from '#core/base/metric.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { OperatorResult, RunResult, TimelineLane } from '#core/run/result.ts';
import { channelUses } from './channels.ts';
import { laneBusyCycles, type RunData } from './run-data.ts';

/** The same thing in two runs; null where one has none of it. */
export interface Pair<T> {
  readonly name: string;
  readonly a: T | null;
  readonly b: T | null;
}

/** Differences up to the larger of both count as none. */
export interface Tolerance {
  /** In the unit compared. */
  readonly absolute: number;
  /** Of the larger value, 0…1. */
  readonly relative: number;
}

export const EXACT: Tolerance = { absolute: 0, relative: 0 };

export interface Difference<T> {
  readonly pair: Pair<T>;
  /** Null where there is no such thing. */
  readonly a: number | null;
  readonly b: number | null;
  /** b − a; what is not there counts as 0. */
  readonly delta: number;
  /** Of a; null where that is 0 or not there. */
  readonly relative: number | null;
}

export interface Differences<T> {
  /** Largest change first, whichever its sign. */
  readonly rows: readonly Difference<T>[];
  /** Within the tolerance. */
  readonly equal: number;
  /** Over all pairs. */
  readonly sum: Difference<null>;
}

export interface OperatorMeasure {
  readonly id: 'busy' | 'elapsed' | 'bytes' | 'energy';
  readonly title: string;
  readonly unit: Unit;
  readonly of: (operator: OperatorResult) => number;
}

const offChip = ({ compulsoryBytes, spillBytes, refetchBytes }: OperatorResult) =>
  compulsoryBytes + spillBytes + refetchBytes;

export const OPERATOR_MEASURES: readonly OperatorMeasure[] = [
  { id: 'busy', title: 'Busy cycles', unit: 'cycles', of: ({ busyCycles }) => busyCycles },
  { id: 'elapsed', title: 'First to last cycle', unit: 'cycles', of: (one) => one.endCycle - one.startCycle },
  { id: 'bytes', title: 'Off-chip bytes', unit: 'B', of: offChip },
  { id: 'energy', title: 'Energy', unit: 'J', of: ({ energy }) => energy },
];

export function isWithin(a: number, b: number, { absolute, relative }: Tolerance): boolean {
  return Math.abs(b - a) <= Math.max(absolute, relative * Math.max(Math.abs(a), Math.abs(b)));
}

export function differencesOf<T>(
  pairs: readonly Pair<T>[],
  measure: (of: T) => number,
  tolerance: Tolerance = EXACT,
): Differences<T> {
  const all = pairs.map((pair) => difference(pair, pair.a && measure(pair.a), pair.b && measure(pair.b)));
  const rows = all
    .filter(({ a, b }) => !isWithin(a ?? 0, b ?? 0, tolerance))
    .sort((one, other) => Math.abs(other.delta) - Math.abs(one.delta));
  const total = (side: 'a' | 'b') => all.reduce((sum, one) => sum + (one[side] ?? 0), 0);
  return {
    rows,
    equal: all.length - rows.length,
    sum: difference({ name: 'All', a: null, b: null }, total('a'), total('b')),
  };
}

function difference<T>(pair: Pair<T>, a: number | null, b: number | null): Difference<T> {
  const delta = (b ?? 0) - (a ?? 0);
  return { pair, a, b, delta, relative: a === null || a === 0 || b === null ? null : delta / a };
}

/**
 * Operators of both runs: by main node, then by any node they share (other fusions), where the model is the same document;
 * by name, the first of a name with the first, for what is left. In the order of a, then what only b has.
 */
export function matchOperators(a: RunResult, b: RunResult): readonly Pair<OperatorResult>[] {
  const isSame = a.inputs.model.id === b.inputs.model.id;
  return match(a.operators, b.operators, [
    ...(isSame ? [(one: OperatorResult) => one.nodes.slice(0, 1), (one: OperatorResult) => one.nodes] : []),
    ({ name }) => [name],
  ]);
}

/** What a run uses, in cycles, bytes or joules. */
export interface ResourceUse {
  /** Node of the architecture; null for a level of the energy account. */
  readonly node: string | null;
  readonly name: string;
  readonly of: 'time' | 'bytes' | 'energy';
  readonly value: number;
}

/** What the use of a lane is called. */
export function laneName({ title, kind }: TimelineLane): string {
  return kind === 'channel' ? title : `${title} · ${kind}`;
}

/** Busy cycles of every lane, bytes of every channel, energy of every level. */
export function resourceUses(data: RunData): readonly ResourceUse[] {
  const { timeline, result } = data;
  return [
    ...timeline.lanes.map(
      (one, lane): ResourceUse => ({
        node: one.component,
        name: laneName(one),
        of: 'time',
        value: laneBusyCycles(timeline, lane),
      }),
    ),
    ...channelUses(data).map(
      ({ node, name, loadedBytes, storedBytes }): ResourceUse => ({
        node,
        name,
        of: 'bytes',
        value: loadedBytes + storedBytes,
      }),
    ),
    ...(result.energy?.levels ?? []).map(
      ({ title, joules }): ResourceUse => ({ node: null, name: title, of: 'energy', value: joules }),
    ),
  ];
}

/** By node where the architecture is the same document, else by name; a DMA engine's queues by name in both. */
export function matchResources(a: RunData, b: RunData, of: ResourceUse['of']): readonly Pair<ResourceUse>[] {
  const isSame = a.result.inputs.architecture.id === b.result.inputs.architecture.id;
  const [ofA, ofB] = [resourceUses(a), resourceUses(b)].map((uses) => uses.filter((use) => use.of === of));
  const count = new Map<string | null, number>();
  for (const { node } of ofA!) count.set(node, (count.get(node) ?? 0) + 1);
  const alone = ({ node }: ResourceUse) => (node !== null && count.get(node) === 1 ? [node] : []);
  return match(ofA!, ofB!, [...(isSame ? [alone] : []), ({ name }) => [name]]);
}

/** Rounds of keys: what a key of a round is shared by belongs together, the first that is left first. */
function match<T extends { readonly name: string }>(
  ofA: readonly T[],
  ofB: readonly T[],
  rounds: readonly ((of: T) => readonly string[])[],
): readonly Pair<T>[] {
  const partner = new Map<T, T>();
  const taken = new Set<T>();
  for (const keys of rounds) {
    const left = new Map<string, T[]>();
    for (const one of ofB) {
      if (taken.has(one)) continue;
      for (const key of keys(one)) {
        const list = left.get(key);
        if (list) list.push(one);
        else left.set(key, [one]);
      }
    }
    for (const one of ofA) {
      if (partner.has(one)) continue;
      const found = keys(one)
        .flatMap((key) => left.get(key)?.find((other) => !taken.has(other)) ?? [])
        .at(0);
      if (!found) continue;
      partner.set(one, found);
      taken.add(found);
    }
  }
  return [
    ...ofA.map((a): Pair<T> => ({ name: a.name, a, b: partner.get(a) ?? null })),
    ...ofB.filter((b) => !taken.has(b)).map((b): Pair<T> => ({ name: b.name, a: null, b })),
  ];
}

export interface TotalRow {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** By run; null where it has no such total. */
  readonly values: readonly (Metric | null)[];
  /** Of the best value; none where all are within the tolerance, or none is better than another. */
  readonly best: ReadonlySet<number>;
  /** Runs that differ from the base by more than the tolerance. */
  readonly differs: readonly boolean[];
}

/** More of it is better, or less; what is not here is neither. */
const BETTER: Readonly<Record<string, 'more' | 'less'>> = {
  'time.cycles': 'less',
  'time.seconds': 'less',
  'compute.utilisation': 'more',
  'offchip.bytes': 'less',
  'offchip.noncompulsory': 'less',
  'offchip.spill': 'less',
  'offchip.refetch': 'less',
  'energy.total': 'less',
  'area.total': 'less',
};

/** Every total any of the runs has, in the order of the base and then of the others. */
export function totalsTable(runs: readonly RunResult[], base: number, relative = 0): readonly TotalRow[] {
  const byRun = runs.map(({ totals }) => new Map(totals.map((metric) => [metric.id, metric])));
  const first = runs[base];
  const ids = new Set([...(first ? [first] : []), ...runs].flatMap(({ totals }) => totals.map(({ id }) => id)));
  return [...ids].flatMap((id): TotalRow[] => {
    const values = byRun.map((metrics) => metrics.get(id) ?? null);
    const known = values.flatMap((metric) => metric ?? []);
    const [first] = known;
    if (!first) return [];
    const tolerance = { absolute: 0, relative };
    const numbers = known.map(({ value }) => value);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const better = BETTER[id];
    const wanted = better === 'more' ? high : low;
    const hasBest = better !== undefined && known.length > 1 && !isWithin(low, high, tolerance);
    const best = values.flatMap((metric, run) =>
      hasBest && metric && isWithin(metric.value, wanted, tolerance) ? [run] : [],
    );
    const of = values[base]?.value;
    return [
      {
        id,
        title: first.title,
        unit: first.unit,
        values,
        best: new Set(best),
        differs: values.map((metric) => of === undefined || !metric || !isWithin(of, metric.value, tolerance)),
      },
    ];
  });
}

/** Differences of operators on the nodes of one side's model; fused operators give all their nodes the same. */
export function deltasByNode(
  rows: readonly Difference<OperatorResult>[],
  side: 'a' | 'b',
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { pair, delta } of rows) for (const node of pair[side]?.nodes ?? []) found.set(node, delta);
  return found;
}

/** The same of resources in an architecture; of lanes of one component the one that changed most. */
export function resourceDeltasByNode(
  rows: readonly Difference<ResourceUse>[],
  side: 'a' | 'b',
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { pair, delta } of rows) {
    const node = pair[side]?.node;
    if (node && Math.abs(delta) > Math.abs(found.get(node) ?? 0)) found.set(node, delta);
  }
  return found;
}
