/** What a canvas shows: the scene of its document and how each node looks with selection, problems and metrics. */
import { computed } from 'vue';
import type { Problem, Severity } from '#core/base/problem.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { type Endpoint, emptyDocument } from '#core/document/document.ts';
import { portKey } from '#core/model/ports.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { useAnalysis, worst } from '../editor/analysis-store.ts';
import { useEstimate } from '../editor/estimate-store.ts';
import { useTheme } from '../widgets/theme.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { momentColour } from '../workbench/simulation-colour.ts';
import { useSimulation } from '../workbench/simulation-store.ts';
import type { Moment } from '../workbench/simulation-words.ts';
import { adapterOf } from './adapters.ts';
import { BoxIndex } from './box-index.ts';
import { useCanvases } from './canvases-store.ts';
import { useExpansion } from './expansion-store.ts';
import type { NodeLook } from './painter.ts';
import { projectScene, type Scene, type SceneNode } from './scene.ts';

export type Drawing = ReturnType<typeof useDrawing>;

/** `canvasId`: which of the document's canvases, for what each has of its own: open groups, the keyboard's cursor. */
export function useDrawing(documentId: string, canvasId: string) {
  const documents = useDocuments();
  const selection = useSelection();
  const analysis = useAnalysis();
  const expansion = useExpansion();
  const canvases = useCanvases();
  const runs = useRuns();
  const live = useEstimate();
  const simulation = useSimulation();
  const { theme } = useTheme();

  const document = computed(() => documents.get(documentId)?.state.document ?? emptyDocument(documentId, 'model', ''));
  const adapter = computed(() => adapterOf(document.value.kind));
  /** Each scene is made from the one before. */
  const scene = computed<Scene>((before) =>
    projectScene(document.value, adapter.value, (group) => expansion.isExpanded(canvasId, group), before ?? null),
  );
  const boxes = new BoxIndex<SceneNode>();
  const indexed = computed(() => {
    boxes.update(scene.value.nodes);
    return { boxes };
  });
  const index = computed(() => indexed.value.boxes);
  const order = computed(() => new Map(scene.value.nodes.map((node, at) => [node.id, at])));
  const selected = computed(() => selection.of(documentId));
  const found = computed(() => canvases.found.get(documentId));
  const problems = computed(() => {
    const byScene = new Map<string, readonly Problem[]>();
    for (const [node, list] of analysis.get(documentId)?.byNode ?? []) {
      const standIn = scene.value.standIn(node)?.id;
      if (standIn !== undefined) byScene.set(standIn, [...(byScene.get(standIn) ?? []), ...list]);
    }
    return byScene;
  });

  /** The worst of a node, where it has any. */
  const severities = computed(() => {
    const found = new Map<string, Severity>();
    for (const [node, list] of problems.value) {
      const severity = worst(list);
      if (severity) found.set(node, severity);
    }
    return found;
  });
  /** Where the keyboard is, which need not be selected. */
  const cursor = computed(() => {
    const at = scene.value.standIn(canvases.cursors.get(canvasId) ?? '')?.id ?? null;
    const { nodes } = selected.value;
    // Where it is all that is selected, the selection says it.
    return at !== null && nodes.size === 1 && nodes.has(at) ? null : at;
  });

  const overlay = computed(
    () =>
      [live.overlay, runs.overlay, runs.architectureOverlay, simulation.overlay, simulation.fabricOverlay].find(
        (candidate) => candidate?.document === documentId,
      ) ?? null,
  );
  /** A collapsed group shows its hottest operator: sums would count fused operators several times. */
  const metrics = computed(() => {
    const values = new Map<string, number>();
    for (const [node, value] of overlay.value?.values ?? []) {
      const standIn = scene.value.standIn(node)?.id;
      if (standIn !== undefined) values.set(standIn, Math.max(values.get(standIn) ?? value, value));
    }
    return values;
  });
  /** What is drawn at the playhead of a simulation; a collapsed group shows the first of its own that waits, else its first. */
  const moments = computed(() => {
    const shown = new Map<string, Moment>();
    for (const [node, moment] of simulation.momentsIn(documentId) ?? []) {
      const standIn = scene.value.standIn(node)?.id;
      if (standIn === undefined) continue;
      const known = shown.get(standIn);
      if (!known || (!isWaiting(known) && isWaiting(moment))) shown.set(standIn, moment);
    }
    return shown;
  });
  const highlighted = computed(() => {
    const nodes = new Set(simulation.litIn(documentId));
    const others = { model: runs.highlightedNodes, architecture: runs.highlightedComponents, tasks: [], fabric: [] };
    for (const node of others[document.value.kind]) nodes.add(node);
    return new Set([...nodes].flatMap((node) => scene.value.standIn(node)?.id ?? []));
  });

  function state(
    node: SceneNode,
  ): Pick<NodeLook, 'isSelected' | 'isHighlighted' | 'isFound' | 'isCursor' | 'severity'> {
    return {
      isSelected: selected.value.nodes.has(node.id),
      isHighlighted: highlighted.value.has(node.id),
      isFound: found.value?.has(node.id) ?? false,
      isCursor: cursor.value === node.id,
      severity: severities.value.get(node.id) ?? null,
    };
  }

  function look(node: SceneNode): NodeLook {
    const metric = metrics.value.get(node.id);
    const moment = moments.value.get(node.id);
    if (moment)
      return { ...state(node), metric: momentColour(moment, theme.value), isMuted: false, detail: moment.text };
    return {
      ...state(node),
      metric: metric === undefined ? null : (overlay.value?.colour(metric) ?? null),
      isMuted: overlay.value !== null && metric === undefined,
      detail: metric === undefined ? node.detail : (overlay.value?.text(metric) ?? node.detail),
    };
  }

  const documentLinks = computed(() => document.value.links);
  /** What feeds an input, by `portKey`; found out again only when a link came or went. */
  const sources = computed(() => {
    const feeds = new Map<string, Endpoint>();
    for (const { from, to } of documentLinks.value.values()) feeds.set(portKey(to.node, to.port), from);
    return feeds;
  });
  function typeAt(end: Endpoint, side: 'input' | 'output'): TensorType | null {
    const types = analysis.get(documentId)?.types;
    const from = side === 'output' ? end : sources.value.get(portKey(end.node, end.port));
    return (from && types?.get(portKey(from.node, from.port))) ?? null;
  }

  /** Nodes in drawing order. */
  function ordered(nodes: Iterable<SceneNode>): readonly SceneNode[] {
    return [...nodes].toSorted((a, b) => (order.value.get(a.id) ?? 0) - (order.value.get(b.id) ?? 0));
  }

  return {
    canvasId,
    document,
    adapter,
    scene,
    index,
    ordered,
    selected,
    found,
    cursor,
    problems,
    severities,
    overlay,
    metrics,
    moments,
    highlighted,
    types: computed(() => analysis.get(documentId)?.types),
    look,
    typeAt,
  };
}

function isWaiting({ group }: Moment): boolean {
  return group === 'in' || group === 'out';
}
