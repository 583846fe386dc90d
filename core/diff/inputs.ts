/** What differs between the inputs of two runs, or of a run and the next one: both documents, and the settings. */
import { isSameValue, type ParameterValue, type ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import { type Document, type DocumentFile, fromFile } from '#core/document/document.ts';
import { SIMULATION_PARAMETERS, type SimulationSettings, simulationSetting } from '#core/run/fabric/settings.ts';
import { RUN_PARAMETERS, type RunSettings, runSetting } from '#core/run/settings.ts';
import { type DocumentDiff, diffDocuments } from './diff.ts';
import { changeOf, type ParameterChange, valueChanges } from './parameters.ts';

/** `model`: or the task graph. `architecture`: or the fabric. Null: no longer there. */
export interface InputSet {
  readonly model: Document | null;
  readonly architecture: Document | null;
  readonly settings: RunSettings | SimulationSettings;
}

export interface InputDiff {
  readonly model: DocumentDiff | null;
  readonly architecture: DocumentDiff | null;
  readonly settings: readonly ParameterChange[];
}

/** A scheduler's own parameters, by its id. */
export type SchedulerSpecs = (id: string) => readonly ParameterSpec[];

type Frozen =
  | { readonly model: DocumentFile; readonly architecture: DocumentFile; readonly settings: RunSettings }
  | { readonly tasks: DocumentFile; readonly fabric: DocumentFile; readonly settings: SimulationSettings };

export function inputsOf(frozen: Frozen): InputSet {
  const [model, architecture] = 'tasks' in frozen ? [frozen.tasks, frozen.fabric] : [frozen.model, frozen.architecture];
  return { model: fromFile(model), architecture: fromFile(architecture), settings: frozen.settings };
}

export function diffInputs(a: InputSet, b: InputSet, schedulerSpecs: SchedulerSpecs = () => []): InputDiff {
  const both = (first: Document | null, second: Document | null) =>
    first && second && first.kind === second.kind ? diffDocuments(first, second) : null;
  return {
    model: both(a.model, b.model),
    architecture: both(a.architecture, b.architecture),
    settings: settingsChanges(a.settings, b.settings, schedulerSpecs),
  };
}

const isRun = (settings: RunSettings | SimulationSettings): settings is RunSettings => 'scheduler' in settings;

/** Of settings of one kind of run; between a program and a simulation nothing can be said. */
export function settingsChanges(
  a: RunSettings | SimulationSettings,
  b: RunSettings | SimulationSettings,
  schedulerSpecs: SchedulerSpecs = () => [],
): readonly ParameterChange[] {
  if (isRun(a) && isRun(b)) return runChanges(a, b, schedulerSpecs);
  if (isRun(a) || isRun(b)) return [];
  const values = (settings: SimulationSettings): ParameterValues =>
    Object.fromEntries(SIMULATION_PARAMETERS.map((spec) => [spec.id, simulationSetting(settings, spec)]));
  return valueChanges(SIMULATION_PARAMETERS, values(a), values(b));
}

const SCRATCHPAD: ParameterSpec = {
  id: 'scratchpadBytes',
  title: 'Scratchpad',
  help: 'In place of the drawn capacity',
  kind: 'integer',
  unit: 'B',
  minimum: 0,
  maximum: 2 ** 50,
  default: 0,
};

function runChanges(a: RunSettings, b: RunSettings, schedulerSpecs: SchedulerSpecs): readonly ParameterChange[] {
  const values = (settings: RunSettings): ParameterValues =>
    Object.fromEntries(RUN_PARAMETERS.map((spec) => [spec.id, runSetting(settings, spec)]));
  const isSameScheduler = a.scheduler.id === b.scheduler.id;
  return [
    ...valueChanges(RUN_PARAMETERS, values(a), values(b)),
    ...scratchpadChange(a.scratchpadBytes, b.scratchpadBytes),
    ...textChange('scheduler', 'Scheduler', a.scheduler.id, b.scheduler.id),
    ...(isSameScheduler
      ? valueChanges(schedulerSpecs(a.scheduler.id), a.scheduler.parameters, b.scheduler.parameters)
      : []),
    ...candidateChanges(a.candidates ?? {}, b.candidates ?? {}),
  ];
}

function scratchpadChange(a: number | null, b: number | null): readonly ParameterChange[] {
  if (a === b) return [];
  const change = changeOf(SCRATCHPAD.id, SCRATCHPAD, a ?? undefined, b ?? undefined);
  return [{ ...change, from: change.from ?? 'as drawn', to: change.to ?? 'as drawn' }];
}

function textChange(id: string, title: string, a: ParameterValue, b: ParameterValue): readonly ParameterChange[] {
  return isSameValue(a, b) ? [] : [{ id, title, from: String(a), to: String(b), exact: null }];
}

/** Texts are long: which operators they are of is what is told. */
function candidateChanges(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): readonly ParameterChange[] {
  const said = (text: string | undefined, other: string | undefined) =>
    text === undefined ? 'none' : other === undefined ? 'a candidate' : `a candidate of ${text.length} characters`;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .filter((node) => a[node] !== b[node])
    .map((node) => {
      const [from, to] = [said(a[node], b[node]), said(b[node], a[node])];
      const isAlike = from === to;
      return {
        id: `candidate:${node}`,
        title: `Candidate of ${node}`,
        from,
        to: isAlike ? 'another candidate' : to,
        exact: null,
      };
    });
}
