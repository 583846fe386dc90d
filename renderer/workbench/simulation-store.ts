/**
 * What is looked at in the active simulation, followed by every linked view: one task, stream or component of the fabric, one
 * tick, what colours the two drawings, what is lit on them. Also which run verified which lever.
 */
import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, watch } from 'vue';
import { formatExact } from '#core/base/quantity.ts';
import { groupOf, type SimulationData, taskStateAt, valueAt } from '#core/report/simulation/data.ts';
import type { Lever } from '#core/stalls/lever.ts';
import { useSelection } from '../client/selection-store.ts';
import { type ComponentUse, fabricMoments, fabricUse } from './fabric-use.ts';
import { type Overlay, overlayOf } from './overlay.ts';
import { useRuns } from './runs-store.ts';
import { deadlockSteps } from './simulation-deadlock.ts';
import { type Moment, momentText } from './simulation-words.ts';

/** What colours the drawn task graph. `tick` shows every state at the playhead. */
export type SimulationColour = 'stalls' | 'busy' | 'tick' | 'none';

export const SIMULATION_LIGHTS = ['selection', 'critical', 'deadlock'] as const;
export type SimulationLight = (typeof SIMULATION_LIGHTS)[number];

/** A lever that was applied and simulated. */
export interface Verification {
  readonly lever: Lever;
  /** The run that offered it, and the one that verifies it. */
  readonly offeredBy: string;
  readonly run: string;
}

const NOTHING: ReadonlySet<string> = new Set();

