/**
 * Crossover maps of the project's task graphs and fabrics: made and kept by the host, asked for when first looked at, told
 * while they are made.
 */
import { defineStore } from 'pinia';
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue';
import { type Problem, problem } from '#core/base/problem.ts';
import type { CrossoverSite, CrossoverView } from '#core/contract/views.ts';
import type { CrossoverGrid } from '#core/run/fabric/crossover.ts';
import type { Client } from '../client/connection.ts';
import { problemOf } from '../client/problem.ts';
import { areSaved } from '../client/saved.ts';
import { useSession } from '../client/session-store.ts';
import { useLiveSimulation } from '../editor/live-simulation-store.ts';
import { useRuns } from './runs-store.ts';

const keyOf = ({ tasks, fabric, variant }: CrossoverSite): string => `${tasks} ${fabric} ${variant}`;

export const useCrossovers = defineStore('crossovers', () => {
  const session = useSession();
  const runs = useRuns();
  const live = useLiveSimulation();
  const views = shallowReactive(new Map<string, CrossoverView>());
  /** Sites that were asked for. */
  const asked = new Set<string>();
  const grid = ref<CrossoverGrid>('coarse');
  const variant = ref<CrossoverSite['variant'] | null>(null);
  /** Why the last call came to nothing. */
  const lastProblem = shallowRef<Problem | null>(null);

  /** What Run would simulate; else what the active run did. Null without a task graph or a fabric. */
  const site = computed<CrossoverSite | null>(() => {
    const { tasks, fabric } = live.pair;
    const wanted = variant.value ?? runs.simulationSettings.variant;
    if (tasks !== null && fabric !== null) return { tasks, fabric, variant: wanted };
    if (runs.active?.kind !== 'simulation') return null;
    const { model, architecture } = runs.active;
    return { tasks: model.document, fabric: architecture.document, variant: wanted };
  });
  /** Null until the host has told. */
  const view = computed(() => (site.value ? (views.get(keyOf(site.value)) ?? null) : null));

  function forget(): void {
    views.clear();
    asked.clear();
    lastProblem.value = null;
  }
  // Of another project nothing is left, and after a reconnection all is asked again.
  watch(() => runs.project, forget, { flush: 'sync' });
  session.onConnect(forget);
  session.onEvent((event) => {
    if (event.type === 'crossover.changed') views.set(keyOf(event.crossover), event.crossover);
  });

  /** Whether the host did it; an answer of a project that is no longer open is dropped. */
  async function attempt(call: (api: Client['crossovers']) => Promise<CrossoverView>): Promise<boolean> {
    lastProblem.value = null;
    const { project } = runs;
    try {
      const told = await call(session.api().crossovers);
      if (runs.project === project) views.set(keyOf(told), told);
      return true;
    } catch (error) {
      if (runs.project === project) lastProblem.value = problemOf(error);
      return false;
    }
  }

  /** Asks for the map of the site, once; again where that failed. */
  async function look(): Promise<void> {
    const at = site.value;
    if (!at || !session.isConnected || asked.has(keyOf(at))) return;
    asked.add(keyOf(at));
    if (!(await attempt((api) => api.get(at)))) asked.delete(keyOf(at));
  }

  /** Of both documents as they are drawn now. */
  async function start(): Promise<void> {
    const at = site.value;
    if (!at) return;
    if (await areSaved([at.tasks, at.fabric])) await attempt((api) => api.start({ ...at, grid: grid.value }));
    else lastProblem.value = problem('run.not-saved', 'The last changes are not saved yet; try again once they are');
  }

  /** Whether the host will stop it. */
  async function cancel(): Promise<boolean> {
    const at = site.value;
    return at !== null && (await attempt((api) => api.cancel(at)));
  }

  return { site, view, grid, variant, lastProblem, look, start, cancel };
});
