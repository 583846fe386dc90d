/** Files dropped or picked: models and architectures become documents, run results become runs. */
import { techniques } from '#core/technique/registry.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { counted } from '../widgets/format.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useWorkspace } from './workspace-store.ts';

/** File name endings the studio takes: its own and those of every importer. */
export const IMPORTED: readonly string[] = [
  ...new Set(['.weft', '.json', ...techniques.importer.flatMap(({ extensions }) => extensions)]),
];

export async function importFiles(files: readonly File[]): Promise<void> {
  const project = useProject();
  const workspace = useWorkspace();
  const notices = useNotices();
  for (const file of files) {
    const name = file.name.toLowerCase();
    if (!IMPORTED.some((extension) => name.endsWith(extension))) {
      notices.tell('import.unknown', `${file.name} is none of ${IMPORTED.join(', ')}`);
      continue;
    }
    // A document needs a project to live in: one of its name is made.
    if (!project.view && !(await project.create(file.name.replace(/\.[^.]+$/, '')))) return;
    if (name.endsWith('.json') && (await isRun(file))) {
      await useRuns().importRun(file);
      continue;
    }
    notices.announce(`Opening ${file.name}`);
    const made = await project.importFile(file);
    if (!made) continue;
    if (made.problems.length === 1 && made.problems[0]) notices.show(made.problems[0]);
    else if (made.problems.length > 1)
      notices.tell('import.problems', `${file.name}: ${counted(made.problems.length, 'remark')}, see Problems`);
    workspace.show({ kind: 'document', id: made.document.id });
  }
}

/** The head is enough to tell a run from a document. */
async function isRun(file: File): Promise<boolean> {
  return /"format"\s*:\s*"weft-run\//.test(await file.slice(0, 4096).text());
}

/** The browser's own file dialog. */
export function pickFiles(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = IMPORTED.join(',');
  input.addEventListener('change', () => void importFiles([...(input.files ?? [])]));
  input.click();
}
