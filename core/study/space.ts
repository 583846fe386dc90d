/**
 * The points of a study: a choice of values turned into two documents and settings. The check of a specification is here too:
 * what passes it expands without fail.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { ParameterValue, ParameterValues } from '#core/base/value.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';
import { componentTypeIn } from '#core/document/components.ts';
import { type DocumentFile, type DocumentKind, KIND_WORDS } from '#core/document/document.ts';
import { SIMULATION_PARAMETERS, type SimulationSettings, withSimulationSetting } from '#core/run/fabric/settings.ts';
import { RUN_PARAMETERS, type RunSettings, withRunSetting } from '#core/run/settings.ts';
import type { Choice, ExplorerSpace } from '#core/technique/explorer.ts';
import { schedulerById } from '#core/technique/registry.ts';
import type { StudyAxis, StudySpec } from './study.ts';

/** What a study is of, as it was when it began. */
export interface StudyDocuments {
  readonly model: DocumentFile;
  readonly architecture: DocumentFile;
}

/** New values by document node, and the settings. */
export interface PointChanges {
  readonly model: Readonly<Record<string, ParameterValues>>;
  readonly architecture: Readonly<Record<string, ParameterValues>>;
  readonly settings: StudySpec['settings'];
}

/** Of the kinds of documents a study of each kind is of: the model's place and the architecture's. */
export const STUDY_DOCUMENTS: Readonly<Record<StudySpec['kind'], readonly [DocumentKind, DocumentKind]>> = {
  program: ['model', 'architecture'],
  simulation: ['tasks', 'fabric'],
};

/** Overrides the drawn scratchpad; no parameter of the settings' form, so declared here. */
const SCRATCHPAD: ParameterSpec = {
  id: 'scratchpadBytes',
  title: 'Scratchpad',
  kind: 'integer',
  unit: 'B',
  minimum: 1,
  maximum: 2 ** 50,
  default: 1,
  help: 'Capacity instead of the drawn one.',
};

/** A parameter of the scheduler is an axis by this and its id. */
export const SCHEDULER_AXIS = 'scheduler.';

/** What of the settings can be an axis, in order; those of a scheduler are named `scheduler.<id>`. */
export function settingSpecs(kind: StudySpec['kind'], settings: StudySpec['settings']): readonly ParameterSpec[] {
  if (kind === 'simulation') return SIMULATION_PARAMETERS;
  const scheduler = 'scheduler' in settings ? schedulerById(settings.scheduler.id) : null;
  const own = scheduler?.ok ? scheduler.value.manifest.parameters : [];
  return [SCRATCHPAD, ...RUN_PARAMETERS, ...own.map((spec) => ({ ...spec, id: SCHEDULER_AXIS + spec.id }))];
}

/** Declared parameters of a node; none of a type that is unknown. */
export function nodeSpecs(kind: DocumentKind, type: string): readonly ParameterSpec[] {
  return (kind === 'model' ? operatorType(type) : componentTypeIn(kind, type))?.parameters ?? [];
}

export function spaceOf({ axes }: Pick<StudySpec, 'axes'>): ExplorerSpace {
  return { levels: axes.map(({ values }) => values.length) };
}

/** The first axis that cannot be swept, and why: codes `study.documents`, `study.axis`. */
export function checkAxes(spec: StudySpec, documents: StudyDocuments): Problem | null {
  const [model, architecture] = STUDY_DOCUMENTS[spec.kind];
  if (documents.model.kind !== model || documents.architecture.kind !== architecture)
    return problem(
      'study.documents',
      `A study of this kind is of ${KIND_WORDS[model]} and ${KIND_WORDS[architecture]}`,
    );
  const isProgram = 'scheduler' in spec.settings;
  if (isProgram !== (spec.kind === 'program'))
    return problem('study.settings', 'The settings are those of another kind of run');
  const taken = new Set<string>();
  for (const [index, axis] of spec.axes.entries()) {
    const fault = axisFault(axis, spec, documents, taken);
    if (fault !== null)
      return problem('study.axis', `Axis ${index + 1}, ${axis.title || axis.parameter}: ${fault.message}`, {
        where: fault.where,
        facts: { axis: index + 1, parameter: axis.parameter },
      });
  }
  return null;
}

interface AxisFault {
  readonly message: string;
  readonly where: Problem['where'];
}

