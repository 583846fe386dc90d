/** What is open on screen: tabs, panels and their sizes, dialogs. Sizes are remembered; nothing here is project data. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ProjectView, RunKind } from '#core/contract/views.ts';
import type { DocumentKind } from '#core/document/document.ts';
import { useCanvases } from '../canvas/canvases-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useProject } from '../client/project-store.ts';
import { useComparisons } from '../history/comparisons-store.ts';
import { useStudies } from '../study/studies-store.ts';
import { remembered } from '../widgets/remembered.ts';
import { useRuns } from '../workbench/runs-store.ts';
import * as layout from './panes.ts';
import { allTabs, type Direction, NO_PANES, otherSide, type Panes, paneOf, type Side, sidesOf } from './panes.ts';
import { recalledTab } from './recalled-tab.ts';
import { recallPanes, rememberPanes } from './remembered-tabs.ts';
import { type Tab, tabLook } from './tab-looks.ts';

export type Dialog =
  | 'commands'
  | 'queue'
  | 'shortcuts'
  | 'help'
  | 'search'
  | 'repeats'
  | 'new-document'
  | 'export'
  | 'rewrite'
  | 'checkpoint'
  | 'compare';

const isNumber = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const isBoolean = (value: unknown) => (typeof value === 'boolean' ? value : null);
const isText = (value: unknown) => (typeof value === 'string' ? value : null);
const isShare = (value: unknown) => (typeof value === 'number' && value >= 0.15 && value <= 0.85 ? value : null);

export const useWorkspace = defineStore('workspace', () => {
  const project = useProject();
  const documents = useDocuments();
  const runs = useRuns();
  const studies = useStudies();

  const panes = shallowRef<Panes>(NO_PANES);
  /** The tab in front of the focused pane. */
  const active = computed(() => paneOf(panes.value, panes.value.focused).active);
  const canvases = useCanvases();
  /** Of the width, or height, of a split centre: what its first pane takes. */
  const splitShare = remembered('split-share', 0.5, isShare);
  const isSynchronised = ref(false);
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
  /** What outline and inspector are of: beside a run, the drawing in the other pane. */
  const shownDocument = computed(() => {
    const other = paneOf(panes.value, otherSide(panes.value.focused)).active;
    return activeDocument.value ?? (other?.kind === 'document' ? other.id : null);
  });
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

  /** Every change of tabs comes through here: what is in front is opened, and a focused run is the active one. */
  function go(next: Panes): void {
    panes.value = next;
    canvases.focusedPane = next.focused;
    for (const side of sidesOf(next)) {
      const front = paneOf(next, side).active;
      if (front?.kind === 'document') void documents.open(front.id);
    }
    if (active.value?.kind !== 'run') return;
    runs.open(active.value.id);
    chosenKind.value = runs.active?.kind ?? chosenKind.value;
  }
  const show = (tab: Tab, side?: Side) => go(layout.showTab(panes.value, tab, side));
  const focusPane = (side: Side) => {
    if (panes.value.focused !== side) go(layout.focusPane(panes.value, side));
  };
  const split = (direction: Direction) => go(layout.split(panes.value, direction));
  function closeSplit(): void {
    if (activeDocument.value) canvases.carryView(activeDocument.value, panes.value.focused, 'first');
    go(layout.closeSplit(panes.value));
  }
  function moveTab(tab: Tab, from: Side, to?: number, direction?: Direction): void {
    if (tab.kind === 'document') canvases.carryView(tab.id, from, otherSide(from));
    go(layout.moveTab(panes.value, tab, from, to, direction));
  }
  const reorderTab = (tab: Tab, side: Side, to: number) => go(layout.reorderTab(panes.value, tab, side, to));

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

  /** In one pane, or wherever it stands. */
  const close = (tab: Tab, side?: Side) =>
    go(side ? layout.closeTab(panes.value, tab, side) : layout.closeEverywhere(panes.value, tab));
  const step = (by: 1 | -1) => go(layout.stepTab(panes.value, by));

  /** Another project: its tabs as they were left, else the first document of each kind. */
  watch(
    () => project.view?.path ?? null,
    () => {
      documents.closeAll();
      go(NO_PANES);
      isSynchronised.value = false;
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
      const left = recallPanes(view.path, (kind, id) => recalledTab(view, kind, id));
      if (left) {
        go(left);
        return;
      }
      // The model stands first, and in front.
      const begun = [model, architecture, tasks, fabric].filter((each) => each !== undefined);
      for (const { id } of begun) show({ kind: 'document', id });
      const [front] = begun;
      if (front) show({ kind: 'document', id: front.id });
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

  const isGone = (tab: Tab) => tabLook(tab) === null && (tab.kind !== 'study' || studies.isLoaded);
  /** Of which a checkpoint turned out to be gone. */
  const goneComparisons = () => allTabs(panes.value).filter((tab) => tab.kind === 'diff' && isGone(tab)).length;
  /** Tabs of what is gone close; a run or study that was started or chosen elsewhere opens. */
  watch(
    [() => project.documents, () => runs.runs, () => studies.studies, goneComparisons],
    () => {
      const kept = layout.keepTabs(panes.value, (tab) => !isGone(tab));
      if (kept !== panes.value) go(kept);
    },
    // Once the runs of a project just opened are known too.
    { flush: 'post' },
  );
  watch(panes, (now) => {
    if (project.view && now.first.tabs.length > 0) rememberPanes(project.view.path, now);
  });
  const comparisons = useComparisons();
  watch(
    () => comparisons.opened,
    (opened) => {
      if (opened) show({ kind: 'diff', id: opened.id });
    },
  );
  watch(
    () => studies.asked,
    (asked) => {
      if (asked) show({ kind: 'study', id: asked.id });
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
    panes,
    tabs: computed(() => allTabs(panes.value)),
    active,
    activeDocument,
    shownDocument,
    splitShare,
    isSynchronised,
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
    focusPane,
    split,
    closeSplit,
    moveTab,
    reorderTab,
    showBottom,
  };
});
