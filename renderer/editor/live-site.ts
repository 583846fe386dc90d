/** The live simulation as figures to be taken apart, the same in inspector and status bar. */
import { computed } from 'vue';
import { explainLiveChange, explainLiveCycles, type LiveSite } from '#core/explain/number/live.ts';
import { useProject } from '../client/project-store.ts';
import { useLiveSimulation } from './live-simulation-store.ts';
import { designText } from './live-words.ts';

export function useLiveSite() {
  const live = useLiveSimulation();
  const project = useProject();
  const titled = (id: string) => ({ id, title: project.documents.find((document) => document.id === id)?.title ?? '' });

  const site = computed<LiveSite | null>(() => {
    const { reply, pair, lastRun, graph } = live;
    if (!reply || pair.tasks === null || pair.fabric === null) return null;
    return {
      answer: reply.answer,
      design: designText(reply, lastRun?.number ?? null),
      nameOf: (node) => graph?.tasks.find((task) => task.node === node)?.name ?? '',
      tasks: titled(pair.tasks),
      fabric: titled(pair.fabric),
    };
  });
  /** Asked only while there is an answer. */
  const cycles = () => explainLiveCycles(site.value!);
  const sinceStep = () => explainLiveChange(site.value!, { title: 'before the last change', cycles: live.before ?? 0 });
  const sinceRun = () =>
    explainLiveChange(site.value!, { title: `run ${live.lastRun?.number}`, cycles: live.lastCycles ?? 0 });
  return { site, cycles, sinceStep, sinceRun };
}
