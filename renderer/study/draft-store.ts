/** The study that is being put together: what of, its axes, explorer, fidelity, objectives; checked as the host will. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ParameterValue, ParameterValues } from '#core/base/value.ts';
import { parameterFault } from '#core/catalog/parameter.ts';
import { KIND_WORDS, toFile } from '#core/document/document.ts';
import { studyMetrics } from '#core/study/metrics.ts';
import { STUDY_DOCUMENTS, type StudyDocuments } from '#core/study/space.ts';
import { explorers, type PlannedStudy, planStudy } from '#core/study/start.ts';
import type { StudyAxis, StudySpec, StudyView } from '#core/study/study.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { areSaved } from '../client/saved.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { type AxisCandidate, axesOfNodes, axisCandidates, axisOfParameter, firstAxes } from './axes.ts';
import { useStudies } from './studies-store.ts';
import { expandValues, firstEntry, type ValueEntry } from './values.ts';

export interface DraftAxis {
  readonly candidate: AxisCandidate;
  readonly entry: ValueEntry;
  readonly values: Result<readonly ParameterValue[], string>;
}

export interface StudySubject {
  readonly kind: StudySpec['kind'];
  readonly model: string | null;
  readonly architecture: string | null;
}

/** Nodes to sweep: one parameter of theirs, or the first numbers they have. */
export interface Sweep {
  readonly nodes: readonly string[];
  readonly parameter?: string;
}

const FIRST_EXPLORER = 'explorer/grid';
/** What pulls in different directions where hardware is swept. */
const FIRST_OBJECTIVES: Readonly<Record<StudySpec['kind'], readonly string[]>> = {
  program: ['time.cycles', 'area.total'],
  simulation: ['time.cycles', 'hardware.macs'],
};
const LONGEST_TITLE = 200;

