/** Reports of the run on screen. */
import { FileText } from 'lucide-vue-next';
import { useReport } from '../../export/report-store.ts';
import { hasResult, useRuns } from '../../workbench/runs-store.ts';
import type { Action } from '../actions.ts';

export function reportActions(): readonly Action[] {
  const runs = useRuns();
  const report = useReport();
  return [
    {
      id: 'report',
      group: 'Run',
      label: 'Report of the run…',
      icon: FileText,
      keywords: ['export', 'html', 'pdf', 'markdown', 'csv', 'perfetto', 'trace', 'sections', 'print'],
      when: () => runs.active !== null && hasResult(runs.active),
      perform: () => {
        report.run = runs.activeRun;
      },
    },
  ];
}