function axisFault(
  axis: StudyAxis,
  { kind, settings }: StudySpec,
  documents: StudyDocuments,
  taken: Set<string>,
): AxisFault | null {
  const { of, nodes, parameter, values } = axis;
  const distinct = new Set(values.map((value) => JSON.stringify(value)));
  if (values.length === 0) return { message: 'it has no values', where: {} };
  if (distinct.size < values.length) return { message: 'a value is listed twice', where: {} };
  const wrong = (spec: ParameterSpec): string | null => {
    for (const value of values) {
      const fault = parameterFault(spec, value);
      if (fault !== null) return fault;
    }
    return null;
  };
  const take = (what: string): boolean => {
    const key = `${of} ${what} ${parameter}`;
    const isFree = !taken.has(key);
    taken.add(key);
    return isFree;
  };
  if (of === 'settings') {
    const spec = settingSpecs(kind, settings).find(({ id }) => id === parameter);
    if (!spec) return { message: `the settings have no ${parameter}`, where: {} };
    if (!take('')) return { message: 'another axis sets it already', where: {} };
    const message = wrong(spec);
    return message === null ? null : { message, where: {} };
  }
  const file = documents[of];
  if (nodes.length === 0) return { message: 'no node is named that takes the value', where: { document: file.id } };
  const known = new Map(file.nodes.map((node) => [node.id, node]));
  for (const id of nodes) {
    const where = { document: file.id, node: id, parameter };
    const node = known.get(id);
    if (!node) return { message: `there is no node ${id} in ${file.title}`, where: { document: file.id } };
    const spec = nodeSpecs(file.kind, node.type).find((one) => one.id === parameter);
    if (!spec) return { message: `${node.name} has no parameter ${parameter}`, where };
    if (!take(id)) return { message: `another axis, or this one twice, sets ${parameter} of ${node.name}`, where };
    const message = wrong(spec);
    if (message !== null) return { message, where };
  }
  return null;
}

/** What a point sets, by document, and the settings it is run with. */
export function pointChanges(spec: StudySpec, choice: Choice): PointChanges {
  const changes: Record<'model' | 'architecture', Record<string, Record<string, ParameterValue>>> = {
    model: {},
    architecture: {},
  };
  let settings = spec.settings;
  for (const [index, { of, nodes, parameter, values }] of spec.axes.entries()) {
    const value = values[choice[index] ?? 0]!;
    if (of === 'settings') settings = withSetting(settings, parameter, value);
    else
      for (const node of nodes) {
        const set = changes[of][node] ?? {};
        set[parameter] = value;
        changes[of][node] = set;
      }
  }
  return { ...changes, settings };
}

/** The document with a point's values; the same one where it sets none. */
export function changedFile(file: DocumentFile, changes: Readonly<Record<string, ParameterValues>>): DocumentFile {
  if (Object.keys(changes).length === 0) return file;
  return {
    ...file,
    nodes: file.nodes.map((node) => {
      const set = changes[node.id];
      return set ? { ...node, parameters: { ...node.parameters, ...set } } : node;
    }),
  };
}

function withSetting(
  settings: StudySpec['settings'],
  parameter: string,
  value: ParameterValue,
): RunSettings | SimulationSettings {
  if (!('scheduler' in settings)) {
    const spec = SIMULATION_PARAMETERS.find(({ id }) => id === parameter);
    return spec ? withSimulationSetting(settings, spec, value) : settings;
  }
  if (parameter === SCRATCHPAD.id)
    return typeof value === 'number' ? { ...settings, scratchpadBytes: value } : settings;
  if (parameter.startsWith(SCHEDULER_AXIS)) {
    const { id, parameters } = settings.scheduler;
    return {
      ...settings,
      scheduler: { id, parameters: { ...parameters, [parameter.slice(SCHEDULER_AXIS.length)]: value } },
    };
  }
  const spec = RUN_PARAMETERS.find(({ id }) => id === parameter);
  return spec ? withRunSetting(settings, spec, value) : settings;
}

/** Both documents and the settings of a point; only for a specification that was checked. */
export function expand(
  spec: StudySpec,
  documents: StudyDocuments,
  choice: Choice,
): StudyDocuments & { readonly settings: StudySpec['settings'] } {
  const { model, architecture, settings } = pointChanges(spec, choice);
  return {
    model: changedFile(documents.model, model),
    architecture: changedFile(documents.architecture, architecture),
    settings,
  };
}

/** A choice within the axes of the study. */
export function isChoice({ axes }: Pick<StudySpec, 'axes'>, choice: Choice): boolean {
  return choice.length === axes.length && choice.every((value, axis) => axes[axis]!.values[value] !== undefined);
}