export const useStudyDraft = defineStore('study-draft', () => {
  const documents = useDocuments();
  const project = useProject();
  const runs = useRuns();
  const studies = useStudies();
  const notices = useNotices();

  const kind = ref<StudySpec['kind']>('program');
  const model = ref<string | null>(null);
  const architecture = ref<string | null>(null);
  const axes = shallowRef<readonly DraftAxis[]>([]);
  const explorer = ref(FIRST_EXPLORER);
  const parameters = shallowRef<ParameterValues>({});
  const fidelity = ref<StudySpec['fidelity']>('estimate');
  const objectives = shallowRef<readonly string[]>(FIRST_OBJECTIVES.program);
  const ownTitle = ref<string | null>(null);
  const isStarting = ref(false);
  /** Axes are suggested once, when both drawings are there; then they are the user's. */
  let wantsSuggestion = true;
  let wanted: Sweep | null = null;

  const subject = computed<StudyDocuments | null>(() => {
    const [first, second] = [documents.get(model.value), documents.get(architecture.value)];
    return first && second
      ? { model: toFile(first.state.document), architecture: toFile(second.state.document) }
      : null;
  });
  const settings = computed<StudySpec['settings']>(() =>
    kind.value === 'program' ? runs.settings : runs.simulationSettings,
  );
  const candidates = computed(() =>
    subject.value ? axisCandidates({ kind: kind.value, settings: settings.value }, subject.value) : [],
  );
  const metrics = computed(() => studyMetrics(kind.value, fidelity.value));
  const manifest = computed(() => explorers.find((one) => one.manifest.id === explorer.value)?.manifest ?? null);

  const suggestedTitle = computed(() => {
    const names = axes.value.map(({ candidate }) => candidate.spec.title.toLowerCase()).join(', ');
    const of = project.documents.find(({ id }) => id === architecture.value)?.title ?? '';
    const text = names === '' ? of : `${names} of ${of}`;
    return (text.charAt(0).toUpperCase() + text.slice(1)).slice(0, LONGEST_TITLE) || 'Study';
  });
  const title = computed(() => ownTitle.value ?? suggestedTitle.value);

  /** Null while an axis cannot be read. */
  const spec = computed<StudySpec | null>(() => {
    if (model.value === null || architecture.value === null) return null;
    const read: StudyAxis[] = [];
    for (const { candidate, values } of axes.value) {
      if (!values.ok) return null;
      const { of, nodes, spec: declared, title: axisTitle } = candidate;
      read.push({
        of,
        nodes,
        parameter: declared.id,
        title: axisTitle.slice(0, LONGEST_TITLE),
        unit: 'unit' in declared ? declared.unit : '',
        values: values.value,
      });
    }
    return {
      title: title.value,
      kind: kind.value,
      model: model.value,
      architecture: architecture.value,
      settings: settings.value,
      axes: read,
      explorer: { id: explorer.value, parameters: parameters.value },
      fidelity: fidelity.value,
      objectives: objectives.value,
    };
  });
  const plan = computed<Result<PlannedStudy, Problem> | null>(() =>
    spec.value && subject.value && spec.value.axes.length > 0 ? planStudy(spec.value, subject.value) : null,
  );

  /** What stands in the way of starting; null where nothing does. */
  const obstacle = computed<string | null>(() => {
    if (project.view?.readOnly) return 'The project is open for reading only';
    const [first, second] = STUDY_DOCUMENTS[kind.value];
    if (model.value === null) return `A study takes ${KIND_WORDS[first]}: the project has none yet`;
    if (architecture.value === null) return `A study takes ${KIND_WORDS[second]}: the project has none yet`;
    if (!subject.value) return 'The drawings are being opened';
    if (axes.value.length === 0) return 'Add at least one parameter to sweep';
    const bad = axes.value.find(({ values }) => !values.ok);
    if (bad && !bad.values.ok) return `${bad.candidate.title}: ${bad.values.error}`;
    return plan.value && !plan.value.ok ? plan.value.error.message : null;
  });

  /** A new study of what Run would run, of what is to be swept if that is said. */
  function begin(of: StudySubject, sweep: Sweep | null = null): void {
    const isSame = of.kind === kind.value && of.model === model.value && of.architecture === architecture.value;
    if (isSame && sweep === null && axes.value.length > 0) return;
    objectives.value = FIRST_OBJECTIVES[of.kind];
    ownTitle.value = null;
    wanted = sweep;
    wantsSuggestion = true;
    kind.value = of.kind;
    choose(of.model, of.architecture);
    if (isSame) suggest();
  }

  /** Another pair; its parameters are others. */
  function choose(ofModel: string | null, ofArchitecture: string | null): void {
    if (ofModel === model.value && ofArchitecture === architecture.value) return;
    axes.value = [];
    wantsSuggestion = true;
    model.value = ofModel;
    architecture.value = ofArchitecture;
    for (const id of [ofModel, ofArchitecture]) if (id !== null) void documents.open(id);
  }

  function suggest(): void {
    if (!wantsSuggestion || !subject.value) return;
    wantsSuggestion = false;
    const swept = wanted ? axesOf(wanted) : [];
    wanted = null;
    axes.value = (swept.length > 0 ? swept : firstAxes(kind.value, candidates.value)).map(axisOf);
  }
  /** Which two are open; not their every edit, while nobody may be looking. */
  watch(() => [model, architecture].map(({ value }) => documents.get(value)?.id ?? '').join(' '), suggest);

  function axesOf({ nodes, parameter }: Sweep): readonly AxisCandidate[] {
    return parameter === undefined
      ? axesOfNodes(candidates.value, nodes)
      : axisOfParameter(candidates.value, nodes, parameter);
  }

  function axisOf(candidate: AxisCandidate): DraftAxis {
    const entry = firstEntry(candidate.spec, candidate.current);
    return { candidate, entry, values: expandValues(candidate.spec, entry) };
  }

  function addAxis(candidate: AxisCandidate): void {
    if (axes.value.some((axis) => axis.candidate.id === candidate.id)) return;
    axes.value = [...axes.value, axisOf(candidate)];
  }

  function setEntry(id: string, entry: ValueEntry): void {
    axes.value = axes.value.map((axis) =>
      axis.candidate.id === id ? { ...axis, entry, values: expandValues(axis.candidate.spec, entry) } : axis,
    );
  }

  function removeAxis(id: string): void {
    axes.value = axes.value.filter(({ candidate }) => candidate.id !== id);
  }

  function setExplorer(id: string): void {
    explorer.value = id;
    parameters.value = {};
  }

  /** Defaults are left out; what the parameter does not take changes nothing. */
  function setParameter(id: string, value: ParameterValue): void {
    const declared = manifest.value?.parameters.find((one) => one.id === id);
    if (!declared || parameterFault(declared, value) !== null) return;
    const { [id]: _before, ...others } = parameters.value;
    parameters.value = value === declared.default ? others : { ...others, [id]: value };
  }

  function setFidelity(next: StudySpec['fidelity']): void {
    fidelity.value = next;
    const known = new Set(studyMetrics(kind.value, next).map(({ id }) => id));
    const kept = objectives.value.filter((id) => known.has(id));
    objectives.value = kept.length >= 2 ? kept : FIRST_OBJECTIVES[kind.value];
  }

  /** Two to four. */
  function toggleObjective(id: string): void {
    const has = objectives.value.includes(id);
    if (has && objectives.value.length > 2) objectives.value = objectives.value.filter((one) => one !== id);
    else if (!has && objectives.value.length < 4) objectives.value = [...objectives.value, id];
  }

  /** Null where it could not be started; a notice says why. */
  async function start(): Promise<StudyView | null> {
    const asked = spec.value;
    if (!asked || obstacle.value !== null || isStarting.value) return null;
    isStarting.value = true;
    try {
      if (!(await areSaved([asked.model, asked.architecture]))) {
        notices.tell('study.not-saved', 'The last changes are not saved yet; start again once they are');
        return null;
      }
      return await studies.start(asked);
    } finally {
      isStarting.value = false;
    }
  }

  return {
    kind,
    model,
    architecture,
    axes,
    explorer,
    parameters,
    fidelity,
    objectives,
    ownTitle,
    title,
    subject,
    candidates,
    metrics,
    manifest,
    spec,
    plan: computed(() => (plan.value?.ok ? plan.value.value : null)),
    obstacle,
    isStarting,
    begin,
    choose,
    addAxis,
    setEntry,
    removeAxis,
    setExplorer,
    setParameter,
    setFidelity,
    toggleObjective,
    start,
  };
});

/** Everything an explorer can be asked for, as the registry lists it. */
export const explorerChoices: readonly { readonly id: string; readonly title: string }[] = explorers.map(
  ({ manifest: { id, title } }) => ({ id, title }),
);
