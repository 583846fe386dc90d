/** The workbench's tabs of the bottom dock, in order. */
import { type Component, defineAsyncComponent } from 'vue';
import type { RunKind } from '#core/contract/views.ts';

export interface WorkbenchPanel {
  readonly id: string;
  readonly title: string;
  readonly component: Component;
  /** Kind of run it shows. */
  readonly of: RunKind;
}

/** Shown for a run of a kind; programs' where there is none. */
export function panelsFor(kind: RunKind | null): readonly WorkbenchPanel[] {
  return workbenchPanels.filter((panel) => panel.of === (kind ?? 'program'));
}

export const workbenchPanels: readonly WorkbenchPanel[] = [
  {
    id: 'roofline',
    title: 'Roofline',
    component: defineAsyncComponent(() => import('./RooflinePanel.vue')),
    of: 'program',
  },
  {
    id: 'timeline',
    title: 'Timeline',
    component: defineAsyncComponent(() => import('./TimelinePanel.vue')),
    of: 'program',
  },
  {
    id: 'program',
    title: 'Program',
    component: defineAsyncComponent(() => import('./ProgramPanel.vue')),
    of: 'program',
  },
  {
    id: 'candidates',
    title: 'Candidates',
    component: defineAsyncComponent(() => import('./CandidatesPanel.vue')),
    of: 'program',
  },
  {
    id: 'memory-map',
    title: 'Memory map',
    component: defineAsyncComponent(() => import('./MemoryMapPanel.vue')),
    of: 'program',
  },
  {
    id: 'bandwidth',
    title: 'Bandwidth',
    component: defineAsyncComponent(() => import('./BandwidthPanel.vue')),
    of: 'program',
  },
  {
    id: 'operators',
    title: 'Operators',
    component: defineAsyncComponent(() => import('./OperatorsPanel.vue')),
    of: 'program',
  },
  {
    id: 'cycles',
    title: 'Cycles',
    component: defineAsyncComponent(() => import('./CyclesPanel.vue')),
    of: 'program',
  },
  {
    id: 'energy',
    title: 'Energy',
    component: defineAsyncComponent(() => import('./EnergyPanel.vue')),
    of: 'program',
  },
  {
    id: 'schedule',
    title: 'Schedule',
    component: defineAsyncComponent(() => import('./SchedulePanel.vue')),
    of: 'program',
  },
  {
    id: 'curve',
    title: 'Scratchpad curve',
    component: defineAsyncComponent(() => import('./CurvePanel.vue')),
    of: 'program',
  },
  {
    id: 'compare',
    title: 'Compare',
    component: defineAsyncComponent(() => import('./ComparePanel.vue')),
    of: 'program',
  },
  {
    id: 'stages',
    title: 'Stages',
    component: defineAsyncComponent(() => import('./StagesPanel.vue')),
    of: 'simulation',
  },
  {
    id: 'streams',
    title: 'Streams',
    component: defineAsyncComponent(() => import('./StreamsPanel.vue')),
    of: 'simulation',
  },
  {
    id: 'fifo-depths',
    title: 'FIFO depths',
    component: defineAsyncComponent(() => import('./FifoDepthsPanel.vue')),
    of: 'simulation',
  },
  {
    id: 'off-chip',
    title: 'Off-chip',
    component: defineAsyncComponent(() => import('./OffChipPanel.vue')),
    of: 'simulation',
  },
  {
    id: 'stalls',
    title: 'Stalls',
    component: defineAsyncComponent(() => import('./StallsPanel.vue')),
    of: 'simulation',
  },
  {
    id: 'critical-path',
    title: 'Critical path',
    component: defineAsyncComponent(() => import('./CriticalPathPanel.vue')),
    of: 'simulation',
  },
  {
    id: 'crossover',
    title: 'Crossover',
    component: defineAsyncComponent(() => import('./CrossoverPanel.vue')),
    of: 'simulation',
  },
  {
    id: 'compare-simulations',
    title: 'Compare',
    component: defineAsyncComponent(() => import('./SimulationCompare.vue')),
    of: 'simulation',
  },
];