export const useSimulation = defineStore('simulation', () => {
  const runs = useRuns();
  const selection = useSelection();

  const task = ref<number | null>(null);
  const stream = ref<number | null>(null);
  /** Drawn node of the fabric: a core, a bank, a channel. */
  const component = ref<string | null>(null);
  /** Playhead, ticks; not always whole while it plays. */
  const tick = ref(0);
  const colour = ref<SimulationColour>('stalls');
  const light = ref<SimulationLight>('selection');
  const verifications = shallowReactive<Verification[]>([]);

  const data = computed(() => runs.activeSimulation);
  /** The task graph it is about. */
  const document = computed(() => data.value?.result.inputs.tasks.id ?? null);

  /** The fabric it ran on. */
  const fabric = computed(() => data.value?.result.inputs.fabric.id ?? null);
  const uses = computed(() => (data.value ? fabricUse(data.value.result) : new Map<string, ComponentUse>()));

  watch(
    () => runs.activeRun,
    () => {
      selectTask(null);
      tick.value = 0;
      if (colour.value === 'tick') colour.value = 'stalls';
      light.value = 'selection';
    },
  );

  function selectTask(index: number | null): void {
    task.value = index;
    stream.value = null;
    component.value = null;
  }
  function selectStream(index: number | null): void {
    stream.value = index;
    task.value = null;
    component.value = null;
  }
  function selectComponent(node: string | null): void {
    component.value = node !== null && uses.value.has(node) ? node : null;
    task.value = null;
    stream.value = null;
  }
  function selectNode(node: string): void {
    const [known, channel] = [data.value?.taskOfNode.get(node), data.value?.streamOfNode.get(node)];
    if (known !== undefined) selectTask(known);
    else if (channel !== undefined) selectStream(channel);
  }
  // A single node picked on either drawing is what the panels show.
  function followPicks(drawing: () => string | null, show: (node: string) => void): void {
    watch(
      () => {
        const { nodes } = selection.of(drawing());
        return nodes.size === 1 ? ([...nodes][0] ?? null) : null;
      },
      (node) => node !== null && show(node),
    );
  }
  followPicks(() => document.value, selectNode);
  followPicks(() => fabric.value, selectComponent);

  /** Moves the playhead and shows the drawing there. */
  function seek(to: number): void {
    tick.value = Math.min(data.value?.makespan ?? 0, Math.max(0, to));
    colour.value = 'tick';
  }

  const overlay = computed<Overlay | null>(() => {
    if (!data.value || document.value === null || colour.value === 'none' || colour.value === 'tick') return null;
    const { tasks, streams } = data.value.result;
    const { makespan } = data.value;
    const values = new Map<string, number>();
    for (const one of tasks) {
      const ticks = colour.value === 'busy' ? one.busy : one.stallIn + one.stallOut;
      values.set(one.node, makespan > 0 ? ticks / makespan : 0);
    }
    for (const one of streams) {
      const room = one.depth ?? one.tokens;
      values.set(one.node, room > 0 ? Math.min(1, one.maximum / room) : 0);
    }
    const what = colour.value === 'busy' ? 'Busy' : 'Stalled';
    return overlayOf(document.value, `${what} share of tasks, fullest of streams`, '1', values);
  });

  /** Of the fabric, whichever share colours the task graph. */
  const fabricOverlay = computed<Overlay | null>(() => {
    if (fabric.value === null || uses.value.size === 0 || colour.value === 'none' || colour.value === 'tick')
      return null;
    const shares = new Map([...uses.value].map(([node, { share }]) => [node, share]));
    return overlayOf(
      fabric.value,
      'Share used: lanes of cores, room of banks at most, bandwidth of channels',
      '1',
      shares,
    );
  });

  /** Every node of the drawing at the playhead; null unless that is what colours it. */
  const moments = computed<ReadonlyMap<string, Moment> | null>(() => {
    if (!data.value || colour.value !== 'tick') return null;
    return momentsAt(data.value, Math.floor(tick.value));
  });

  const momentsOfFabric = computed<ReadonlyMap<string, Moment> | null>(() => {
    if (!data.value || colour.value !== 'tick') return null;
    return fabricMoments(data.value, uses.value, Math.floor(tick.value));
  });

  /** What a drawing shows at the playhead; null where it is neither of the two. */
  function momentsIn(drawing: string): ReadonlyMap<string, Moment> | null {
    if (drawing === document.value) return moments.value;
    return drawing === fabric.value ? momentsOfFabric.value : null;
  }

  const deadlock = computed(() => (data.value ? deadlockSteps(data.value.result) : []));

  /** Nodes that are lit: what is selected, and with it the critical path or the cycle of a deadlock. */
  const litNodes = computed<ReadonlySet<string>>(() => {
    if (!data.value) return new Set();
    const { tasks, streams, criticalPath } = data.value.result;
    const found = task.value === null ? streams[stream.value ?? -1] : tasks[task.value];
    const lit = new Set(found ? [found.node] : []);
    const use = uses.value.get(component.value ?? '');
    if (use && use.kind !== 'bank') for (const index of use.tasks) lit.add(tasks[index]?.node ?? '');
    if (use?.kind === 'bank') for (const index of use.streams) lit.add(streams[index]?.node ?? '');
    if (use?.kind === 'channel') for (const node of use.tensors) lit.add(node);
    if (light.value === 'critical') for (const span of criticalPath) lit.add(tasks[span.task]?.node ?? '');
    if (light.value === 'deadlock')
      for (const { node, on } of deadlock.value) {
        lit.add(node);
        if (on) lit.add(on.node);
      }
    return lit;
  });

  /** Components the selected task runs on and reaches, those that hold the selected stream, or the selected one. */
  const litComponents = computed<ReadonlySet<string>>(() => {
    const isLit = ([node, use]: readonly [string, ComponentUse]) =>
      node === component.value ||
      (task.value !== null && use.kind !== 'bank' && use.tasks.includes(task.value)) ||
      (stream.value !== null && use.kind === 'bank' && use.streams.includes(stream.value));
    return new Set([...uses.value].filter(isLit).map(([node]) => node));
  });
  function litIn(drawing: string): ReadonlySet<string> {
    if (drawing === document.value) return litNodes.value;
    return drawing === fabric.value ? litComponents.value : NOTHING;
  }

  function verifying(lever: Lever, offeredBy: string, run: string): void {
    verifications.push({ lever, offeredBy, run });
  }

  return {
    data,
    document,
    task,
    stream,
    component,
    uses,
    fabric,
    tick,
    colour,
    light,
    overlay,
    fabricOverlay,
    moments,
    momentsIn,
    deadlock,
    litNodes,
    litIn,
    verifications,
    verifying,
    selectTask,
    selectStream,
    selectComponent,
    selectNode,
    seek,
  };
});

function momentsAt(data: SimulationData, tick: number): ReadonlyMap<string, Moment> {
  const { result } = data;
  const moments = new Map<string, Moment>();
  result.tasks.forEach(({ node }, index) => {
    const state = taskStateAt(data, index, tick);
    moments.set(node, { text: momentText(result, state), group: groupOf(state.state), level: 0 });
  });
  for (const { node, depth, tokens } of result.streams) {
    const level = valueAt(data.occupancy.get(node), tick);
    if (level === null) continue;
    const room = depth ?? tokens;
    moments.set(node, {
      text: depth === null ? formatExact(level, '') : `${formatExact(level, '')} of ${formatExact(depth, '')}`,
      group: null,
      level: room > 0 ? Math.min(1, level / room) : 0,
    });
  }
  return moments;
}
