/** The workbench's tabs of the bottom dock, in order. */
import { type Component, defineAsyncComponent } from 'vue';

export interface WorkbenchPanel {
  readonly id: string;
  readonly title: string;
  readonly component: Component;
}

export const workbenchPanels: readonly WorkbenchPanel[] = [
  {
    id: 'roofline',
    title: 'Roofline',
    component: defineAsyncComponent(() => import('./RooflinePanel.vue')),
  },
  {
    id: 'timeline',
    title: 'Timeline',
    component: defineAsyncComponent(() => import('./TimelinePanel.vue')),
  },
  {
    id: 'program',
    title: 'Program',
    component: defineAsyncComponent(() => import('./ProgramPanel.vue')),
  },
  {
    id: 'candidates',
    title: 'Candidates',
    component: defineAsyncComponent(() => import('./CandidatesPanel.vue')),
  },
  {
    id: 'memory-map',
    title: 'Memory map',
    component: defineAsyncComponent(() => import('./MemoryMapPanel.vue')),
  },
  {
    id: 'operators',
    title: 'Operators',
    component: defineAsyncComponent(() => import('./OperatorsPanel.vue')),
  },
  {
    id: 'cycles',
    title: 'Cycles',
    component: defineAsyncComponent(() => import('./CyclesPanel.vue')),
  },
  {
    id: 'energy',
    title: 'Energy',
    component: defineAsyncComponent(() => import('./EnergyPanel.vue')),
  },
  {
    id: 'schedule',
    title: 'Schedule',
    component: defineAsyncComponent(() => import('./SchedulePanel.vue')),
  },
  {
    id: 'curve',
    title: 'Scratchpad curve',
    component: defineAsyncComponent(() => import('./CurvePanel.vue')),
  },
  {
    id: 'compare',
    title: 'Compare',
    component: defineAsyncComponent(() => import('./ComparePanel.vue')),
  },
];
