/** What the commands read: models (.onnx, document JSON, project file, project folder) and architectures. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { PRESETS, presetById } from '#core/architecture/presets.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type Document, type DocumentFile, fromFile, KIND_WORDS } from '#core/document/document.ts';
import { parseRun } from '#core/report/parse.ts';
import type { RunResult } from '#core/run/result.ts';
import { fileProblem } from '#projects/atomic-file.ts';
import { openProject, PROJECT_EXTENSION } from '#projects/project.ts';
import { isTextProject, loadTextProject, readDocumentFile } from '#projects/text.ts';
import { importFile, type Shapes } from '../files/import-file.ts';
import { type OptionValues, UsageError } from './command.ts';

export interface LoadedModel {
  readonly model: Document;
  /** The architecture beside it, when the source is a project. */
  readonly architecture: Document | null;
  /** What the importer said; never errors. */
  readonly problems: readonly Problem[];
}

export const SHAPE_OPTION = {
  type: 'string',
  multiple: true,
  value: 'NAME=1,3,224,224',
  help: 'Shape of a graph input whose dimensions the file leaves open; may be given several times.',
} as const;

export const VALUE_OPTION = {
  type: 'string',
  multiple: true,
  value: 'NAME=16000',
  help: 'Value of a small graph input, which becomes a constant; decides what depends on it. May be given several times.',
} as const;

export interface ImportChoices {
  readonly shapes: Shapes;
  readonly values: Shapes;
}

export function choicesOf(options: OptionValues): ImportChoices {
  return {
    shapes: listsOf(options, 'shape', SHAPE_OPTION.value),
    values: listsOf(options, 'value', VALUE_OPTION.value),
  };
}

function listsOf(options: OptionValues, option: string, form: string): Shapes {
  const lists: Record<string, number[]> = {};
  const given = options[option];
  for (const text of Array.isArray(given) ? given : []) {
    const [, name, list] = /^(.+)=(\d+(?:,\d+)*)$/.exec(String(text)) ?? [];
    if (name === undefined || list === undefined)
      throw new UsageError(`--${option} takes ${form}, not '${String(text)}'`);
    lists[name] = list.split(',').map(Number);
  }
  return lists;
}

export function loadModel(path: string, choices: ImportChoices): Result<LoadedModel, Problem> {
  const loaded = loadDocument(path, choices);
  if (!loaded.ok || loaded.value.model.kind === 'model') return loaded;
  return err(
    problem('file.wrong-kind', `${path} holds ${KIND_WORDS[loaded.value.model.kind]}, not a model`, {
      where: { file: path },
    }),
  );
}

/** Like `loadModel`, but a file of one document may hold an architecture; `model` is whichever it holds. */
export function loadDocument(path: string, { shapes, values }: ImportChoices): Result<LoadedModel, Problem> {
  if (!existsSync(path)) return err(problem('file.missing', `There is no file ${path}`, { where: { file: path } }));
  if (statSync(path).isDirectory()) return fromProject(path, folderDocuments(path));
  switch (extname(path).toLowerCase()) {
    case PROJECT_EXTENSION:
      return fromProject(path, projectDocuments(path));
    case '.json': {
      const file = readDocumentFile(path);
      return file.ok ? ok({ model: fromFile(file.value), architecture: null, problems: [] }) : file;
    }
    default: {
      const imported = importFile(path, basename(path), shapes, values);
      return imported.ok
        ? ok({ model: imported.value.document, architecture: null, problems: imported.value.problems })
        : imported;
    }
  }
}

/** A preset's id, an architecture document, a file an importer reads, or a project that holds one. */
export function loadArchitecture(name: string): Result<Document, Problem> {
  const preset = presetById(name);
  if (preset) return ok(preset.build('architecture'));
  if (!existsSync(name)) {
    return err(
      problem(
        'architecture.unknown',
        `${name} is neither a preset (${PRESETS.map(({ id }) => id).join(', ')}) nor a file`,
        { where: { file: name } },
      ),
    );
  }
  if (extname(name).toLowerCase() === '.json') {
    const file = readDocumentFile(name);
    if (!file.ok) return file;
    return file.value.kind === 'architecture'
      ? ok(fromFile(file.value))
      : err(
          problem('file.wrong-kind', `${name} holds ${KIND_WORDS[file.value.kind]}, not an architecture`, {
            where: { file: name },
          }),
        );
  }
  const isFolder = statSync(name).isDirectory();
  if (!isFolder && extname(name).toLowerCase() !== PROJECT_EXTENSION) {
    const imported = importFile(name, basename(name));
    if (!imported.ok) return imported;
    const { document } = imported.value;
    return document.kind === 'architecture'
      ? ok(document)
      : err(
          problem('file.wrong-kind', `${name} holds ${KIND_WORDS[document.kind]}, not an architecture`, {
            where: { file: name },
          }),
        );
  }
  const loaded = fromProject(name, isFolder ? folderDocuments(name) : projectDocuments(name));
  if (!loaded.ok) return loaded;
  return loaded.value.architecture
    ? ok(loaded.value.architecture)
    : err(problem('project.no-architecture', `${name} holds no architecture`, { where: { file: name } }));
}

/** Every document of a project folder, a project file, or a file of one document. */
export function loadFiles(path: string): Result<readonly DocumentFile[], Problem> {
  if (!existsSync(path)) return err(problem('file.missing', `There is no file ${path}`, { where: { file: path } }));
  if (statSync(path).isDirectory()) return folderDocuments(path);
  if (extname(path).toLowerCase() === PROJECT_EXTENSION) return projectDocuments(path);
  const file = readDocumentFile(path);
  return file.ok ? ok([file.value]) : file;
}

function folderDocuments(path: string): Result<readonly DocumentFile[], Problem> {
  if (!isTextProject(path))
    return err(problem('project.not-one', `${path} is a folder without project.json`, { where: { file: path } }));
  const project = loadTextProject(path);
  return project.ok ? ok(project.value.documents) : project;
}

function projectDocuments(path: string): Result<readonly DocumentFile[], Problem> {
  const project = openProject(path);
  if (!project.ok) return project;
  try {
    const files: DocumentFile[] = [];
    for (const { id } of project.value.view().documents) {
      const view = project.value.documents.get(id);
      if (!view.ok) return view;
      files.push(view.value.file);
    }
    return ok(files);
  } finally {
    project.value.close();
  }
}

/** The first model and the first architecture of a project. */
function fromProject(path: string, documents: Result<readonly DocumentFile[], Problem>): Result<LoadedModel, Problem> {
  if (!documents.ok) return documents;
  const model = documents.value.find(({ kind }) => kind === 'model');
  const architecture = documents.value.find(({ kind }) => kind === 'architecture');
  if (!model) return err(problem('project.no-model', `${path} holds no model`, { where: { file: path } }));
  return ok({ model: fromFile(model), architecture: architecture ? fromFile(architecture) : null, problems: [] });
}

/** A run file, checked; the problem names the file. */
export function loadRun(file: string): Result<RunResult, Problem> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return err(fileProblem('file.unreadable', `${file} cannot be read`, file, cause));
  }
  const run = parseRun(text);
  return run.ok ? run : err({ ...run.error, where: { ...run.error.where, file } });
}
