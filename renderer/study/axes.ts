/** What can be swept: catalog parameters of drawn nodes, of all nodes of a type together, and of the settings. */
import type { ParameterValue } from '#core/base/value.ts';
import { operatorType } from '#core/catalog/operators.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { componentTypeIn } from '#core/document/components.ts';
import type { DocumentFile, DocumentKind } from '#core/document/document.ts';
import { simulationSetting } from '#core/run/fabric/settings.ts';
import { RUN_PARAMETERS, runSetting } from '#core/run/settings.ts';
import { nodeSpecs, SCHEDULER_AXIS, type StudyDocuments, settingSpecs } from '#core/study/space.ts';
import type { StudyAxis, StudySpec } from '#core/study/study.ts';
import { formatValue } from '../widgets/format.ts';
import type { Matchable } from '../widgets/matching.ts';
import { isNumeric } from './values.ts';

/** A parameter that can be an axis, with where it is set. */
export interface AxisCandidate extends Matchable {
  readonly id: string;
  readonly of: StudyAxis['of'];
  readonly nodes: readonly string[];
  readonly spec: ParameterSpec;
  /** Short: the title of the axis. */
  readonly title: string;
  /** `PE array`, `all 4: memory bank`, `settings`. */
  readonly place: string;
  readonly label: string;
  /** Of the first node. */
  readonly current: ParameterValue;
  /** `32`, `64 KiB`, `several values`. */
  readonly currentText: string;
}

type Settings = Pick<StudySpec, 'kind' | 'settings'>;

/** Nodes one axis may set. */
const MOST_NODES = 1000;
/** Bytes that values of the scratchpad are suggested around where it is as drawn. */
const FIRST_SCRATCHPAD = 2 ** 19;

/** The architecture first, then settings, then the model; all nodes of a type before each of them. */
export function axisCandidates({ kind, settings }: Settings, documents: StudyDocuments): readonly AxisCandidate[] {
  return [
    ...candidatesIn('architecture', documents.architecture),
    ...settingSpecs(kind, settings).map((spec) => settingCandidate(spec, settings)),
    ...candidatesIn('model', documents.model),
  ];
}

function settingCandidate(spec: ParameterSpec, settings: StudySpec['settings']): AxisCandidate {
  const set = settingValue(spec, settings);
  return {
    id: `settings ${spec.id}`,
    of: 'settings',
    nodes: [],
    spec,
    title: spec.title,
    place: 'settings',
    label: `${spec.title} · settings`,
    keywords: [spec.id, spec.help, 'run setting', spec.id.startsWith(SCHEDULER_AXIS) ? 'scheduler' : ''],
    current: set ?? FIRST_SCRATCHPAD,
    currentText: set === null ? 'as drawn' : formatValue(spec, set),
  };
}

/** Null where the drawing says it: the scratchpad's capacity, unless it is overridden. */
export function settingValue(spec: ParameterSpec, settings: StudySpec['settings']): ParameterValue | null {
  if (!('scheduler' in settings)) return simulationSetting(settings, spec);
  if (spec.id === 'scratchpadBytes') return settings.scratchpadBytes;
  if (spec.id.startsWith(SCHEDULER_AXIS))
    return settings.scheduler.parameters[spec.id.slice(SCHEDULER_AXIS.length)] ?? spec.default;
  return RUN_PARAMETERS.some(({ id }) => id === spec.id) ? runSetting(settings, spec) : spec.default;
}

function candidatesIn(of: 'model' | 'architecture', file: DocumentFile): readonly AxisCandidate[] {
  const byType = new Map<string, DocumentFile['nodes'][number][]>();
  for (const node of file.nodes) {
    const same = byType.get(node.type) ?? [];
    same.push(node);
    byType.set(node.type, same);
  }
  const together: AxisCandidate[] = [];
  const single: AxisCandidate[] = [];
  for (const [type, nodes] of byType) {
    const specs = nodeSpecs(file.kind, type);
    if (specs.length === 0) continue;
    const typeTitle = titleOf(file.kind, type);
    for (const spec of specs) {
      if (nodes.length > 1 && nodes.length <= MOST_NODES) {
        const place = `all ${nodes.length}: ${typeTitle.toLowerCase()}`;
        together.push(candidateOf(of, nodes, spec, place, typeTitle, type));
      }
      for (const node of nodes) single.push(candidateOf(of, [node], spec, node.name, typeTitle, type));
    }
  }
  return [...together, ...single];
}

