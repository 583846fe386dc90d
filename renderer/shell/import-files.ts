/** Files dropped or picked: models and architectures become documents, run results become runs, projects are opened. */
import { bytesSource } from '#core/technique/importer.ts';
import { techniques } from '#core/technique/registry.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { counted } from '../widgets/format.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useWorkspace } from './workspace-store.ts';

/** File name endings the studio takes: its own and those of every importer, what is dropped most often first. */
export const IMPORTED: readonly string[] = [
  ...new Set([
    '.onnx',
    '.weft',
    '.weftbundle',
    '.json',
    ...techniques.importer.flatMap(({ extensions }) => extensions),
  ]),
];

export async function importFiles(files: readonly File[]): Promise<void> {
  const project = useProject();
  const workspace = useWorkspace();
  const notices = useNotices();
  for (const file of files) {
    const name = file.name.toLowerCase();
    if (!IMPORTED.some((extension) => name.endsWith(extension))) {
      notices.tell('import.unknown', `${file.name} cannot be opened; these can: ${IMPORTED.join(', ')}`);
      continue;
    }
    const foreign = await refusal(file, project.view !== null);
    if (foreign !== null) {
      notices.tell('import.unknown', foreign);
      continue;
    }
    if (isProject(name)) {
      notices.announce(`Opening ${file.name}`);
      await project.importBundle(file);
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

/** A whole project: it is opened in place of the one there is, as a copy of its own. */
function isProject(name: string): boolean {
  return /\.weft(bundle)?$/.test(name);
}

const HEAD_BYTES = 4096;

/** The head is enough to tell a run from a document. */
async function isRun(file: File): Promise<boolean> {
  return /"format"\s*:\s*"weft-run\//.test(await file.slice(0, HEAD_BYTES).text());
}

/** Up to here a file is read before a project is made for it. */
const READ_FIRST_BYTES = 2 ** 20;

/** Why no importer takes the file; null where one does, or where it is the studio's own. */
async function refusal(file: File, hasProject: boolean): Promise<string | null> {
  if (/\.(weft|weftbundle|json)$/i.test(file.name)) return null;
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const importer = techniques.importer.find((each) => each.match(file.name, head));
  if (!importer)
    return `${file.name} is in no format Weft knows: ${techniques.importer.map(({ manifest }) => manifest.title).join(', ')}`;
  if (hasProject || file.size > READ_FIRST_BYTES) return null;
  const opened = importer.open(bytesSource(new Uint8Array(await file.arrayBuffer())), {
    document: 'tried',
    file: file.name,
  });
  return opened.ok ? null : opened.error.message;
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
