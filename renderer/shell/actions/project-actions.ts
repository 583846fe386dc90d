/** Projects, files and runs. */
import { Download, FilePlus, FolderOpen, House, Play, Plus, WandSparkles } from 'lucide-vue-next';
import { useProject } from '../../client/project-store.ts';
import { useRuns } from '../../workbench/runs-store.ts';
import type { Action } from '../actions.ts';
import { pickFiles } from '../import-files.ts';
import { startRun } from '../run-action.ts';
import { useWorkspace } from '../workspace-store.ts';

export function projectActions(): readonly Action[] {
  const project = useProject();
  const workspace = useWorkspace();

  return [
    {
      id: 'run.start',
      group: 'Run',
      label: 'Run',
      icon: Play,
      keys: ['Mod+Enter'],
      inFields: true,
      keywords: ['simulate', 'schedule', 'start'],
      when: () => project.documents.some(({ kind }) => kind === 'model' || kind === 'tasks'),
      perform: startRun,
    },
    {
      id: 'run.cancel',
      group: 'Run',
      label: 'Stop the run, keep the best so far',
      keywords: ['cancel', 'abort'],
      when: () => useRuns().runs.some((run) => run.state === 'running' || run.state === 'queued'),
      perform: async () => {
        const runs = useRuns();
        const current =
          runs.runs.find((run) => run.state === 'running') ?? runs.runs.find((run) => run.state === 'queued');
        if (current) await runs.cancel(current.id);
      },
    },
    {
      id: 'project.home',
      group: 'Project',
      label: 'Close the project',
      icon: House,
      keywords: ['start', 'home', 'recent'],
      when: () => project.view !== null,
      perform: () => project.close(),
    },
    {
      id: 'project.open-file',
      group: 'Project',
      label: 'Open a model or result…',
      icon: FolderOpen,
      keys: ['Mod+O'],
      inFields: true,
      keywords: ['import', 'onnx', 'file', 'drop'],
      perform: pickFiles,
    },
    {
      id: 'project.export',
      group: 'Project',
      label: 'Export to another tool…',
      icon: Download,
      keys: ['Mod+Shift+E'],
      keywords: ['save', 'onnx', 'scale-sim', 'gemmini', 'write', 'file'],
      when: () => project.models.length > 0,
      perform: () => {
        workspace.dialog = 'export';
      },
    },
    {
      id: 'model.rewrite',
      group: 'Edit',
      label: 'Rewrite for this hardware…',
      icon: WandSparkles,
      keywords: ['draco', 'depthwise', 'group convolution', 'utilisation', 'co-design'],
      when: () => project.models.length > 0 && project.architectures.length > 0,
      perform: () => {
        workspace.dialog = 'rewrite';
      },
    },
    {
      id: 'project.new',
      group: 'Project',
      label: 'New project',
      icon: FilePlus,
      keywords: ['create'],
      perform: async () => void (await project.create('Untitled')),
    },
    {
      id: 'document.new',
      group: 'Project',
      label: 'New document…',
      icon: Plus,
      keywords: ['create', 'preset', 'add', 'accelerator', 'model', 'architecture', 'task graph', 'fabric'],
      when: () => project.view !== null,
      perform: () => {
        workspace.dialog = 'new-document';
      },
    },
  ];
}
