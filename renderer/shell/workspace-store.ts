/** What is open on screen: tabs, panels and their sizes, dialogs. Sizes are remembered; nothing here is project data. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ProjectView, RunKind } from '#core/contract/views.ts';
import type { DocumentKind } from '#core/document/document.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useProject } from '../client/project-store.ts';
import { useComparisons } from '../history/comparisons-store.ts';
import { remembered } from '../widgets/remembered.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { type Tab, tabLook } from './tab-looks.ts';

export type Dialog =
  | 'commands'
  | 'shortcuts'
  | 'search'
  | 'new-document'
  | 'export'
  | 'rewrite'
  | 'checkpoint'
  | 'compare';

const isNumber = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const isBoolean = (value: unknown) => (typeof value === 'boolean' ? value : null);
const isText = (value: unknown) => (typeof value === 'string' ? value : null);
const same = (a: Tab, b: Tab) => a.kind === b.kind && a.id === b.id;

export const useWorkspace = defineStore('workspace', () => {
  const project = useProject();
  const documents = useDocuments();
  const runs = useRuns();

  const tabs = shallowRef<readonly Tab[]>([]);
  const active = shallowRef<Tab | null>(null);
  const dialog = ref<Dialog | null>(null);
  const menuAt = shallowRef<{ readonly x: number; readonly y: number } | null>(null);
  const leftWidth = remembered('left-width', 248, isNumber);
  const rightWidth = remembered('right-width', 288, isNumber);
  const bottomHeight = remembered('bottom-height', 288, isNumber);
  const isLeftOpen = remembered('left-open', true, isBoolean);
  const isRightOpen = remembered('right-open', true, isBoolean);
  const isBottomOpen = remembered('bottom-open', false, isBoolean);
  const bottomTab = remembered('bottom-tab', 'problems', isText);
  const chosenModel = ref<string | null>(null);
  const chosenArchitecture = ref<string | null>(null);
  const chosenTasks = ref<string | null>(null);
  const chosenFabric = ref<string | null>(null);
  /** What was looked at last: models and architectures, or task graphs and fabrics. */
  const chosenKind = ref<RunKind>('program');

  const activeDocument = computed(() => (active.value?.kind === 'document' ? active.value.id : null));
  const summary = computed(() => project.documents.find((document) => document.id === activeDocument.value) ?? null);
  /** What Run runs and the live estimate is of: what was chosen, else what is on screen, else the first. */
  const runModel = computed(() => pick(project.models, chosenModel.value));
  const runArchitecture = computed(() => pick(project.architectures, chosenArchitecture.value));
  const taskGraphs = computed(() => project.documents.filter(({ kind }) => kind === 'tasks'));
  const fabrics = computed(() => project.documents.filter(({ kind }) => kind === 'fabric'));
  const runTasks = computed(() => pick(taskGraphs.value, chosenTasks.value));
  const runFabric = computed(() => pick(fabrics.value, chosenFabric.value));
  const runKind = computed<RunKind>(() => {
    if (taskGraphs.value.length === 0) return 'program';
    return project.models.length === 0 ? 'simulation' : chosenKind.value;
  });

  function pick<T extends { readonly id: string }>(from: readonly T[], chosen: string | null): T | null {
    return (
      from.find((each) => each.id === chosen) ??
      from.find((each) => each.id === activeDocument.value) ??
      from[0] ??
      null
    );
  }

  function show(tab: Tab): void {
    if (!tabs.value.some((each) => same(each, tab))) tabs.value = [...tabs.value, tab];
    active.value = tab;
    if (tab.kind === 'document') {
      void documents.open(tab.id);
    } else if (tab.kind === 'run') {
      runs.open(tab.id);
      chosenKind.value = runs.active?.kind ?? chosenKind.value;
    }
  }

  // What is looked at is what Run takes; a document just made is known to the project a moment after it is shown.
  const looked = computed(() => summary.value && `${summary.value.kind} ${summary.value.id}`);
  watch(
    looked,
    () => {
      if (!summary.value) return;
      const { id, kind } = summary.value;
      const chosen = { model: chosenModel, architecture: chosenArchitecture, tasks: chosenTasks, fabric: chosenFabric };
      chosen[kind].value = id;
      chosenKind.value = kind === 'tasks' || kind === 'fabric' ? 'simulation' : 'program';
    },
    { flush: 'sync' },
  );

  function close(tab: Tab): void {
    const at = tabs.value.findIndex((each) => same(each, tab));
    if (at < 0) return;
    tabs.value = tabs.value.toSpliced(at, 1);
    if (active.value && same(active.value, tab)) {
      active.value = null;
      const next = tabs.value[Math.min(at, tabs.value.length - 1)];
      if (next) show(next);
    }
  }

  function step(by: 1 | -1): void {
    const at = tabs.value.findIndex((tab) => active.value && same(tab, active.value));
    const next = tabs.value[(at + by + tabs.value.length) % tabs.value.length];
    if (next) show(next);
  }

  /** Another project: the first document of each kind comes up, side by side as tabs. */
  watch(
    () => project.view?.path ?? null,
    () => {
      documents.closeAll();
      tabs.value = [];
      active.value = null;
      chosenModel.value = null;
      chosenArchitecture.value = null;
      chosenTasks.value = null;
      chosenFabric.value = null;
      const view: ProjectView | null = project.view;
      if (!view) return;
      // What was last run, else the first of each.
      const last = view.runs.at(-1);
      const first = (kind: DocumentKind, id: string | undefined) =>
        view.documents.find((document) => document.id === id) ??
        view.documents.find((document) => document.kind === kind);
      const architecture = first('architecture', last?.architecture.document);
      const model = first('model', last?.model.document);
      const tasks = first('tasks', last?.model.document);
      const fabric = first('fabric', last?.architecture.document);
      for (const document of [fabric, tasks, architecture, model])
        if (document) show({ kind: 'document', id: document.id });
      // The model stands first, and in front.
      tabs.value = tabs.value.toReversed();
    },
    { immediate: true },
  );

  /** A task graph drawn for a fabric goes with it, until another is chosen. */
  const notedFabric = computed(() => {
    const nodes = documents.get(runTasks.value?.id ?? null)?.state.document.nodes.values() ?? [];
    const title = [...nodes].find(({ type }) => type === 'design-note')?.parameters.fabric;
    return fabrics.value.find((fabric) => fabric.title === title)?.id ?? null;
  });
  watch([() => runTasks.value?.id, notedFabric], () => {
    chosenFabric.value = notedFabric.value ?? chosenFabric.value;
  });

  /** Tabs of documents and runs that are gone close; a run that was started or chosen elsewhere opens. */
  watch([() => project.documents, () => runs.runs], () => {
    for (const tab of tabs.value) if (tabLook(tab) === null) close(tab);
  });
  const comparisons = useComparisons();
  watch(
    () => comparisons.opened,
    (opened) => {
      if (opened) show({ kind: 'diff', id: opened.id });
    },
  );
  watch(
    () => runs.activeRun,
    (run) => {
      if (run !== null) show({ kind: 'run', id: run });
    },
  );

  function showBottom(tab: string): void {
    bottomTab.value = tab;
    isBottomOpen.value = true;
  }

  return {
    tabs,
    active,
    activeDocument,
    summary,
    dialog,
    menuAt,
    leftWidth,
    rightWidth,
    bottomHeight,
    isLeftOpen,
    isRightOpen,
    isBottomOpen,
    bottomTab,
    runModel,
    runArchitecture,
    taskGraphs,
    fabrics,
    runTasks,
    runFabric,
    runKind,
    chosenModel,
    chosenArchitecture,
    chosenTasks,
    chosenFabric,
    show,
    close,
    step,
    showBottom,
  };
});
