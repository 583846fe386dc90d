/** What is handed on: the report of the run on screen, the project as one file. */
import { FileText, Package } from 'lucide-vue-next';
import { useNotices } from '../../client/notices-store.ts';
import { useProject } from '../../client/project-store.ts';
import { useReport } from '../../export/report-store.ts';
import { hasResult } from '../../workbench/run-state.ts';
import { useRuns } from '../../workbench/runs-store.ts';
import type { Action } from '../actions.ts';

export function reportActions(): readonly Action[] {
  const project = useProject();
  const notices = useNotices();
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
        if (runs.activeRun !== null) report.subject = { kind: 'run', run: runs.activeRun };
      },
    },
    {
      id: 'bundle',
      group: 'Project',
      label: 'Export the project as one file',
      icon: Package,
      keywords: ['bundle', 'share', 'archive', 'weftbundle', 'zip', 'hand on', 'send', 'copy'],
      when: () => project.view !== null,
      perform: async () => {
        notices.announce('Packing the project');
        const made = await project.exportBundle();
        if (made)
          notices.tell(
            'bundle.written',
            `${made.name} written. It holds documents with their undo histories, checkpoints, runs, studies, candidates, crossover maps and kept model files; unfinished runs are left out`,
          );
      },
    },
  ];
}