function candidateOf(
  of: 'model' | 'architecture',
  nodes: readonly DocumentFile['nodes'][number][],
  spec: ParameterSpec,
  place: string,
  typeTitle: string,
  type: string,
): AxisCandidate {
  const values = nodes.map(({ parameters }) => parameters[spec.id] ?? spec.default);
  const current = values[0] ?? spec.default;
  const isMixed = values.some((value) => JSON.stringify(value) !== JSON.stringify(current));
  return {
    id: `${of} ${nodes.length > 1 ? `type:${type}` : nodes[0]?.id} ${spec.id}`,
    of,
    nodes: nodes.map(({ id }) => id),
    spec,
    title: nodes.length > 1 ? `${typeTitle}: ${spec.title.toLowerCase()}` : `${place}: ${spec.title.toLowerCase()}`,
    place,
    label: `${spec.title} · ${place}`,
    keywords: [
      typeTitle,
      type,
      spec.id,
      of === 'model' ? 'model' : 'architecture hardware fabric',
      'unit' in spec ? spec.unit : '',
    ],
    current,
    currentText: isMixed ? 'several values' : formatValue(spec, current),
  };
}

function titleOf(kind: DocumentKind, type: string): string {
  return (kind === 'model' ? operatorType(type) : componentTypeIn(kind, type))?.title ?? type;
}

/** Type and parameter of what is worth sweeping first, by kind of study; at most this many of those there are. */
const FIRST: Readonly<Record<StudySpec['kind'], readonly (readonly [type: string, parameter: string])[]>> = {
  program: [
    ['systolic-array', 'rows'],
    ['systolic-array', 'columns'],
    ['dram-channel', 'gigabytesPerSecond'],
    ['vector-unit', 'lanes'],
  ],
  simulation: [
    ['off-chip-channel', 'gigabytesPerSecond'],
    ['memory-bank', 'capacityBytes'],
    ['compute-core', 'lanesInt16'],
  ],
};
const FIRST_AXES = 3;

/** Axes a new study begins with; where none is known to be worth it, the first numbers of the architecture. */
export function firstAxes(kind: StudySpec['kind'], candidates: readonly AxisCandidate[]): readonly AxisCandidate[] {
  const drawn = candidates.filter(({ of }) => of === 'architecture');
  const found = FIRST[kind].flatMap(
    ([type, parameter]) => drawn.find(({ spec, keywords }) => spec.id === parameter && keywords?.includes(type)) ?? [],
  );
  const some = found.length > 0 ? found : drawn.filter(({ spec }) => isNumeric(spec));
  return some.slice(0, FIRST_AXES);
}

/** One parameter of the nodes, whatever it is of; empty where none of them has it. Nodes of one type go together. */
export function axisOfParameter(
  candidates: readonly AxisCandidate[],
  nodes: readonly string[],
  parameter: string,
): readonly AxisCandidate[] {
  const wanted = new Set(nodes);
  const own = candidates.filter(
    (one) => one.nodes.length === 1 && wanted.has(one.nodes[0]!) && one.spec.id === parameter,
  );
  return [...new Set(own.map(({ spec }) => spec))].map((spec) => together(own.filter((one) => one.spec === spec)));
}

/** Parameters of the nodes that are numbers: what a sweep of these nodes begins with. Those of one type go together. */
export function axesOfNodes(candidates: readonly AxisCandidate[], nodes: readonly string[]): readonly AxisCandidate[] {
  const wanted = new Set(nodes);
  const own = candidates.filter(
    (one) => one.nodes.length === 1 && wanted.has(one.nodes[0]!) && isNumeric(one.spec) && !one.spec.advanced,
  );
  // Specifications are one object a type, so parameters of different types are told apart.
  const specs = [...new Set(own.map(({ spec }) => spec))].slice(0, FIRST_AXES - 1);
  return specs.map((spec) => together(own.filter((one) => one.spec === spec)));
}

/** One axis that sets a parameter of several nodes. @param alike of one specification, at least one. */
function together(alike: readonly AxisCandidate[]): AxisCandidate {
  const first = alike[0]!;
  if (alike.length === 1) return first;
  const { spec } = first;
  const place = `${alike.length} selected nodes`;
  return {
    ...first,
    id: `selected ${spec.id} ${alike.map(({ nodes: [id] }) => id).join(' ')}`,
    nodes: alike.flatMap((one) => one.nodes),
    place,
    title: `${place}: ${spec.title.toLowerCase()}`,
    label: `${spec.title} · ${place}`,
    currentText: new Set(alike.map(({ currentText }) => currentText)).size > 1 ? 'several values' : first.currentText,
  };
}
