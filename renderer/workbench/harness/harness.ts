import { createPinia } from 'pinia';
import { createApp, h, shallowRef } from 'vue';
import { fixtureRun } from '../../../tests/support/run-fixture.ts';
import { installTheme, useTheme } from '../../widgets/theme.ts';
import { workbenchPanels } from '../panels.ts';
import RunSettings from '../RunSettings.vue';
import RunsList from '../RunsList.vue';
import RunView from '../RunView.vue';
import { useRuns } from '../runs-store.ts';

const q = new URLSearchParams(location.search);
installTheme(document.documentElement);
useTheme().choice.value = (q.get('theme') ?? 'light') as any;
const app = createApp({
  setup() {
    const runs = useRuns();
    const run = fixtureRun({ blocks: Number(q.get('blocks') ?? 12), optimal: q.get('gap') === null });
    const base = {
      title: run.title,
      key: run.key,
      model: { document: 'model', revision: 3 },
      architecture: { document: 'architecture', revision: 2 },
      createdAt: '2024-01-01T00:00:00Z',
      finishedAt: null,
      progress: null,
      failure: null,
      headline: {},
      stageMilliseconds: {},
      imported: false,
    };
    runs.connect({
      runs: {} as any,
      upload: async () => 'u',
      download() {},
      fetchResult: async () => JSON.stringify(run),
    });
    runs.adopt({
      path: '',
      title: '',
      readOnly: false,
      notice: null,
      documents: [{ id: 'model', kind: 'model', title: 'm', revision: q.get('stale') ? 9 : 3, nodes: 1 }],
      runs: [
        {
          ...base,
          id: 'r1',
          number: 1,
          state: 'done',
          headline: { 'time.cycles': 123456 },
          stageMilliseconds: { compile: 12, schedule: 834, simulate: 95 },
        },
        {
          ...base,
          id: 'r2',
          number: 2,
          state: 'running',
          progress: {
            phase: 'schedule.residency',
            fraction: 0.42,
            message: 'Scheduling: optimal residency of order 3 of 6',
            figures: { incumbent: 1203200, bound: 1165696, gap: 0.031 },
          },
        },
        {
          ...base,
          id: 'r3',
          number: 3,
          state: 'failed',
          failure: {
            code: 'schedule.infeasible',
            severity: 'error',
            message: 'Operator conv3 needs more scratchpad than there is',
            where: { node: 'n5', document: 'model' },
            facts: { 'demand B': 2408448, 'bound B': 1048576 },
            fixes: [{ title: 'Set the scratchpad to 2.5 MiB', edits: [{ type: 'remove-node', node: 'x' }] }],
          },
        },
      ] as any,
    });
    runs.open(q.get('run') ?? 'r1');
    if (q.get('select'))
      setTimeout(() => {
        runs.selectedOperator = Number(q.get('select'));
      }, 300);
    if (q.get('overlay')) runs.overlayMetric = 'utilisation';
    const panel = workbenchPanels.find((p) => p.id === q.get('panel')) ?? workbenchPanels[0]!;
    return () =>
      h(
        'div',
        {
          style:
            'display:grid;grid-template-columns:220px 1fr 320px;grid-template-rows:1fr 260px;height:100vh;gap:1px;background:var(--border)',
        },
        [
          h('div', { style: 'background:var(--surface);padding:8px' }, h(RunsList)),
          h('div', { style: 'min-height:0;overflow:hidden' }, h(RunView, { runId: q.get('run') ?? 'r1' })),
          h('div', { style: 'background:var(--surface);overflow:auto' }, h(RunSettings)),
          h('div', { style: 'grid-column:1/-1;min-height:0' }, h(panel.component)),
        ],
      );
  },
});
app.use(createPinia()).mount('#app');
